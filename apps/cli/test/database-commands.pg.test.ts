/** backup, restore and migrate on a real PostgreSQL. */
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mailboxAddress } from '@calendar-connector/calendar-model';
import { openStore, type StoreConnection, startEmbeddedPostgres } from '@calendar-connector/storage-kysely';
import { describe, expect, it } from 'vitest';
import { createTestDatabase } from '../../../tooling/test/database.ts';
import { freePort, type Installation, newInstallation } from './support/installation.ts';

const ADDRESS = mailboxAddress('user1@example.test');

function installationFor(connection: StoreConnection): Installation {
  if (!('url' in connection)) throw new Error('test databases are named by URL');
  const { hostname, port, username, password, pathname } = new URL(connection.url);
  const installation = newInstallation();
  installation.configure({
    dbConnectionConfig: {
      host: hostname,
      port: Number(port),
      user: decodeURIComponent(username),
      password: password === '' ? '' : installation.seal(decodeURIComponent(password)),
      database: pathname.slice(1),
    },
    productWhitelist: { tcs: [] },
    calendarProviders: [
      {
        host: 'exchange.example.test',
        path: '/EWS/Exchange.asmx',
        autodiscoverPath: '/autodiscover/autodiscover.svc',
        port: 443,
        type: 'ews',
        credentials: [{ login: 'svc', password: installation.seal('x') }],
        users: [ADDRESS],
      },
    ],
  });
  return installation;
}

async function withMailbox(connection: StoreConnection): Promise<void> {
  const store = openStore({ connection, applicationName: 'test' });
  await store.saveMailboxes([{ address: ADDRESS, provider: 'main', priority: 1, licensed: true }]);
  await store.close();
}

