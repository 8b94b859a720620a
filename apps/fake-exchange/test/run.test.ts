/** The program without its process: arguments, lines, exit codes. Source: design/contracts.md §8. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runFakeExchange } from '../src/run.ts';

interface Run {
  readonly lines: string[];
  readonly complaints: string[];
  readonly code: Promise<number>;
  end(): void;
}

function start(...args: string[]): Run {
  const lines: string[] = [];
  const complaints: string[] = [];
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const print = (line: string): void => void lines.push(line);
  const complain = (line: string): void => void complaints.push(line);
  const code = runFakeExchange(args, { print, complain, ended });
  onTestFinished(async () => {
    end();
    await code;
  });
  return { lines, complaints, code, end };
}

async function ready(run: Run): Promise<Record<string, string>> {
  await expect.poll(() => run.lines.length, { timeout: 20_000 }).toBeGreaterThan(0);
  return JSON.parse(run.lines[0] ?? '');
}

describe('fake-exchange', () => {
  it('starts all servers without arguments but --json, says where in one line, and ends with 0', async () => {
    const run = start('--json');
    const addresses = await ready(run);
    expect(addresses).toMatchObject({ ready: true, trueconf: expect.any(String), registration: expect.any(String) });
    const about = await (await fetch(`${addresses.control}/control/v1/openapi.json`)).json();
    expect(about).toMatchObject({ openapi: '3.1.0' });
    run.end();
    expect(await run.code).toBe(0);
    await expect(fetch(`${addresses.control}/control/v1/clock`)).rejects.toThrow();
  });

  it('starts only servers whose port is given and prints their addresses', async () => {
    const run = start('--trueconf-port', '0', '--control-port', '0', '--mailboxes', '2', '--seed', '7', '--items', '5');
    await expect.poll(() => run.lines.length).toBe(3);
    expect(run.lines).toEqual([
      expect.stringMatching(/^trueconf {6}http:\/\/127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^control {7}http:\/\/127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^description {3}http:.*\/control\/v1\/openapi\.json$/),
    ]);
    const control = run.lines[1]?.slice(14);
    const list = await (await fetch(`${control}/control/v1/mailboxes`)).json();
    expect(list).toEqual({ mailboxes: ['user1@example.test', 'user2@example.test', 'svc@example.test'] });
    const { items } = (await (await fetch(`${control}/control/v1/mailboxes/user1@example.test/items`)).json()) as {
      items: unknown[];
    };
    expect(items).toHaveLength(5);
  });

  it('writes the certificate and the issuer keys where told', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fake-exchange-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = (name: string): string => join(folder, name);
    const files = [
      '--ca-file',
      path('ca.pem'),
      '--issuer-key',
      path('key.jwk'),
      '--issuer-public-key',
      path('public.jwk'),
    ];
    const addresses = await ready(start('--registration-port', '0', '--tls', '--json', ...files));
    expect(addresses.registration).toMatch(/^https:/);
    expect(await readFile(path('ca.pem'), 'utf8')).toContain('BEGIN CERTIFICATE');
    expect(JSON.parse(await readFile(path('key.jwk'), 'utf8'))).toHaveProperty('d');
    expect(JSON.parse(await readFile(path('public.jwk'), 'utf8'))).not.toHaveProperty('d');
  });

  it('sets the clock and the life of its people', async () => {
    const { control } = await ready(
      start('--control-port', '0', '--json', '--clock', 'scaled', '--rate', '600', '--profile', 'heavy'),
    );
    expect(await (await fetch(`${control}/control/v1/clock`)).json()).toMatchObject({ mode: 'scaled', rate: 600 });
  });

  it.each([
    [['--nonsense'], 'Unknown argument: nonsense'],
    [['--mailboxes', 'many'], '--mailboxes must be a number'],
    [['--mailboxes', '1.5'], '--mailboxes must be a number'],
    [['--items', '-1'], '--items must be a number'],
    [['--seed', '-1'], '--seed must be a number'],
    [['--trueconf-port', '70000'], '--trueconf-port must be a port'],
    [['--trueconf-port', 'http'], '--trueconf-port must be a port'],
    [['--rate', '0'], '--rate must be'],
    [['--profile', 'wild'], 'Invalid values'],
    [['--proxy-port', '0'], '--proxy-port needs --connector-url'],
    [['--ca-file', 'x'], '--ca-file needs --tls'],
    [['--exchange-port'], 'Not enough arguments following: exchange-port'],
    [['--back-ends', ','], '--back-ends must be names'],
  ])('refuses %o with 64 and a sentence', async (args, sentence) => {
    const run = start(...args);
    expect(await run.code).toBe(64);
    expect(run.complaints.join('\n')).toContain(sentence);
    expect(run.lines).toEqual([]);
  });

  it('says 69 when it cannot start', async () => {
    const first = await ready(start('--trueconf-port', '0', '--json'));
    const port = new URL(first.trueconf ?? '').port;
    const run = start('--trueconf-port', port);
    expect(await run.code).toBe(69);
    expect(run.complaints).toEqual([expect.stringContaining(`port ${port} of 127.0.0.1 is taken by another program`)]);
  });

  it.each([
    [['--tls', '--ca-file', '/nonexistent/ca.pem'], '/nonexistent/ca.pem cannot be read or written'],
    [['--issuer-key', import.meta.filename], 'not JSON. Name a file with a private Ed25519 key'],
    [['--host', '203.0.113.77'], 'this machine has no address 203.0.113.77'],
  ])('says 69, the cause and the cure of %o', async (args, sentence) => {
    const run = start(...args);
    expect(await run.code).toBe(69);
    expect(run.complaints.join('\n')).toContain(sentence);
  });

  it('explains itself', async () => {
    const help = start('--help');
    expect(await help.code).toBe(0);
    for (const option of ['exchange', 'trueconf', 'registration', 'control'])
      expect(help.lines[0]).toContain(`--${option}-port`);
    const version = start('--version');
    expect([await version.code, version.lines]).toEqual([0, ['0.1.0']]);
  });
});
