/** The steps of the trial: what an administrator does with the package, and what has to be true after each. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nodeBinary } from './executable.ts';
import type { Machine } from './machine.ts';
import { REPOSITORY, run } from './toolbox.ts';
import { trialConfig } from './trial-config.ts';

const UNIT = 'trueconf-calendar.service';
const ROOT = '/opt/trueconf/calendar';
const PROGRAM = `${ROOT}/bin/calendar/tc_calendar`;
const CONFIG = `${ROOT}/etc/calendar/config.json`;
const PASSWORD = 'Passw0rd!';
const PORTS = { exchange: 18443, trueconf: 18081, registration: 18082, control: 18080 } as const;
const REGISTERED = 'Your product successfully registered. Now you can run tc_calendar';
const STATE_LIMIT_MS = 60_000;

export class Trial {
  readonly #machine: Machine;
  readonly #package: string;
  readonly #folder: string;
  readonly #isRpm: boolean;
  #fakes: ChildProcess | undefined;

  constructor(machine: Machine, file: string, folder: string) {
    this.#machine = machine;
    this.#package = file;
    this.#folder = folder;
    this.#isRpm = file.endsWith('.rpm');
  }

  /** Every step in order; the first that does not hold throws. */
  async run(): Promise<void> {
    this.#install(this.#package);
    this.#refusesUnfinished();
    await this.#startFakes();
    this.#configure();
    this.#refusesUnregistered();
    this.#register();
    await this.#starts();
    this.#servesPages();
    this.#tellsItsCommit();
    this.#meeting(['--subject', 'Installed and working']);
    await this.#reloads();
    await this.#watchdog();
    this.#meeting(['--expect', 'Installed and working']);
    this.#showsNoSecret();
    await this.#upgrades();
    await this.#stops();
    this.#remove();
  }

  close(): void {
    this.#fakes?.kill('SIGTERM');
  }

  #install(file: string): void {
    const place = `root/${path.basename(file)}`;
    this.#machine.put(file, place);
    const isFirst = !existsSync(path.join(this.#machine.root, CONFIG));
    const command = this.#isRpm ? ['rpm', '--nodeps', '--upgrade', `/${place}`] : ['dpkg', '--install', `/${place}`];
    const { output } = this.#machine.inside(command);
    if (!isFirst) return;
    expect(/installed, not started/.test(output), `the package's script says what to do next: ${output}`);
    expect(!/prepare-database/.test(output), `the database was prepared: ${output}`);
    expect(this.#show('ActiveState') === 'inactive', 'nothing was started');
    expect(this.#machine.inside(['systemctl', 'is-enabled', UNIT]).output.trim() === 'enabled', 'the unit is enabled');
    const rights = this.#machine.inside(['stat', '--format=%a %U %G', CONFIG]).output.trim();
    expect(rights === '640 root trueconf-calendar', `config.json belongs to root and the service's group: ${rights}`);
    tell(
      'installed',
      `${this.#machine.inside([PROGRAM, '--version']).output.trim()}, not started, config.json ${rights}`,
    );
  }

  /** The first config.json has placeholders: exit code 78, one start, no storm. */
  #refusesUnfinished(): void {
    this.#machine.inside(['systemctl', 'start', UNIT], { accept: [1] });
    this.#expectRefusal('78');
    const { output } = this.#machine.inside([PROGRAM, 'config', 'check'], { accept: [78] });
    expect(!/dbConnectionConfig/.test(output), `the database section is complete: ${output}`);
    tell('unfinished config.json refused', `exit code 78, no restart; ${output.trim().split('\n').length} findings`);
  }

  #refusesUnregistered(): void {
    this.#machine.inside(['systemctl', 'reset-failed', UNIT]);
    this.#machine.inside(['systemctl', 'start', UNIT], { accept: [1] });
    this.#expectRefusal('77');
    tell('refused before registration', 'exit code 77, no restart');
  }

  #expectRefusal(code: string): void {
    expect(
      this.#show('ExecMainStatus') === code,
      `exit code ${code}, not ${this.#show('ExecMainStatus')}:\n${this.#journal()}`,
    );
    expect(this.#show('NRestarts') === '0', 'it was not started again');
    expect(this.#show('ActiveState') === 'failed', `failed, not ${this.#show('ActiveState')}`);
  }

  async #startFakes(): Promise<void> {
    const ports = Object.entries(PORTS).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
    const issuer = path.join(this.#folder, 'issuer.jwk.json');
    const args = [
      '--conditions=@tcc/source',
      path.join(REPOSITORY, 'apps/fake-exchange/src/main.ts'),
      ...ports,
      '--mailboxes',
      '5',
      '--issuer-public-key',
      issuer,
      '--json',
    ];
    const [enter = '', ...rest] = this.#machine.networkPrefix();
    const child = spawn(enter, [...rest, nodeBinary(), ...args], {
      cwd: REPOSITORY,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#fakes = child;
    await new Promise<void>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('"ready"')) resolve();
      });
      child.once('exit', (code) => reject(new Error(`the fakes ended with ${code}`)));
    });
    this.#machine.put(issuer, `${ROOT}/etc/calendar/issuer.jwk.json`);
    this.#machine.inside(['chmod', '644', `${ROOT}/etc/calendar/issuer.jwk.json`]);
  }

  /** Passwords go in encrypted; the database section stays as the package wrote it. */
  #configure(): void {
    const { output } = this.#machine.inside([PROGRAM, '--hash_pass'], { input: `${PASSWORD}\n${PASSWORD}\n` });
    const sealed = [...output.matchAll(/^Your encrypted data: (\S+)$/gm)].map(([, text]) => text ?? '');
    expect(sealed.length === 2 && sealed[0] !== sealed[1], `two blobs that differ: ${output}`);
    const file = path.join(this.#machine.root, CONFIG);
    const text = trialConfig(readFileSync(file, 'utf8'), { ports: PORTS, sealed, issuer: 'issuer.jwk.json' });
    writeFileSync(file, text);
    this.#machine.inside([PROGRAM, 'config', 'check']);
    tell('configured', 'config check finds no error');
  }

  #register(): void {
    const { output } = this.#machine.inside([PROGRAM, '--register', 'ENTR-0000-0000-0001']);
    expect(output.trim() === REGISTERED, `the guide's sentence: ${output}`);
    tell('registered', output.trim());
  }

  async #starts(): Promise<void> {
    this.#machine.inside(['systemctl', 'reset-failed', UNIT]);
    this.#machine.inside(['systemctl', 'start', UNIT], { accept: [0, 1] });
    await this.#running();
    await this.#status(/LIVE [1-9]/);
    const score = this.#machine.tryInside(['systemd-analyze', 'security', '--no-pager', UNIT]).output;
    tell(
      'running',
      `active (running), “${this.#show('StatusText')}”; ${/exposure level[^\d]*(\d+\.\d)/.exec(score)?.[1] ?? '?'} of 10 exposed`,
    );
  }

  /** Both pages with all they load, from what the package put beside the program. */
  #servesPages(): void {
    const pages = ['/', '/calendar/'].map((place) => ({ place, ...this.#fetch(place) }));
    const assets = new Set(pages.flatMap(({ text }) => text.match(/\/assets\/[^"]+/g) ?? []));
    expect(assets.size >= 3, `the pages load scripts and a style sheet: ${[...assets].join(', ')}`);
    const all = [...pages, ...[...assets].map((place) => ({ place, ...this.#fetch(place) }))];
    for (const { place, status, text } of all)
      expect(status === 200 && text.length > 0, `${place} is served: ${status}, ${text.length} characters`);
    tell('pages served', all.map(({ place, text }) => `${place} ${Math.ceil(text.length / 1024)} KB`).join(', '));
  }

  /** What runs is what was built: the same commit in the program, in its status and in its metrics. */
  #tellsItsCommit(): void {
    const { output } = this.#machine.inside([PROGRAM, 'status', '--json']);
    const { commit } = JSON.parse(output.slice(output.indexOf('{'))) as { commit: string };
    const version = this.#machine.inside([PROGRAM, '--version']).output;
    expect(/^[0-9a-f]{12,40}$/.test(commit), `status names the commit: ${commit}`);
    expect(version.includes(commit.slice(0, 12)), `--version names the same one: ${version}`);
    tell('status', `commit ${commit.slice(0, 12)}`);
  }

  #fetch(place: string): { readonly status: number; readonly text: string } {
    const [enter = '', ...rest] = this.#machine.networkPrefix();
    const script = `fetch('http://127.0.0.1:4316${place}').then(async (answer) =>
      console.log(JSON.stringify({ status: answer.status, text: await answer.text() })))`;
    const done = spawnSync(enter, [...rest, nodeBinary(), '--eval', script], { encoding: 'utf8', maxBuffer: 8 << 20 });
    expect(done.status === 0, `${place} answers: ${done.stderr}`);
    return JSON.parse(done.stdout) as { status: number; text: string };
  }

  #meeting(args: readonly string[]): void {
    const [enter = '', ...rest] = this.#machine.networkPrefix();
    const script = path.join(REPOSITORY, 'tooling/package/meeting.ts');
    const urls = [`http://127.0.0.1:${PORTS.control}`, 'ws://127.0.0.1:4315'];
    const done = spawnSync(enter, [...rest, nodeBinary(), script, ...urls, ...args], { encoding: 'utf8' });
    expect(done.status === 0, `a meeting flows: ${done.stdout}${done.stderr}\n${this.#journal()}`);
    const { ms, indicator } = JSON.parse(done.stdout) as { ms: number; indicator: string };
    tell(args[0] === '--expect' ? 'the meeting is still there' : 'a meeting flows', `${indicator}, ${ms} ms`);
  }

  async #reloads(): Promise<void> {
    const before = this.#show('MainPID');
    const { code, output } = this.#machine.tryInside(['systemctl', 'reload', UNIT]);
    expect(code === 0, `reload is accepted: ${output}${this.#journal()}`);
    await this.#running();
    expect(this.#show('MainPID') === before, 'the same process goes on');
    tell('reloaded', 'without a restart');
  }

  /** A stopped process says nothing to the watchdog: systemd ends it and starts it again. */
  async #watchdog(): Promise<void> {
    const folder = path.join(this.#machine.root, `etc/systemd/system/${UNIT}.d`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'trial.conf'), '[Service]\nWatchdogSec=6\nRestartSec=1\nTimeoutAbortSec=2\n');
    this.#machine.inside(['systemctl', 'daemon-reload']);
    this.#machine.inside(['systemctl', 'restart', UNIT]);
    await this.#running();
    await delay(13_000);
    expect(this.#show('NRestarts') === '0', 'a healthy service is left alone by its watchdog');
    const pid = this.#show('MainPID');
    this.#machine.inside(['systemctl', 'kill', '--kill-who=main', '--signal=STOP', UNIT]);
    await this.#until(
      'the watchdog started it again',
      () => this.#show('NRestarts') !== '0' && this.#show('MainPID') !== pid,
    );
    await this.#running();
    this.#machine.inside(['rm', '-r', `/etc/systemd/system/${UNIT}.d`]);
    this.#machine.inside(['systemctl', 'daemon-reload']);
    tell('watchdog', 'fed while it works, restarted when it stands still');
  }

  #showsNoSecret(): void {
    const text = `${this.#journal(100_000)}${this.#machine.inside([PROGRAM, 'config', 'show']).output}`;
    expect(!text.includes(PASSWORD), 'no password in the journal or the shown configuration');
    const bundle = '/root/bundle.tar.gz';
    this.#machine.inside([PROGRAM, 'support-bundle', bundle]);
    const packed = this.#machine.inside(['tar', '--extract', '--gzip', '--to-stdout', '--file', bundle]).output;
    expect(/"msg":"ready"/.test(packed) && packed.includes('log/journal.txt'), 'the bundle holds the journal');
    expect(!packed.includes(PASSWORD) && !/user1@example/.test(packed), 'no password and no address in the bundle');
    tell('no secret shown', `${text.split('\n').length} lines of journal and a support bundle looked through`);
  }

  /** The same program as a newer version: data and configuration stay, the service runs again by itself. */
  async #upgrades(): Promise<void> {
    if (this.#isRpm) return this.#reinstalls();
    const newer = path.join(this.#folder, 'newer.deb');
    const tree = path.join(this.#folder, 'newer');
    run('dpkg-deb', ['--raw-extract', this.#package, tree]);
    const control = path.join(tree, 'DEBIAN/control');
    writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: (.+)$/m, 'Version: $1+trial'));
    run('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', tree, newer]);
    await this.#replacedBy(() => this.#install(newer));
    const { output } = this.#machine.inside(['dpkg-query', '--show', 'trueconf-calendar']);
    expect(output.trim().endsWith('+trial'), `the newer version is installed: ${output}`);
    tell('upgraded', `to ${output.trim().split('\t')[1]}: config.json, keys and data kept, running`);
  }

  async #reinstalls(): Promise<void> {
    await this.#replacedBy(() =>
      this.#machine.inside(['rpm', '--nodeps', '--upgrade', '--replacepkgs', `/root/${path.basename(this.#package)}`]),
    );
    tell('installed over itself', 'config.json, keys and data kept, running');
  }

  async #replacedBy(install: () => void): Promise<void> {
    const files = [CONFIG, `${ROOT}/etc/calendar/secret.key`, `${ROOT}/var/lib/calendar/installation.json`];
    const digests = (): string => files.map((file) => this.#digest(file)).join();
    const before = digests();
    const pid = this.#show('MainPID');
    install();
    await this.#running();
    expect(digests() === before, 'configuration and keys are untouched');
    expect(this.#show('MainPID') !== pid, 'the new program runs');
    await this.#status(/LIVE [1-9]/);
    this.#meeting(['--expect', 'Installed and working']);
  }

  /** SIGTERM drains in the guide's three seconds. */
  async #stops(): Promise<void> {
    const from = performance.now();
    this.#machine.inside(['systemctl', 'stop', UNIT]);
    const ms = Math.round(performance.now() - from);
    expect(this.#show('Result') === 'success', `it ended well: ${this.#show('Result')}`);
    tell('stopped', `${ms} ms`);
    this.#machine.inside(['systemctl', 'start', UNIT]);
  }

  #remove(): void {
    this.#machine.inside(
      this.#isRpm ? ['rpm', '--erase', '--nodeps', 'trueconf-calendar'] : ['dpkg', '--remove', 'trueconf-calendar'],
    );
    expect(this.#show('ActiveState') !== 'active', 'the service was stopped');
    expect(
      this.#exists(CONFIG) && this.#exists(`${ROOT}/var/lib/calendar/licence.json`),
      'configuration and data stay',
    );
    expect(!this.#exists(PROGRAM), 'the program is gone');
    tell('removed', 'configuration, licence and database stay');
    if (this.#isRpm) return;
    this.#machine.inside(['dpkg', '--purge', 'trueconf-calendar']);
    expect(!this.#exists('/opt/trueconf'), 'nothing of the tree is left');
    expect(this.#machine.tryInside(['id', 'trueconf-calendar']).code !== 0, 'the user is gone');
    const { output } = this.#machine.inside(['pg_lsclusters', '--no-header']);
    expect(!output.includes('trueconf_calendar'), `the database cluster is gone: ${output}`);
    const { output: left } = this.#machine.tryInside([
      'find',
      '/etc',
      '/usr',
      '/var/lib/systemd',
      '-name',
      '*trueconf?calendar*',
    ]);
    expect(left.trim() === '', `nothing of ours is left: ${left}`);
    tell('purged', 'no file, user or database cluster left');
  }

  #show(property: string): string {
    return this.#machine.tryInside(['systemctl', 'show', '--value', `--property=${property}`, UNIT]).output.trim();
  }

  #journal(lines = 40): string {
    return this.#machine.tryInside([
      'journalctl',
      '--no-pager',
      '--output=cat',
      '--unit',
      UNIT,
      '--lines',
      String(lines),
    ]).output;
  }

  #exists(file: string): boolean {
    return this.#machine.tryInside(['test', '-e', file]).code === 0;
  }

  #digest(file: string): string {
    return createHash('sha256')
      .update(this.#machine.inside(['cat', file]).output)
      .digest('hex');
  }

  async #running(): Promise<void> {
    await this.#until(
      'active (running)',
      () => this.#show('ActiveState') === 'active' && this.#show('SubState') === 'running',
    );
  }

  async #status(pattern: RegExp): Promise<void> {
    await this.#until(`a status line like ${pattern}`, () => pattern.test(this.#show('StatusText')));
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    const deadline = Date.now() + STATE_LIMIT_MS;
    while (!holds()) {
      if (Date.now() > deadline)
        throw new Error(
          `${what}: not within ${STATE_LIMIT_MS / 1000} s; ${this.#show('StatusText')}\n${this.#journal()}`,
        );
      await delay(300);
    }
  }
}

function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`does not hold: ${what}`);
}

function tell(step: string, detail: string): void {
  console.log(`ok  ${step}: ${detail}`);
}
