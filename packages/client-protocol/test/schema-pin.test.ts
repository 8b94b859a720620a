/** A schema of the channel must not change without a step of its version. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PROTOCOL_VERSION, protocolSchemas, SUBPROTOCOL } from '../src/index.ts';

interface Pin {
  readonly version: string;
  readonly sha256: string;
}

const PINS = JSON.parse(readFileSync(new URL('../schema-pin.json', import.meta.url), 'utf8')) as Pin[];

test('the schemas are those pinned for this version (changed them? step PROTOCOL_VERSION, add a line to schema-pin.json)', () => {
  const sha256 = createHash('sha256').update(JSON.stringify(protocolSchemas())).digest('hex');
  expect(PINS.at(-1)).toEqual({ version: PROTOCOL_VERSION, sha256 });
});

test('every version is pinned once, in ascending order, under the subprotocol of its major number', () => {
  const order = PINS.map(({ version }) => version.split('.').map(Number)).map(
    ([major, minor]) => major! * 1000 + minor!,
  );
  expect(order).toEqual([...new Set(order)].toSorted((a, b) => a - b));
  expect(SUBPROTOCOL).toBe(`calendar.v${PROTOCOL_VERSION.split('.')[0]}`);
});
