/** tc_calendar as a process: what only a process can show. Few and fast. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { newInstallation, openOffice } from './support/installation.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** Runs a program on a terminal of its own and types a password as soon as it is asked. */
const TERMINAL = `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen = b''
for prompt in (b'Password: ', b'Again: '):
    while prompt not in seen:
        seen += os.read(fd, 1000)
    os.write(fd, b'CANARY\\r')
try:
    while True:
        more = os.read(fd, 1000)
        if not more:
            break
        seen += more
except OSError:
    pass
sys.stdout.write(seen.decode())
os.waitpid(pid, 0)
`;

function start(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--conditions=@tcc/source', MAIN, ...argv], {
    env: { PATH: process.env.PATH ?? '', LANG: 'en_US.UTF-8', ...env },
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  return { child, said };
}

async function tcCalendar(argv: readonly string[], env: Readonly<Record<string, string>> = {}, input = '') {
  const { child, said } = start(argv, env);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

describe('the program', () => {
  it('says in one line that its output cannot be written', () => {
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', 'exec "$0" --conditions=@tcc/source "$1" --help > /dev/full', process.execPath, MAIN],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([1, 'tc_calendar: stdout: ENOSPC\n']);
  });

  it('prints its version', async () => {
    expect(await tcCalendar(['--version'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^tc_calendar \d+\.\d+\.\d+/),
    });
  });

  it('reads passwords from standard input, so that nothing shows in the process list', async () => {
    const { root } = newInstallation();
    const { child, said } = start(['--root', root, '--hash_pass']);
    child.stdin.write('CANARY-one\n');
    await once(child.stdout, 'data');
    const shown =
      readFileSync(`/proc/${child.pid}/cmdline`, 'utf8') + readFileSync(`/proc/${child.pid}/environ`, 'utf8');
    child.stdin.end('CANARY-two\n');
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(0);
    expect(shown).not.toContain('CANARY');
    expect(said.out).toMatch(/^(Your encrypted data: dGNf\S+\n){2}$/);
    expect(said.out + said.err).not.toContain('CANARY');
  });

  it('asks on a terminal without showing what is typed', () => {
    const { root } = newInstallation();
    const asked = spawnSync(
      'python3',
      ['-c', TERMINAL, process.execPath, '--conditions=@tcc/source', MAIN, '--root', root, '--hash_pass'],
      {
        encoding: 'utf8',
      },
    );
    if (asked.error) {
      process.stderr.write('SKIPPED: no python3 on this machine to open a terminal with\n');
      return;
    }
    expect(asked.stdout).toMatch(/Password: \r\nAgain: \r\nYour encrypted data: dGNf\S+\r\n$/);
    expect(asked.stdout).not.toContain('CANARY');
  });

  it('does not complain when its reader leaves early', async () => {
    const { child, said } = start(['--help']);
    child.stdout.destroy();
    child.stdin.end();
    await once(child, 'close');
    expect(said.err).toBe('');
  });

  it('as a service ends with 78 and the places of all errors when config.json is wrong', async () => {
    const installation = newInstallation();
    installation.configure({ wsPort: 'x' });
    const { code, err } = await tcCalendar(['--root', installation.root]);
    expect(code).toBe(78);
    expect(err).toMatch(/config\.json:\d+:\d+: error: wsPort/);
  });

  it('as a service ends with 77 before it is registered', async () => {
    const office = await openOffice();
    const { code, err } = await tcCalendar([], { TC_CALENDAR_ROOT: office.root });
    expect(code).toBe(77);
    expect(err).toContain('tc_calendar --register');
  });

  it('registers, serves, answers status and mailbox commands, and ends on SIGTERM with 0', async () => {
    const office = await openOffice();
    const env = { TC_CALENDAR_ROOT: office.root };
    expect(await tcCalendar(['--register', 'STND-0000-0000-0001'], env)).toMatchObject({
      code: 0,
      out: 'Your product successfully registered. Now you can run tc_calendar\n',
    });
    const service = start([], env);
    try {
      await answering(office.root);
      const status = await tcCalendar(['status', '--json'], env);
      expect(status).toMatchObject({ code: 0, err: '' });
      expect(JSON.parse(status.out)).toBeTypeOf('object');
      const list = await tcCalendar(['mailbox', 'list'], env);
      expect(list.out).toMatch(/^user1@example\.test /m);
      expect((await tcCalendar(['mailbox', 'show', 'nobody@example.test'], env)).code).toBe(1);
    } finally {
      service.child.kill('SIGTERM');
    }
    const [code] = (await once(service.child, 'close')) as [number | null];
    expect(code, service.said.err).toBe(0);

    /** Asks again whenever the service has said something: at the latest what it says when it is ready. */
    async function answering(root: string): Promise<void> {
      for await (const _ of service.child.stdout) {
        if ((await office.command(['status'], { env: { TC_CALENDAR_ROOT: root } })).code === 0) return;
      }
      throw new Error(`the service ended before it answered: ${service.said.err}`);
    }
  });
});
