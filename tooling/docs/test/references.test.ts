/** Generated pages are never older than the code, and what they show is valid. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asyncApiDocument } from '../asyncapi.ts';
import { typeText } from '../json-schema-text.ts';
import { references } from '../references.ts';
import { findStalePages, REFERENCE_FOLDER, writePages } from '../run.ts';

test('the committed references are those of the code (pnpm run docs)', () => {
  expect(findStalePages(REFERENCE_FOLDER)).toEqual([]);
});

test('a page that differs by one letter, or is missing, is stale, and is written anew', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tc-docs-'));
  try {
    expect(writePages(folder)).toEqual(references().map(({ name }) => name));
    expect(findStalePages(folder)).toEqual([]);
    writeFileSync(
      join(folder, 'websocket.md'),
      readFileSync(join(folder, 'websocket.md'), 'utf8').replace('The', 'the'),
    );
    rmSync(join(folder, 'config.en.md'));
    expect(findStalePages(folder)).toEqual(['config.en.md', 'websocket.md']);
    expect(writePages(folder)).toEqual(['config.en.md', 'websocket.md']);
    expect(findStalePages(folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('every reference inside the AsyncAPI document leads somewhere', () => {
  const document = asyncApiDocument();
  const targets = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, target]) => target!);
  expect(targets.length).toBeGreaterThan(50);
  for (const target of targets) {
    const found = target
      .split('/')
      .reduce<unknown>((inner, step) => (inner as Record<string, unknown> | undefined)?.[step], document);
    expect(found, target).toBeTypeOf('object');
  }
});

test.each([
  [{ type: 'string', minLength: 1, maxLength: 255 }, 'text, 1 to 255 characters'],
  [{ type: 'string', maxLength: 9, default: '' }, 'text, up to 9 characters; default ""'],
  [{ type: 'string', format: 'date-time' }, 'time with offset (RFC 3339)'],
  [{ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }, 'whole number, 0 or more'],
  [{ type: 'integer', minimum: 1, maximum: 31 }, 'whole number, 1 to 31'],
  [{ enum: ['this', 'series'], default: 'this' }, '"this", "series"; default "this"'],
  [
    { anyOf: [{ type: 'object', properties: { type: { const: 'NoEnd' }, startDate: {} } }, { type: 'null' }] },
    '{ type: "NoEnd", startDate } or null',
  ],
  [{ type: 'array', items: { type: 'object' }, maxItems: 1000 }, 'list of objects, at most 1000'],
])('%j reads as %s', (schema, words) => {
  expect(typeText(schema)).toBe(words);
});
