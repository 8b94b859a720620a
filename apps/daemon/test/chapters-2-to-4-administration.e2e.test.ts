/**
 * What an administrator does with the running service (features E2, E3, E4, E6; guide chapters 2.3.4 and 4): the pages, the
 * state of a mailbox explained, pause and resync, a decision on vanished events, the alert about a certificate. Every step
 * goes through the commands or addresses an administrator uses.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createServer, type Server } from 'node:tls';
import { makeCertificate } from '@calendar-connector/fakes';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { alertsFile } from '../../../tooling/operations/alerts.ts';
import { METRICS } from '../src/index.ts';
import { DAY_MS, HOUR_MS, inHours, mail, openStage, type Stage, until } from './support/stage.ts';

const GHOST = mail('ghost');
const DAYS_LEFT = 12;
const EVENTS = 4;
const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0;
if (!hasPrometheus)
  console.warn('SKIPPED LOUDLY: prometheus (Debian package) is not installed: no alert is raised by a real one here');

let stage: Stage;
let ending: Server;
const certificateEnd = Math.floor(Date.now() / 1000) * 1000 + DAYS_LEFT * DAY_MS + HOUR_MS;

beforeAll(async () => {
  ending = createServer(makeCertificate({ notAfter: certificateEnd }));
  await new Promise<void>((resolve) => ending.listen(0, '127.0.0.1', resolve));
  stage = await openStage({
    mailboxes: 3,
    configure: (config) => {
      config.calendarProviders[0].users.push(GHOST);
      config.guard = { massDisappearancePercent: 50, minimumEvents: EVENTS };
      config.trueConfServers.push({
        id: 'ending.example.test#vcs',
        url: `https://127.0.0.1:${(ending.address() as AddressInfo).port}`,
        clientId: 'connector',
        clientSecret: 'Passw0rd!',
      });
    },
  });
});
afterAll(async () => {
  await stage?.close();
  ending?.close();
});

interface Said {
  readonly code: number | null;
  readonly output: string;
}

const command = (...args: readonly string[]): Promise<Said> => stage.scene.command(...args);

/** What a command prints with `--json`; warnings of the configuration stand before it. */
async function json<Answer>(...args: readonly string[]): Promise<Answer> {
  const { code, output } = await command(...args, '--json');
  expect(code, output).toBe(0);
  return JSON.parse(output.slice(output.search(/^[[{]/m))) as Answer;
}

interface Explained {
  readonly state: string;
  readonly light: string;
  readonly ageSeconds: number;
  readonly advice: string;
  readonly stream: string;
  readonly node: string;
  readonly lastLookAt?: string;
  readonly error?: { readonly code: string };
  readonly lastErrors: readonly { readonly code: string; readonly at: string; readonly times: number }[];
  readonly lastStates: readonly { readonly to: string }[];
  readonly timeline: readonly { readonly stage: string; readonly what: string }[];
}

describe('E2: the pages', () => {
  test('the service serves status page, calendar page and what they load, closed against other origins', async () => {
    for (const page of ['/', '/calendar/']) {
      const response = await fetch(`${stage.scene.httpUrl}${page}`);
      const html = await response.text();
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
      const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, asset]) => asset ?? '');
      expect(assets.length).toBeGreaterThan(1);
      for (const asset of assets) {
        const loaded = await fetch(`${stage.scene.httpUrl}${asset}`);
        expect(loaded.status, asset).toBe(200);
        expect(loaded.headers.get('content-type'), asset).toMatch(/^text\/(javascript|css)/);
      }
    }
    expect((await stage.fetchText('/calendar/nothing-here')).status).toBe(404);
  });
});

