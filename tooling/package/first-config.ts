/**
 * config.json of a first installation: the generated sample with the database section switched on. It is marked as
 * unfinished, and its placeholders keep the service from starting until an administrator has been here.
 */
const MARK = '// written by prepare-database';

const HEAD = {
  en: `// NOT READY YET: replace server.example.com, exchange.example.com, the users and every "dGNf…", then remove this line.`,
  ru: `// ЕЩЁ НЕ ГОТОВО: замените server.example.com, exchange.example.com, ящики и все "dGNf…", затем удалите эту строку.`,
} as const;

/** Throws when the sample no longer has the section in the shape known here. */
export function firstConfig(sample: string, language: 'en' | 'ru'): string {
  const lines = sample.split('\n');
  const from = lines.findIndex((line) => /^\s*\/\/"dbConnectionConfig": \{$/.test(line));
  const length = lines.slice(from).findIndex((line) => /^\s*\/\/\},?$/.test(line));
  if (from < 0 || length < 0) throw new Error('the sample has no section dbConnectionConfig');
  const section = lines.slice(from, from + length + 1).map((line) => switchOn(line.replace('//', '')));
  for (const key of ['port', 'password']) {
    if (!section.some((line) => line.trimStart().startsWith(`"${key}":`) && line.endsWith(MARK)))
      throw new Error(`the sample's dbConnectionConfig has no ${key}`);
  }
  return [HEAD[language], ...lines.slice(0, from), ...section, ...lines.slice(from + length + 1)].join('\n');
}

/** host, port, user, password and database take part; the rest stays a comment with its default. */
function switchOn(line: string): string {
  const key = /^\s*"(\w+)": /.exec(line)?.[1];
  if (key === 'port' || key === 'password') return `${line} ${MARK}`;
  if (key === undefined || ['dbConnectionConfig', 'host', 'user', 'database'].includes(key)) return line;
  return line.replace('"', '//"');
}
