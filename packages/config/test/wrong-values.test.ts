/** Every key of config.json wrong in turn: one clear line, with the exact sentence, in both languages. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { parseConfig } from '../src/index.ts';
import { configFile } from '../src/schema/config-file.ts';
import { elementOf, fieldsOf, isRequired, unwrap } from '../src/schema-walk.ts';
import { type Path, wholeConfig, withValue } from './sample-files.ts';

interface Case {
  readonly path: Path;
  /** absent: the key is left out */
  readonly value?: unknown;
  readonly en: string;
  readonly ru: string;
}

const CASES = JSON.parse(readFileSync(new URL('cases/wrong-values.json', import.meta.url), 'utf8')) as Case[];

function errorsOf(config: unknown, language: 'en' | 'ru') {
  const result = parseConfig(JSON.stringify(config, null, 2), { file: '/config.json', language });
  return { ok: result.ok, errors: result.findings.filter((finding) => finding.level === 'error') };
}

function keyOf(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
    .join('')
    .slice(1);
}

describe('a key with a wrong value', () => {
  test('the configuration that is changed in one place at a time is valid itself', () => {
    expect(errorsOf(wholeConfig(), 'en')).toEqual({ ok: true, errors: [] });
  });

  test.each(CASES)('$path = $value is refused with its own sentence', ({ path, value, en, ru }) => {
    const config = withValue(wholeConfig(), path, value);
    for (const [language, sentence] of [
      ['en', en],
      ['ru', ru],
    ] as const) {
      const { ok, errors } = errorsOf(config, language);
      expect(ok).toBe(false);
      expect(errors.map(({ key, message }) => ({ key, message }))).toEqual([{ key: keyOf(path), message: sentence }]);
    }
  });

  test('the line and column are those of the value, or of the object a key is missing from', () => {
    for (const { path, value } of CASES) {
      const text = JSON.stringify(withValue(wholeConfig(), path, value), null, 2);
      const [finding] = parseConfig(text, { file: '/config.json' }).findings.filter((one) => one.level === 'error');
      const line = text.split('\n')[finding!.line - 1]!;
      const there = line.slice(finding!.column - 1);
      if (value === undefined) expect(there.startsWith('{')).toBe(true);
      else expect(there.startsWith(JSON.stringify(value)), `${keyOf(path)}: ${there}`).toBe(true);
    }
  });

  test('the table covers every key the schema knows, and the absence of every required one', () => {
    const [keys, required] = [new Set<string>(), new Set<string>()];
    const visit = (schema: z.ZodType, path: Path): void => {
      keys.add(keyOf(path));
      if (isRequired(schema) && typeof path.at(-1) === 'string') required.add(keyOf(path));
      for (const [name, field] of Object.entries(fieldsOf(schema) ?? {})) visit(field, [...path, name]);
      const element = elementOf(schema);
      if (element) visit(element, [...path, 0]);
    };
    for (const [name, field] of Object.entries(fieldsOf(configFile) ?? {})) visit(field, [name]);
    expect(new Set(CASES.map(({ path }) => keyOf(path)))).toEqual(keys);
    expect(new Set(CASES.filter((one) => !('value' in one)).map(({ path }) => keyOf(path)))).toEqual(required);
  });
});

describe('numeric ranges', () => {
  const numbers = CASES.filter(({ value, en }) => value === 'many' && en.includes('a whole number from'));

  test.each(numbers)('$path takes its smallest and largest value, and nothing beyond', ({ path, en }) => {
    const [, smallest, largest] = /from (\d+) to (\d+)/.exec(en) ?? [];
    const isTaken = (value: number): boolean => {
      const { errors } = errorsOf(withValue(wholeConfig(), path, value), 'en');
      return errors.length === 0;
    };
    expect([Number(smallest), Number(largest)].map(isTaken)).toEqual([true, true]);
    expect([Number(smallest) - 1, Number(largest) + 1].map(isTaken)).toEqual([false, false]);
  });

  test('every number of the schema is in the list above', () => {
    const found: string[] = [];
    const visit = (schema: z.ZodType, path: Path): void => {
      if (unwrap(schema).def.type === 'number') found.push(keyOf(path));
      for (const [name, field] of Object.entries(fieldsOf(schema) ?? {})) visit(field, [...path, name]);
      const element = elementOf(schema);
      if (element) visit(element, [...path, 0]);
    };
    for (const [name, field] of Object.entries(fieldsOf(configFile) ?? {})) visit(field, [name]);
    expect(numbers.map(({ path }) => keyOf(path))).toEqual(found);
  });
});
