/** The sample config.json, written from the schema: every key with its default, what it is for, commented out where it is optional. */
import type { z } from 'zod';
import type { Language } from './language.ts';
import { configFile } from './schema/config-file.ts';
import { KEYS } from './schema/key.ts';
import { defaultOf, elementOf, fieldsOf } from './schema-walk.ts';

const HEAD = {
  en: [
    'Configuration of TrueConf Calendar Connector: JSON with comments and trailing commas.',
    'Check it with: tc_calendar config check. Apply changes with: systemctl reload trueconf-calendar.service',
    'Lines that begin with // and a key are optional; the value shown is an example or the default.',
  ],
  ru: [
    'Конфигурация TrueConf Calendar Connector: JSON с комментариями и запятыми в конце списков.',
    'Проверить: tc_calendar config check. Применить: systemctl reload trueconf-calendar.service',
    'Строки, где после // стоит ключ, необязательны; показан пример или значение по умолчанию.',
  ],
};

const INDENT = '  ';

/** Keys shown in force; all others appear commented out. */
const IN_FORCE = new Set([
  'wsPort',
  'launchConference',
  'syncConferenceParticipants',
  'cache',
  'productWhitelist',
  'calendarProviders',
  'trueConfServers',
]);

/** The sample in one language. It loads without an error as it stands (with placeholders for secrets). */
export function configSample(language: Language): string {
  const lines = HEAD[language].map((line) => `// ${line}`);
  const fields = Object.entries(fieldsOf(configFile) ?? {});
  const body = fields.flatMap(([name, schema]) => {
    const key = keyLines(name, schema, language, INDENT, IN_FORCE.has(name));
    return ['', ...key];
  });
  return `${[...lines, '{', ...body.slice(1), '}'].join('\n')}\n`;
}

/** A key with its comment above it; commented out unless `inForce`. */
function keyLines(
  name: string,
  schema: z.ZodType,
  language: Language,
  indent: string,
  inForce: boolean,
  whole = !inForce,
): string[] {
  const about = `// ${KEYS.get(schema)?.about[language] ?? ''}`;
  const [first = '', ...rest] = valueLines(schema, language, whole);
  const written = [`"${name}": ${first}`, ...rest];
  written[written.length - 1] += ',';
  const lines = [about, ...(inForce ? written : written.map((line) => `//${line}`))];
  return lines.map((line) => `${indent}${line}`);
}

/** Lines of a value as they stand at the left margin. */
function valueLines(schema: z.ZodType, language: Language, whole: boolean): string[] {
  const fields = fieldsOf(schema);
  if (fields) return objectLines(fields, language, whole);
  const element = elementOf(schema);
  const inner = element && fieldsOf(element);
  if (inner) {
    const [open = '{', ...rest] = objectLines(inner, language, whole);
    return [`[${open}`, ...rest.slice(0, -1), `${rest.at(-1)}]`];
  }
  return [JSON.stringify(KEYS.get(schema)?.example ?? defaultOf(schema)?.value)];
}

/** `whole`: the section is commented out as a whole, so nothing in it is commented out a second time. */
function objectLines(fields: Readonly<Record<string, z.ZodType>>, language: Language, whole: boolean): string[] {
  const lines = Object.entries(fields).flatMap(([name, schema]) =>
    whole
      ? keyLines(name, schema, language, INDENT, true, true)
      : keyLines(name, schema, language, INDENT, isShown(schema)),
  );
  return ['{', ...lines, '}'];
}

/** Inside a section in force: the guide's own keys and whatever is required. */
function isShown(schema: z.ZodType): boolean {
  const info = KEYS.get(schema);
  return info?.origin === 'guide' || (!schema.safeParse(undefined).success && info !== undefined);
}
