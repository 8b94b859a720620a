/** Every command in the administrator's guide and the runbooks exists, with its options; the harmless ones run. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Io, run } from '@calendar-connector/cli';
import { parseConfig } from '@calendar-connector/config';
import { describe, expect, test } from 'vitest';
import { commandsIn } from './support/commands.ts';

const DOCS = path.resolve(import.meta.dirname, '../../../docs');
const FOLDERS = ['admin/en', 'admin/ru', 'runbooks/en', 'runbooks/ru'];
const pages = FOLDERS.flatMap((folder) => readdirSync(path.join(DOCS, folder)).map((name) => `${folder}/${name}`));
const UNIT = 'trueconf-calendar.service';
/** What the guide may use beside the product: word for word, or up to the package's version. */
const FOREIGN = [
  /^apt install postgresql$/,
  /^apt-get install \.\/trueconf-calendar-\d+\.\d+\.\d+-1\.x86_64\.rpm$/,
  /^(apt|dnf) install \.\/trueconf-calendar[_-]\d+\.\d+\.\d+(_amd64\.deb|-1\.x86_64\.rpm)$/,
  /^apt (remove|purge) trueconf-calendar$/,
  new RegExp(`^systemctl (start|stop|status|reload|reset-failed) ${UNIT.replace('.', '\\.')}$`),
  /^systemctl status postgresql@15-trueconf_calendar\.service$/,
  new RegExp(`^journalctl -u ${UNIT.replace('.', '\\.')}$`),
  /^curl --fail http:\/\/127\.0\.0\.1:4316\/(livez|readyz|metrics)$/,
  /^man tc_calendar(\.json)?$/,
  /^runuser -u postgres -- dropdb --port 5441 calendar$/,
  /^pg_lsclusters$/,
  /^df -h \/var\/lib\/postgresql$/,
  /^\/opt\/trueconf\/calendar\/libexec\/prepare-database --config \/opt\/trueconf\/calendar\/etc\/calendar\/config\.json$/,
];

function quietIo(lines: readonly string[] = []): Io & { readonly said: string[] } {
  const said: string[] = [];
  return {
    said,
    env: { LANG: 'en_US.UTF-8' },
    out: (text) => void said.push(text),
    err: (text) => void said.push(text),
    isInputTerminal: false,
    async *readLines() {
      yield* lines;
    },
    askSecret: async () => undefined,
    now: Date.now,
    signal: new AbortController().signal,
  };
}

/** The guide's old flags are commands with their argument; help is asked of the command's own name. */
const FLAGS: Readonly<Record<string, string>> = {
  '--register': 'register',
  '--offline_reg': 'offline-reg',
  '--hash_pass': 'hash-pass',
};

/** Exit code and text of the command's own help, and the options it names. */
async function helpOf(words: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const io = quietIo();
  const code = await run([...words, '--help'], io);
  return { code, text: io.said.join('\n') };
}

const HARMLESS: Readonly<
  Record<string, { readonly code: number; readonly says: RegExp; readonly input?: readonly string[] }>
> = {
  '--version': { code: 0, says: /^tc_calendar \d+\.\d+\.\d+ \(/ },
  '--help': { code: 0, says: /tc_calendar mailbox/ },
  '--hash_pass': { code: 0, says: /^Your encrypted data: dGNf/, input: ['secret'] },
  'completion bash': { code: 0, says: /complete/ },
  'config check': { code: 78, says: /config\.json:1:1: error/ },
  'config show --redact': { code: 78, says: /config\.json/ },
  status: { code: 78, says: /config\.json/ },
  'migrate --plan': { code: 78, says: /config\.json/ },
};

describe.each(pages)('%s', (page) => {
  const text = readFileSync(path.join(DOCS, page), 'utf8');
  const commands = commandsIn(text);

  test('each command exists', async () => {
    for (const command of commands) {
      const [program = '', ...words] = command.split(' ');
      if (!program.endsWith('tc_calendar')) {
        expect(
          FOREIGN.some((known) => known.test(command)),
          command,
        ).toBe(true);
        continue;
      }
      if (words[0] === '--version' || words[0] === '--help') continue;
      const plain = words.map((word) => FLAGS[word] ?? word);
      const name = plain.slice(0, ['config', 'mailbox', 'anomaly', 'job'].includes(plain[0]!) ? 2 : 1);
      const { code, text: help } = await helpOf(name);
      expect(code, `${command}: ${help}`).toBe(0);
      expect(help, command).toContain(`tc_calendar ${name.join(' ')}`);
      for (const option of plain.filter((word) => word.startsWith('--'))) expect(help, command).toContain(option);
    }
  });

  test('links lead somewhere', () => {
    for (const [, target] of text.matchAll(/\]\(([^)#]+)[^)]*\)/g)) {
      expect(existsSync(path.resolve(DOCS, path.dirname(page), target!)), target).toBe(true);
    }
  });
});

test.each(Object.entries(HARMLESS))('tc_calendar %s runs as the guide says', async (line, { code, says, input }) => {
  const root = mkdtempSync(path.join(tmpdir(), 'tc-guide-'));
  try {
    const io = quietIo(input);
    const words = line.split(' ');
    expect(await run([...words, ...(line === '--version' || line === '--help' ? [] : ['--root', root])], io)).toBe(
      code,
    );
    expect(io.said.join('\n')).toMatch(says);
  } finally {
    rmSync(root, { recursive: true });
  }
});

/** What a reader puts together from chapter 3, comments and all. */
function configurationOf(language: string): string {
  const page = readFileSync(path.join(DOCS, 'admin', language, '3-configuration.md'), 'utf8');
  return `{${[...page.matchAll(/```jsonc\n([\s\S]*?)```/g)].map(([, block]) => block).join('')}}`;
}

test.each(['en', 'ru'])('the pieces of chapter 3 (%s) are a whole configuration but for the passwords', (language) => {
  const { findings } = parseConfig(configurationOf(language), { file: '/config.json' });
  expect(findings.map(({ level, key }) => `${level} ${key}`)).toEqual([
    'error dbConnectionConfig.password',
    'error trueConfServers[0].clientSecret',
    'error calendarProviders[0].credentials[0].password',
  ]);
  for (const { message } of findings) expect(message).toContain('tc_calendar --hash_pass');
});

test('every key of the original guide is explained in chapter 3', () => {
  const keys = 'wsPort dbConnectionConfig launchConference syncConferenceParticipants autoSync backward forward tcs'
    .split(' ')
    .concat('host path autodiscoverPath port type credentials users'.split(' '));
  for (const language of ['en', 'ru']) {
    const page = readFileSync(path.join(DOCS, 'admin', language, '3-configuration.md'), 'utf8');
    for (const key of keys) expect(page, key).toMatch(new RegExp(`^- .*\`(\\w+\\.)*${key}\``, 'm'));
  }
});

test('the two languages have the same chapters with the same commands', () => {
  for (const book of ['admin', 'runbooks']) {
    const [en, ru] = ['en', 'ru'].map((language) => readdirSync(path.join(DOCS, book, language)));
    expect(ru, book).toEqual(en);
    for (const name of en ?? []) {
      const [english, russian] = ['en', 'ru'].map((language) =>
        commandsIn(readFileSync(path.join(DOCS, book, language, name), 'utf8')),
      );
      expect(russian, name).toEqual(english);
    }
  }
});

test('a command or an option that does not exist would be noticed', async () => {
  expect((await helpOf(['nonsense'])).text).not.toContain('tc_calendar nonsense');
  expect((await helpOf(['mailbox', 'explode'])).text).not.toContain('tc_calendar mailbox explode');
});
