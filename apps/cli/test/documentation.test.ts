/** What is generated from the command table: completion scripts and manual pages. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
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
  ])('bash completes "%s" to %j', async (line, offered) => {
    const { out } = await command(['completion', 'bash']);
    expect(complete(out, line)).toEqual(offered);
  });

  it.each(['zsh', 'fish'])('the script for %s is accepted by that shell, where there is one', async (shell) => {
    const { out } = await command(['completion', shell]);
    const checked = spawnSync(shell, ['-n'], { input: out, encoding: 'utf8' });
    if (checked.error) process.stderr.write(`SKIPPED: no ${shell} on this machine\n`);
    else expect(checked.stderr).toBe('');
  });
});

describe('the manual pages', () => {
  it.each([...manualFiles()])('docs/man/%s is what the table says today', (name, text) => {
    const stored = readFileSync(new URL(`../../../docs/man/${name}`, import.meta.url), 'utf8');
    expect(stored, 'run node --conditions=@tcc/source apps/cli/src/docs/write-manual.ts').toBe(text);
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
