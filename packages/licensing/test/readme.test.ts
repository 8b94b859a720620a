/** The example in the README prints what it says. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { assignSlots, entitlements } from '../src/index.ts';

test('the example works as printed', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  const [, expected] = /```text\n([\s\S]*?)```/.exec(readme) ?? [];
  const printed: string[] = [];
  const body = code!.replace(/^import .*$/gm, '').replaceAll('console.log', 'print');
  new Function('assignSlots', 'entitlements', 'print', body)(assignSlots, entitlements, (...parts: unknown[]) =>
    printed.push(parts.join(' ')),
  );
  expect(`${printed.join('\n')}\n`).toBe(expected);
});