describe('E4: a mailbox explained', () => {
  test('one that works: state, age, light, stream, owner and last look', async () => {
    const explained = await until(
      'live',
      async () => {
        const one = await json<Explained>('explain', '--mailbox', mail('user1'));
        return one.state === 'live' && one;
      },
      20_000,
      200,
    );
    expect(explained).toMatchObject({
      light: 'green',
      stream: 'live',
      node: 'demo',
      lastErrors: [],
      advice: 'Nothing to do.',
    });
    expect(explained.ageSeconds).toBeGreaterThanOrEqual(0);
    expect(Date.now() - Date.parse(explained.lastLookAt ?? '')).toBeLessThan(60_000);
    expect(explained.lastStates.at(-1)?.to).toBe('live');
  });

  test('one that Exchange does not know: the error, since when, and the cure', async () => {
    const explained = await until(
      'notFound',
      async () => {
        const one = await json<Explained>('explain', '--mailbox', GHOST);
        return one.state === 'notFound' && one;
      },
      20_000,
      200,
    );
    expect(explained).toMatchObject({ light: 'red', stream: 'unknown', node: 'demo' });
    expect(explained.advice).toContain('calendarProviders[].users');
    expect(explained.lastErrors[0]?.times).toBeGreaterThan(0);
    expect(explained.lastErrors[0]?.code).toBe(explained.error?.code);
    const { code, output } = await command('explain', '--mailbox', GHOST);
    expect(code).toBe(0);
    expect(output).toMatch(/^state: notFound$/m);
    expect(output).toMatch(/^lastErrors:$/m);
    const nobody = await command('explain', '--mailbox', mail('nobody'));
    expect(nobody).toMatchObject({ code: 1, output: expect.stringContaining('knows no mailbox nobody@example.test') });
  });

  test('pause, resume and resync change the state, and the audit log keeps who was asked for what', async () => {
    expect((await command('mailbox', 'pause', mail('user3'))).code).toBe(0);
    const paused = await json<readonly { address: string }[]>('mailbox', 'list', '--state', 'suspended');
    expect(paused.map(({ address }) => address)).toEqual([mail('user3')]);
    expect(await json<Explained>('explain', '--mailbox', mail('user3'))).toMatchObject({ light: 'grey' });
    expect((await command('mailbox', 'resume', mail('user3'))).code).toBe(0);
    expect((await command('mailbox', 'resync', mail('user3'))).code).toBe(0);
    const { timeline } = await json<Explained>('explain', '--mailbox', mail('user3'));
    expect(timeline.filter((line) => line.stage === 'admin').map(({ what }) => what)).toEqual([
      'pause',
      'resume',
      'resync',
    ]);
    await until(
      'live again',
      async () => (await json<Explained>('explain', '--mailbox', mail('user3'))).state === 'live',
      20_000,
      200,
    );
  });
});

describe('E4: a meeting’s story', () => {
  test('trace tells it, explain says that nothing is left to do, an unknown UID is told so', async () => {
    const start = inHours(5);
    const item = await stage.worlds.meet('user1', {
      subject: 'A secret subject',
      start,
      end: start + HOUR_MS,
      location: 'https://server.example.test/c/story',
    });
    await until('the conference', () => stage.worlds.conference('story'));
    const told = await until('its line', async () => {
      const { output } = await command('trace', item.uid);
      return output.includes('→ done') && output;
    });
    expect(told).not.toContain('A secret subject');
    expect(await json<{ decisions: unknown[] }>('explain', item.uid)).toMatchObject({ decisions: [] });
    for (const verb of ['trace', 'explain'])
      expect(await command(verb, 'NO-SUCH-UID')).toMatchObject({
        code: 1,
        output: expect.stringContaining('NO-SUCH-UID'),
      });
    expect(await command('job', 'list')).toMatchObject({
      code: 0,
      output: expect.stringContaining('No work was given up.'),
    });
  });
});

