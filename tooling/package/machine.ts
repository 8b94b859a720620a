/** A throw-away Debian: debootstrapped, booted by systemd-nspawn with a network of its own, entered with nsenter. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Ran, run } from './toolbox.ts';

export const RELEASES: Readonly<Record<string, string>> = {
  debian11: 'bullseye',
  debian12: 'bookworm',
  debian13: 'trixie',
};
const PACKAGES = ['systemd', 'systemd-sysv', 'dbus', 'postgresql', 'libstdc++6', 'procps'];
const BOOT_LIMIT_MS = 120_000;
const POLL_MS = 250;
const MIRROR = process.env.DEBIAN_MIRROR ?? 'http://deb.debian.org/debian';

interface RootOptions {
  readonly release: string;
  readonly more: readonly string[];
  readonly folder: string;
  /** packages downloaded before are taken from here */
  readonly cache?: string;
  /** an earlier root to copy instead of bootstrapping one */
  readonly base?: string;
}

/** Makes a fresh root below `folder`; returns its path. */
export function makeRoot({ release, more, folder, cache, base }: RootOptions): string {
  const root = path.join(folder, 'root');
  if (base !== undefined) {
    run('cp', ['--archive', '--reflink=auto', base, root]);
  } else {
    if (cache !== undefined) mkdirSync(cache, { recursive: true });
    const include = [...PACKAGES, ...more].join(',');
    const options = [
      '--variant=minbase',
      `--include=${include}`,
      ...(cache === undefined ? [] : [`--cache-dir=${cache}`]),
    ];
    run('debootstrap', [...options, release, root, MIRROR], { env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` } });
  }
  // Each root is a machine of its own: licences are bound to this.
  writeFileSync(path.join(root, 'etc/machine-id'), '');
  return root;
}

/** A booted root. */
export class Machine {
  readonly root: string;
  readonly #child: ChildProcess;
  readonly #console: string[] = [];
  #leader = 0;

  constructor(root: string) {
    this.root = root;
    const args = [
      '--quiet',
      '--directory',
      root,
      '--private-network',
      '--register=no',
      '--keep-unit',
      '--console=pipe',
      '--boot',
    ];
    this.#child = spawn('systemd-nspawn', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#console.push(text);
        if (this.#console.length > 500) this.#console.shift();
      });
    }
  }

  /** Resolves when the machine has booted. */
  async booted(): Promise<void> {
    const deadline = Date.now() + BOOT_LIMIT_MS;
    for (;;) {
      if (this.#child.exitCode !== null) throw new Error(`the machine ended while booting:\n${this.#console.join('')}`);
      this.#leader = this.#findLeader();
      if (this.#leader > 0) {
        const { output } = this.tryInside(['systemctl', 'is-system-running']);
        if (/^(running|degraded)/m.test(output)) return;
      }
      if (Date.now() > deadline) throw new Error(`the machine did not boot in time:\n${this.#console.join('')}`);
      await delay(POLL_MS);
    }
  }

  /** systemd inside: the child of nspawn whose PID namespace is its own. */
  #findLeader(): number {
    const pid = this.#child.pid;
    const list = `/proc/${pid}/task/${pid}/children`;
    if (!existsSync(list)) return 0;
    for (const child of readFileSync(list, 'utf8').trim().split(' ').map(Number)) {
      const status =
        child > 0 && existsSync(`/proc/${child}/status`) ? readFileSync(`/proc/${child}/status`, 'utf8') : '';
      if (/^NSpid:\s+\d+\s+1$/m.test(status)) return child;
    }
    return 0;
  }

  /** Runs a command in the machine; any exit code but those of `accept` throws. */
  inside(
    command: readonly string[],
    options: { readonly input?: string; readonly accept?: readonly number[] } = {},
  ): Ran {
    const ran = this.tryInside(command, options.input);
    if (!(options.accept ?? [0]).includes(ran.code)) {
      throw new Error(`${command.join(' ')} ended with ${ran.code}:\n${ran.output}`);
    }
    return ran;
  }

  tryInside(command: readonly string[], input = ''): Ran {
    const enter = ['--target', String(this.#leader), '--mount', '--uts', '--ipc', '--net', '--pid', '--root', '--wd'];
    const env = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LANG=C.UTF-8', 'DEBIAN_FRONTEND=noninteractive'];
    const done = spawnSync('nsenter', [...enter, '--', ...env, ...command], {
      encoding: 'utf8',
      input,
      maxBuffer: 64 << 20,
    });
    return { code: done.status ?? 128, output: `${done.stdout}${done.stderr}` };
  }

  /** Words to put before a command of this machine that shall use the other one's network. */
  networkPrefix(): readonly string[] {
    return ['nsenter', `--net=/proc/${this.#leader}/ns/net`, '--'];
  }

  /** Puts a file of ours into the machine. */
  put(from: string, to: string): void {
    cpSync(from, path.join(this.root, to));
  }

  /** Powers off; kills what does not. */
  async stop(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    await Promise.race([ended, delay(20_000, undefined, { ref: false })]);
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      if (this.#leader > 0) process.kill(this.#leader, 'SIGKILL');
      this.#child.kill('SIGKILL');
      await ended;
    }
  }
}

/** Removes a root; a cluster's files belong to others, so only root can. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
