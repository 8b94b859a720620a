/** Runs the README's example as it is printed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(path.join(import.meta.dirname, '.readme-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the example of README.md', () => {
  it('syncs two calendars in memory in about 40 lines', async () => {
    const readme = readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8');
    const code = /```ts\n([\s\S]+?)```/.exec(readme)?.[1] ?? '';
    expect(code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(45);
    const file = path.join(folder, 'example.ts');
    writeFileSync(file, code.replace("'./appointment.ts'", "'../appointment.ts'"));
    const example = (await import(file)) as { readonly topics: readonly string[] };
    expect(example.topics).toEqual(['New plan']);
  });
});