describe('the database commands', () => {
  it('back a database up and restore it into an empty one', async () => {
    await using from = await createTestDatabase();
    await using to = await createTestDatabase({ empty: true });
    await withMailbox(from.connection);
    const source = installationFor(from.connection);
    const file = join(source.root, 'backup.gz');
    const made = await source.command(['backup', file]);
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).toMatch(new RegExp(`^\\d+ rows were written to ${file} \\(${statSync(file).size} bytes\\)\\.$`));
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const restored = await installationFor(to.connection).command(['restore', file]);
    expect(restored).toMatchObject({ code: 0, err: '' });
    const store = openStore({ connection: to.connection, applicationName: 'test' });
    expect((await store.listMailboxes()).map(({ address }) => address)).toEqual([ADDRESS]);
    await store.close();
  });

  it('never overwrite: neither a file nor a database that holds data', async () => {
    await using database = await createTestDatabase();
    await withMailbox(database.connection);
    const installation = installationFor(database.connection);
    const file = join(installation.root, 'backup.gz');
    writeFileSync(file, 'mine');
    expect(await installation.command(['backup', file])).toMatchObject({
      code: 1,
      err: expect.stringContaining('not overwritten'),
    });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const other = join(installation.root, 'other.gz');
    await installation.command(['backup', other]);
    const said = await installation.command(['restore', other]);
    expect(said).toMatchObject({ code: 1, err: expect.stringContaining('restore into an empty one') });
  });

  it('refuse a file that is no backup and one that is not there', async () => {
    await using database = await createTestDatabase({ empty: true });
    const installation = installationFor(database.connection);
    const file = join(installation.root, 'nonsense');
    writeFileSync(file, 'nonsense');
    const refused = await installation.command(['restore', file], { env: { LANG: 'ru_RU.UTF-8' } });
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining(`${file} — не резервная копия`) });
    const folder = await installation.command(['restore', installation.root]);
    expect(folder).toMatchObject({ code: 1, err: expect.stringContaining('is a folder; name a file') });
    const empty = await installation.command(['backup', join(installation.root, 'b')]);
    expect(empty).toMatchObject({ code: 1, err: expect.stringContaining('nothing to back up') });
    expect(existsSync(join(installation.root, 'b'))).toBe(false);
    const nowhere = await installation.command(['backup', '/nonexistent/backup']);
    expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining('there is no folder /nonexistent') });
    const said = await installation.command(['restore', '/nonexistent/backup']);
    expect(said).toMatchObject({ code: 1, err: expect.stringContaining('there is no /nonexistent/backup') });
  });

  it('say which steps wait, take them, and find nothing more to do', async () => {
    await using database = await createTestDatabase({ empty: true });
    const installation = installationFor(database.connection);
    const plan = await installation.command(['migrate', '--plan']);
    expect(plan).toMatchObject({ code: 0, err: '' });
    expect(plan.out).toMatch(/^The database has version 0\. These steps wait:\n {2}\S+/);
    expect((await installation.command(['migrate'])).out).toMatch(/^\d+ steps were applied\.$/);
    expect((await installation.command(['migrate'])).out).toBe('The database was up to date.');
    expect((await installation.command(['migrate', '--plan'])).out).toMatch(/^The database is up to date/);
  });

  it('back the embedded database up beside the service that runs it, and without one', async () => {
    const installation = installationFor({ url: 'postgres://nobody@127.0.0.1:1/nothing' });
    installation.configure({
      ...JSON.parse(readFileSync(installation.paths.config, 'utf8')),
      dbConnectionConfig: undefined,
    });
    for (let folder = installation.paths.embeddedDatabase; folder !== tmpdir(); folder = dirname(folder))
      if (existsSync(folder)) chmodSync(folder, 0o755);
    const running = await startEmbeddedPostgres({ dataDir: installation.paths.embeddedDatabase, durable: true });
    const store = openStore({ connection: running.connection, applicationName: 'service' });
    await store.migrate();
    await store.saveMailboxes([{ address: ADDRESS, provider: 'main', priority: 1, licensed: true }]);
    const beside = await installation.command(['backup', join(installation.root, 'beside.gz')]);
    expect(beside).toMatchObject({ code: 0, err: '' });
    expect((await store.listMailboxes()).length, 'the service’s server goes on').toBe(1);
    await store.close();
    await running.stop();
    const alone = await installation.command(['backup', join(installation.root, 'alone.gz')]);
    expect(alone).toMatchObject({ code: 0, err: '' });
    const rows = ({ out }: { readonly out: string }): string | undefined => /^\d+ rows/.exec(out)?.[0];
    expect(rows(alone)).toBe(rows(beside));
  });

  it('end with 69 and the place to look when there is no database', async () => {
    const port = await freePort();
    const installation = installationFor({ url: `postgres://nobody@127.0.0.1:${port}/nothing` });
    for (const argv of [['backup', join(installation.root, 'b')], ['migrate']]) {
      const said = await installation.command(argv);
      expect(said).toMatchObject({ code: 69, out: '' });
      expect(said.err).toContain(`check dbConnectionConfig (127.0.0.1:${port})`);
    }
  });

  it('doctor judges a real database', async () => {
    await using database = await createTestDatabase();
    const { out } = await installationFor(database.connection).command(['doctor', '--json']);
    const { checks } = JSON.parse(out) as {
      checks: { id: string; verdict: string; findings: { subject?: string }[] }[];
    };
    const found = checks.find(({ id }) => id === 'database');
    expect(found?.findings.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['version', 'rights', 'migrations']),
    );
    const russian = await installationFor(database.connection).command(['doctor'], { env: { LANG: 'ru_RU.UTF-8' } });
    expect(russian.out).toMatch(/- rights: у роли есть все нужные права/);
  });

  it('doctor finds no fault in a database that the service has not filled yet', async () => {
    await using database = await createTestDatabase({ empty: true });
    const { out } = await installationFor(database.connection).command(['doctor', '--json']);
    const { checks } = JSON.parse(out) as { checks: { id: string; findings: { subject?: string; cause: string }[] }[] };
    const found = checks.find(({ id }) => id === 'database')?.findings.find(({ subject }) => subject === 'migrations');
    expect(found).toMatchObject({ verdict: 'ok', cause: expect.stringContaining('when the service starts') });
  });
});
