/** A whole valid configuration for tests, changed in one place at a time. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Path = readonly (string | number)[];

/** Every key of the schema with an allowed value (and no secret sealed, no file named). */
export function wholeConfig(): Record<string, unknown> {
  return {
    wsPort: 4315,
    wsHost: '127.0.0.1',
    dbConnectionConfig: {
      host: 'localhost',
      port: 5441,
      user: 'bridge',
      password: 'db-password',
      database: 'calendar',
      tls: 'off',
      poolSize: 10,
    },
    launchConference: true,
    syncConferenceParticipants: true,
    cache: { autoSync: false, backward: 2, forward: 3 },
    productWhitelist: { tcs: ['server.example.test#vcs'] },
    calendarProviders: [
      {
        name: 'main',
        type: 'ews',
        scheme: 'https',
        host: 'exchange.example.test',
        port: 443,
        path: '/EWS/Exchange.asmx',
        autodiscoverPath: '/autodiscover/autodiscover.svc',
        trustedHosts: ['exchange2.example.test'],
        auth: 'auto',
        maxConcurrentRequests: 20,
        credentials: [{ login: 'svc@example.test', password: 'exchange-password' }],
        users: ['user1@example.test', 'user2@example.test'],
      },
    ],
    trueConfServers: [
      {
        id: 'server.example.test#vcs',
        url: 'https://server.example.test',
        apiVersion: 'auto',
        clientId: 'connector',
        clientSecret: 'client-secret',
        fallbackOwner: 'calendar',
      },
    ],
    conferences: {
      mode: 'smartMeeting',
      access: 'private',
      unknownAttendees: 'skip',
      keyword: { enabled: false, word: '@trueconf' },
    },
    mirrorConferences: { enabled: true, mail: 'none' },
    cancelledPrefix: { ru: 'Отменено: ', en: 'Canceled: ' },
    registration: { scheme: 'https', host: 'reg.trueconf.com', port: 443 },
    http: { host: '127.0.0.1', port: 4316, adminToken: 'admin-token' },
    priorityUsers: ['user1@example.test'],
    privacy: { privateItems: 'masked' },
    access: 'full',
    language: 'ru',
    instance: { name: 'node-1' },
    allowedOrigins: ['https://portal.example.test'],
    trustedProxies: ['10.0.0.5'],
    sync: { sweepMinutes: 30, pollSeconds: 60 },
    guard: { massDisappearancePercent: 50, minimumEvents: 10 },
    limits: {
      connections: 20000,
      connectionsPerUser: 10,
      connectionsPerAddress: 2000,
      messageBytes: 262144,
      requestsPerMinute: 600,
      bufferedBytes: 1048576,
    },
    log: { level: 'info', to: 'stdout', personalData: false },
  };
}

/** A copy with another value at the path; `undefined` removes the key. */
export function withValue(config: Record<string, unknown>, path: Path, value: unknown): Record<string, unknown> {
  const copy = structuredClone(config);
  let place: Record<string | number, unknown> = copy;
  for (const step of path.slice(0, -1)) place = place[step] as Record<string | number, unknown>;
  const last = path.at(-1) as string;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return copy;
}

/** A folder of its own for a test, removed by `remove()`. */
export function scratchFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'tc-config-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
