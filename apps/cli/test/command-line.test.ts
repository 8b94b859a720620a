/** How tc_calendar is called: the guide's flags, the commands, help, mistakes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { firstLook, passwordsOf } from '../src/program/command-line.ts';
import { COMMANDS } from '../src/program/table.ts';
import { commitAt } from '../src/program/version.ts';
import { command } from './support/recorded-io.ts';

describe('the command line', () => {
  it.each([
    [
      ['--register', 'KEY'],
      ['register', 'KEY'],
    ],
    [['--register=KEY'], ['register', 'KEY']],
    [
      ['--root', '/x', '--register', 'KEY'],
      ['register', '--root', '/x', 'KEY'],
    ],
    [
      ['--offline_reg', 'a.crg', '--config', 'c'],
      ['offline-reg', 'a.crg', '--config', 'c'],
    ],
    [
      ['--hash_pass', 'a', 'b'],
      ['hash-pass', 'a', 'b'],
    ],
    [
      ['--root', '--register', 'status'],
      ['--root', '--register', 'status'],
    ],
    [
      ['status', '--', '--register'],
      ['status', '--', '--register'],
    ],
  ])('%j means %j', (argv, modern) => {
    expect(firstLook(argv).argv).toEqual(modern);
  });

  it.each([
    [
      ['hash-pass', 'a', 'b'],
      ['a', 'b'],
    ],
    [['hash-pass', '--root', '/x', 'a'], ['a']],
    [['hash-pass', '--root=/x', 'a'], ['a']],
    [['hash-pass', '-a'], ['-a']],
    [
      ['hash-pass', '--', '--root', '--x'],
      ['--root', '--x'],
    ],
  ])('the passwords of %j are %j', (argv, passwords) => {
    expect(passwordsOf(argv)).toEqual({ ok: true, passwords });
  });

  it('says version and commit, wherever the option stands', async () => {
    for (const argv of [['--version'], ['-V'], ['status', '--version']]) {
      const { code, out } = await command(argv);
      expect([code, out]).toEqual([
        0,
        expect.stringMatching(/^tc_calendar \d+\.\d+\.\d+ \((?:[0-9a-f]{12}|unknown)\)$/),
      ]);
    }
  });

  it('finds the commit in a clone and in a further working tree of it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tc-git-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const put = (name: string, text: string) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    };
    put('clone/.git/HEAD', 'ref: refs/heads/main\n');
    put('clone/.git/refs/heads/main', 'aaaa\n');
    put('clone/.git/packed-refs', 'bbbb refs/heads/other\n');
    put('clone/.git/worktrees/tree/HEAD', 'ref: refs/heads/other\n');
    put('clone/.git/worktrees/tree/commondir', '../..\n');
    put('tree/.git', 'gitdir: ../clone/.git/worktrees/tree\n');
    expect(commitAt(join(folder, 'clone/.git'))).toBe('aaaa');
    expect(commitAt(join(folder, 'tree/.git'))).toBe('bbbb');
    expect(commitAt(join(folder, 'nowhere'))).toBeUndefined();
  });

  it.each([
    ['ru_RU.UTF-8', 'зарегистрировать продукт по ключу'],
    ['en_US.UTF-8', 'register the product with its key'],
    ['de_DE.UTF-8', 'register the product with its key'],
  ])('gives help in the language of %s', async (LANG, text) => {
    const { code, out } = await command(['--help'], { env: { LANG } });
    expect(code).toBe(0);
    expect(out).toContain(text);
  });

  it('shows what each option and argument takes, in the words of the guide too', async () => {
    const help = async (...argv: string[]) => (await command([...argv, '--help'])).out;
    expect(await help()).toMatch(/^ {2}tc_calendar mailbox show ADDRESS +everything known of one mailbox$/m);
    expect(await help('--register')).toContain('tc_calendar --register KEY [OPTIONS]');
    expect(await help('doctor')).toMatch(/^ {2}--mailbox M +check with this mailbox/m);
    expect(await help('mailbox')).not.toContain('tc_calendar doctor');
    expect(await help('--root', '/x', 'job', 'retry')).toMatch(/^ {2}ID +id from job list$/m);
    for (const line of (await help('hash-pass')).split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('prefers LC_ALL to LANG', async () => {
    expect((await command(['--help'], { env: { LC_ALL: 'ru_RU.UTF-8' } })).out).toContain('Использование');
  });

  it.each(COMMANDS.filter(({ words }) => words.length > 0).map(({ words }) => [words.join(' '), words] as const))(
    'explains %s with its exit codes in both languages',
    async (_, words) => {
      for (const LANG of ['en_US.UTF-8', 'ru_RU.UTF-8']) {
        const { code, out } = await command([...words, '--help'], { env: { LANG } });
        expect(code).toBe(0);
        expect(out).toMatch(/Exit codes:|Коды завершения:/);
      }
    },
  );

  it.each([
    [['bogus'], 'bogus'],
    [['status', '--bogus'], 'bogus'],
    [['register'], 'key'],
    [['--root'], 'root'],
    [['mailbox'], 'mailbox: name one of its commands: list, show, resync, pause, resume'],
    [['mailbox', 'frob'], 'mailbox has no command frob; its commands: list, show, resync, pause, resume'],
    [['statsu'], 'there is no command statsu; did you mean status?'],
    [['status', '--jsn'], 'there is no option --jsn here; did you mean --json? Help: tc_calendar status --help'],
    [['--registr', 'KEY'], 'there is no option --registr here; did you mean --register?'],
    [['--register'], 'KEY is missing (registration key): tc_calendar --register KEY'],
    [['restore'], 'FILE is missing (file of backup): tc_calendar restore FILE'],
    [['trace', 'a', 'b'], '"b" is one word too many: tc_calendar trace UID'],
    [['doctor', '--mailbox'], '--mailbox needs a value: --mailbox M'],
    [['--root', '--register', 'KEY'], '--root needs a value: --root DIR'],
    [['completion', 'tcsh'], 'tcsh'],
    [['explain'], 'say of what'],
    [['--hash_pass', '--bogus'], '--bogus'],
  ])('refuses %j with 64 and names the mistake', async (argv, named) => {
    const { code, out, err } = await command(argv);
    expect([code, out]).toEqual([64, '']);
    expect(err).toMatch(/^tc_calendar: /);
    expect(err).toContain(named);
    expect(err.split('\n')).toHaveLength(1);
    const russian = await command(argv, { env: { LANG: 'ru_RU.UTF-8' } });
    expect(russian.err, 'in Russian').toMatch(/^tc_calendar: .*[а-яё]/);
  });
});
