/** config.json of the trial: the database section as the package's script wrote it, everything else pointing at the fakes. */
interface TrialFacts {
  readonly ports: { readonly exchange: number; readonly trueconf: number; readonly registration: number };
  readonly sealed: readonly string[];
  readonly issuer: string;
}

/** Throws when the installed file has no prepared database. */
export function trialConfig(installed: string, { ports, sealed, issuer }: TrialFacts): string {
  const port = /"port": (\d+), \/\/ written by prepare-database/.exec(installed)?.[1];
  const password = /"password": "(dGNf[^"]+)", \/\/ written by prepare-database/.exec(installed)?.[1];
  if (port === undefined || password === undefined || password === 'dGNf…')
    throw new Error('the package did not prepare a database');
  const config = {
    wsPort: 4315,
    dbConnectionConfig: { host: 'localhost', port: Number(port), user: 'bridge', password, database: 'calendar' },
    launchConference: true,
    syncConferenceParticipants: true,
    cache: { autoSync: true, backward: 2, forward: 3 },
    productWhitelist: { tcs: ['server.example.test#vcs'] },
    calendarProviders: [
      {
        scheme: 'http',
        host: '127.0.0.1',
        port: ports.exchange,
        path: '/EWS/Exchange.asmx',
        autodiscoverPath: '/autodiscover/autodiscover.svc',
        type: 'ews',
        auth: 'basic',
        credentials: [{ login: 'svc@example.test', password: sealed[0] }],
        users: [1, 2, 3].map((number) => `user${number}@example.test`),
      },
    ],
    trueConfServers: [
      {
        id: 'server.example.test#vcs',
        url: `http://127.0.0.1:${ports.trueconf}`,
        clientId: 'connector',
        clientSecret: sealed[1],
      },
    ],
    registration: { scheme: 'http', host: '127.0.0.1', port: ports.registration, issuerKeyFile: issuer },
    conferences: { keyword: { enabled: true, word: '@trueconf' } },
    language: 'en',
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
