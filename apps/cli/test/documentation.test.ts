/** What is generated from the command table: completion scripts and manual pages. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { manualFiles } from '../src/docs/manual-files.ts';
import { COMMANDS } from '../src/program/table.ts';
import { command } from './support/recorded-io.ts';

/** What bash would offer for a line, by running the real script. */
function complete(script: string, line: string): string[] {
  const words = line.split(' ');
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const program = `${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _tc_calendar; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', program], { encoding: 'utf8' }).trim().split('\n');
}

/** The script in a file: not every shell reads one from its input. */
function stored(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tc-completion-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'script'), script);
  return join(folder, 'script');
}

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('for %s knows every command and flag', async (shell) => {
    const { code, out } = await command(['completion', shell]);
    expect(code).toBe(0);
    for (const { words, flag } of COMMANDS) {
      for (const word of words) expect(out).toContain(word);
      if (flag !== undefined) expect(out).toContain(flag.slice(2));
    }
  });

  it.each([
    ['tc_calendar ma', ['mailbox']],
    ['tc_calendar mailbox re', ['resync', 'resume']],
    ['tc_calendar --reg', ['--register']],
    ['tc_calendar completion z', ['zsh']],
    ['tc_calendar doctor --ma', ['--mailbox']],
    ['tc_calendar mailbox list --st', ['--state']],
    ['tc_calendar --root /x mailbox re', ['resync', 'resume']],
    ['tc_calendar --config a doctor --mailbox b --w', ['--write']],
    ['tc_calendar doctor --mailbox ', ['']],
    ['tc_calendar --register K', ['']],
    ['tc_calendar --register KEY --r', ['--root']],
    ['tc_calendar --offline_reg package.js', ['package.json']],
    ['tc_calendar restore package.js', ['package.json']],
  ])('bash completes "%s" to %j', async (line, offered) => {
    const { out } = await command(['completion', 'bash']);
    expect(complete(out, line)).toEqual(offered);
  });

  it.each(['zsh', 'fish'])('the script for %s is accepted by that shell, where there is one', async (shell) => {
    const { out } = await command(['completion', shell]);
    const checked = spawnSync(shell, ['-n', stored(out)], { encoding: 'utf8' });
    if (checked.error) process.stderr.write(`SKIPPED: no ${shell} on this machine\n`);
    else expect(checked.stderr).toBe('');
  });

  it.each([
    ['tc_calendar ma', ['mailbox']],
    ['tc_calendar --root /x mailbox res', ['resume', 'resync']],
    ['tc_calendar --reg', ['--register']],
    ['tc_calendar --hash_pass do', []],
    ['tc_calendar mailbox list --st', ['--state']],
    ['tc_calendar completion z', ['zsh']],
    ['tc_calendar restore package.js', ['package.json']],
  ])('fish completes "%s" to %j, where there is one', async (line, offered) => {
    const { out } = await command(['completion', 'fish']);
    const asked = spawnSync('fish', ['-c', `source ${stored(out)}; complete -C '${line}'`], { encoding: 'utf8' });
    if (asked.error) process.stderr.write('SKIPPED: no fish on this machine\n');
    else
      expect(asked.stdout.split('\n').flatMap((one) => one.split('\t').slice(0, 1).filter(Boolean))).toEqual(offered);
  });
});

describe('completion in zsh', () => {
  /** The script itself, with zsh's helpers replaced by ones that print what they are given. */
  function offered(script: string, line: string): string[] | undefined {
    const words = line.split(' ').map((word) => `'${word}'`);
    const program = `words=(${words.join(' ')}); CURRENT=${words.length}
      _describe() { local -a all; all=("\${(@P)argv[-1]}"); print -rl -- "\${all[@]%%:*}" }
      _files() { print files }
      compadd() { print -rl -- $@ }
      source ${stored(script)}`;
    const asked = spawnSync('zsh', ['-f', '-c', program], { encoding: 'utf8' });
    if (!asked.error) return `${asked.stdout}${asked.stderr}`.trim().split('\n').filter(Boolean);
    process.stderr.write('SKIPPED: no zsh on this machine\n');
    return undefined;
  }

  it.each([
    ['tc_calendar --root /x mailbox ', ['list', 'show', 'resync', 'pause', 'resume']],
    ['tc_calendar mailbox list ', ['--json', '--state', '--config', '--root']],
    ['tc_calendar --offline_reg ', ['--config', '--root', 'files']],
    ['tc_calendar completion ', ['bash', 'zsh', 'fish', '--config', '--root']],
    ['tc_calendar doctor --mailbox ', []],
    ['tc_calendar --config ', ['files']],
  ])('offers for "%s" %j, where there is one', async (line, expected) => {
    const { out } = await command(['completion', 'zsh']);
    expect(offered(out, line) ?? expected).toEqual(expected);
  });
});

describe('the manual pages', () => {
  it.each([...manualFiles()])('docs/man/%s is what the table says today', (name, text) => {
    const stored = readFileSync(new URL(`../../../docs/man/${name}`, import.meta.url), 'utf8');
    expect(stored, 'run node --conditions=@tcc/source apps/cli/src/docs/write-manual.ts').toBe(text);
  });

  it('tell of each key of config.json what a change needs and whether it must be there', () => {
    const page = (name: string) => manualFiles().get(name) ?? '';
    for (const name of ['en/tc_calendar.json.5', 'ru/tc_calendar.json.5']) expect(page(name)).not.toMatch(/: (—|\*\*)/);
    expect(page('en/tc_calendar.json.5')).toMatch(
      /^\.B wsPort\n.*\n\.br\n.* Default: 4315\. A change needs a restart\.$/m,
    );
    expect(page('en/tc_calendar.json.5')).toMatch(/^\.B calendarProviders\[\]\.host\n.*\n\.br\n.*\. Mandatory\.$/m);
    expect(page('ru/tc_calendar.json.5')).toMatch(/^\.B launchConference\n.*\n\.br\n.* По умолчанию: true\.$/m);
  });

  it.each([...manualFiles()])('%s has no line that roff would take for an unknown request', (_, text) => {
    const requests = new Set([...text.matchAll(/^\.([A-Za-z]+)/gm)].map(([, request]) => request));
    expect(
      [...requests].filter(
        (one) => !['TH', 'SH', 'TP', 'TQ', 'IP', 'B', 'BR', 'I', 'RS', 'RE', 'br'].includes(one ?? ''),
      ),
    ).toEqual([]);
  });
});
