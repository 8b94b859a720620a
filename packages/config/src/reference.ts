/** docs/reference/config.{en,ru}.md, written from the schema. */
import type { z } from 'zod';
import type { Language } from './language.ts';
import { configFile } from './schema/config-file.ts';
import { KEYS, type KeyInfo } from './schema/key.ts';
import { defaultOf, elementOf, fieldsOf, isRequired } from './schema-walk.ts';

const WORDS = {
  en: {
    title: 'Reference of config.json',
    intro: [
      'Generated from the schema of `@calendar-connector/config`; do not edit by hand.',
      'The file is JSON with comments and trailing commas. Relative paths count from its own folder.',
      'Origin: **guide** — a key of the original product under its own name; **ours** — an addition of this connector.',
      'Applies: **live** — a reload (SIGHUP) is enough; **restart** — the service must be restarted.',
    ],
    head: ['Key', 'Allowed', 'Default', 'Origin', 'Applies', 'Meaning'],
    required: '**required**',
    none: '—',
    origin: { guide: 'guide', ours: 'ours' },
    applies: { live: 'live', restart: 'restart' },
    secrets: [
      '## Secrets',
      'A key that holds a password accepts four forms:',
      '',
      '| Form | Example | Remark |',
      '|---|---|---|',
      '| encrypted | `dGNf…` | output of `tc_calendar --hash_pass`; opened with `secret.key`, so it is of use on this machine only |',
      '| file | `file:exchange.password` | one line; refused when every user may read it; may itself hold an encrypted text |',
      '| systemd credential | `credential:exchange` | `LoadCredential=exchange:…` in the unit |',
      '| plain text | | works, with a warning. A plain password that begins with `dGNf`, `file:` or `credential:` must be encrypted |',
      '',
      'The key itself is `etc/calendar/secret.key` (mode 0600) or the systemd credential `secret.key`.',
    ],
  },
  ru: {
    title: 'Справочник config.json',
    intro: [
      'Создан по схеме `@calendar-connector/config`; не правьте вручную.',
      'Файл — JSON с комментариями и запятыми в конце списков. Относительные пути считаются от его каталога.',
      'Происхождение: **руководство** — ключ исходного продукта под своим именем; **наш** — добавлен этим коннектором.',
      'Применение: **сразу** — достаточно перечитать (SIGHUP); **перезапуск** — нужен перезапуск службы.',
    ],
    head: ['Ключ', 'Допустимо', 'По умолчанию', 'Происхождение', 'Применение', 'Смысл'],
    required: '**обязателен**',
    none: '—',
    origin: { guide: 'руководство', ours: 'наш' },
    applies: { live: 'сразу', restart: 'перезапуск' },
    secrets: [
      '## Секреты',
      'Ключ с паролем принимает четыре вида записи:',
      '',
      '| Вид | Пример | Примечание |',
      '|---|---|---|',
      '| зашифрованный | `dGNf…` | вывод `tc_calendar --hash_pass`; открывается ключом `secret.key`, поэтому годен только на этой машине |',
      '| файл | `file:exchange.password` | одна строка; отвергается, если его может читать любой; внутри может быть зашифрованный текст |',
      '| учётные данные systemd | `credential:exchange` | `LoadCredential=exchange:…` в юните |',
      '| открытый текст | | работает, с предупреждением. Пароль, начинающийся с `dGNf`, `file:` или `credential:`, нужно зашифровать |',
      '',
      'Сам ключ — `etc/calendar/secret.key` (права 0600) или учётные данные systemd `secret.key`.',
    ],
  },
} as const;

/** The reference page in one language, Markdown. */
export function configReference(language: Language): string {
  const words = WORDS[language];
  const head = [`| ${words.head.join(' | ')} |`, `|${words.head.map(() => '---').join('|')}|`];
  const rows = rowsOf(fieldsOf(configFile) ?? {}, '', language);
  return `${[`# ${words.title}`, '', ...words.intro.map((line) => `${line}  `), '', ...head, ...rows, '', ...words.secrets].join('\n')}\n`;
}

function rowsOf(fields: Readonly<Record<string, z.ZodType>>, prefix: string, language: Language): string[] {
  return Object.entries(fields).flatMap(([name, schema]) => {
    const info = KEYS.get(schema);
    const key = `${prefix}${name}`;
    const element = elementOf(schema);
    const inner = fieldsOf(schema) ?? (element && fieldsOf(element));
    const below = inner ? rowsOf(inner, element ? `${key}[].` : `${key}.`, language) : [];
    return info ? [row(key, schema, info, language), ...below] : below;
  });
}

function row(key: string, schema: z.ZodType, info: KeyInfo, language: Language): string {
  const words = WORDS[language];
  const standard = isRequired(schema) ? words.required : defaultText(schema, words.none);
  const cells = [
    `\`${key}\``,
    info.allowed[language],
    standard,
    words.origin[info.origin],
    words.applies[info.applies],
    info.about[language],
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function defaultText(schema: z.ZodType, none: string): string {
  const standard = defaultOf(schema);
  return standard ? `\`${JSON.stringify(standard.value)}\`` : none;
}