describe('E6: many events vanish at once', () => {
  test('nothing is removed until the administrator releases it by command', async () => {
    const { control } = stage.worlds;
    const start = inHours(8);
    const watcher = await stage.watch('user2');
    const made: string[] = [];
    for (let index = 0; index < EVENTS; index += 1) {
      const from = start + index * HOUR_MS;
      made.push((await stage.worlds.meet('user2', { subject: `Kept ${index}`, start: from, end: from + HOUR_MS })).id);
    }
    expect(await watcher.waitUntil((events) => events.length >= EVENTS, 15_000)).toBeDefined();
    await stage.worlds.fault({ server: 'exchange', kind: 'dropEvents' });
    for (const id of made)
      await control.call('DELETE', `/mailboxes/${mail('user2')}/items/${encodeURIComponent(id)}?hard=true&send=none`);
    // The mailbox comes back as another folder with nothing in it: what was known of it is void, the listing is empty.
    await control.call('POST', `/mailboxes/${mail('user2')}/recreate-calendar`);
    await stage.worlds.clearFaults();
    await control.call('POST', '/exchange/cut');
    const open = () => json<readonly { id: string; kind: string; mailbox: string }[]>('anomaly', 'list');
    const anomalies = await until(
      'an anomaly',
      async () => ((await open()).length > 0 ? open() : undefined),
      30_000,
      200,
    );
    expect(anomalies).toMatchObject([{ kind: 'massDisappearance', mailbox: mail('user2') }]);
    expect(watcher.events.length, 'still shown').toBeGreaterThanOrEqual(EVENTS);
    expect((await json<{ anomalies: unknown[] }>('explain', '--mailbox', mail('user2'))).anomalies).toHaveLength(1);
    const [anomaly] = anomalies;
    expect((await command('anomaly', 'release', anomaly?.id ?? '')).code).toBe(0);
    expect(await watcher.waitUntil((events) => events.length === 0, 20_000)).toBeDefined();
    expect((await command('anomaly', 'release', anomaly?.id ?? '')).code).toBe(1);
    expect((await command('anomaly', 'list')).output).toContain('Nothing waits for a decision.');
    watcher.close();
  });
});

describe('E3: the metrics', () => {
  test('each that the reference names is there, and the build says which it is', async () => {
    const { text } = await stage.fetchText('/metrics');
    for (const { name } of METRICS)
      expect(text, name).toMatch(new RegExp(`^# HELP ${name.replace(/_total$/, '')}`, 'm'));
    const { version, commit } = await json<{ version: string; commit: string }>('status');
    expect(text).toContain(`tcc_build_info{version="${version}",commit="${commit}"} 1`);
    const states = await json<{ mailboxes: { states: Record<string, number> } }>('status');
    expect(text).toContain(`tcc_mailboxes{state="live"} ${states.mailboxes.states.live}`);
  });
});

describe('E3: a certificate that ends', () => {
  const name = (): string => `127.0.0.1:${(ending.address() as AddressInfo).port}`;

  test('is measured by a handshake, and said once in the log', async () => {
    const line = await until('the metric', async () => {
      const { text } = await stage.fetchText('/metrics');
      return text.split('\n').find((one) => one.startsWith(`tcc_tls_cert_expiry_timestamp{server="${name()}"}`));
    });
    expect(Number(line.split(' ')[1])).toBe(certificateEnd / 1000);
    const said = stage.lines.filter((one) => one.includes(`the certificate of ${name()} ends in ${DAYS_LEFT} days`));
    expect(said).toHaveLength(1);
  });

  test.skipIf(!hasPrometheus)('raises the alert in a real Prometheus with the rules of the package', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'tcc-prometheus-'));
    const { host } = new URL(stage.scene.httpUrl);
    writeFileSync(path.join(folder, 'alerts.yml'), alertsFile());
    writeFileSync(
      path.join(folder, 'prometheus.yml'),
      `global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [alerts.yml]
scrape_configs: [{job_name: trueconf-calendar, static_configs: [{targets: ['${host}']}]}]
`,
    );
    const port = await freePort();
    const child = spawn(
      'prometheus',
      [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    onTestFinished(async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    });
    interface Alert {
      readonly state: string;
      readonly labels: Readonly<Record<string, string>>;
    }
    const firing = async (): Promise<readonly Alert[]> => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/alerts`).catch(() => undefined);
      if (!answer?.ok) return [];
      const { data } = (await answer.json()) as { data: { alerts: readonly Alert[] } };
      return data.alerts.filter(({ state }) => state === 'firing');
    };
    const alerts = await until(
      'the alert',
      async () => ((await firing()).length > 0 ? firing() : undefined),
      30_000,
      200,
    );
    expect(alerts.map(({ labels }) => [labels.alertname, labels.server])).toContainEqual([
      'CalendarCertificateExpires',
      name(),
    ]);
    expect(alerts.map(({ labels }) => labels.alertname)).not.toContain('CalendarDown');
  });
});

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
