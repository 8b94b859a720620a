/**
 * The embedded PostgreSQL of one test run, as a process: prints its URL when the migrated template is ready and ends,
 * with the server and its files, when its standard input closes, that is, at the latest when the run dies.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { createDatabase, openStore, startEmbeddedPostgres } from '@calendar-connector/storage-kysely';
import { TEMPLATE } from './postgres-names.ts';

const folder = await mkdtemp(`${tmpdir()}/tcc-postgres-`);
const server = await startEmbeddedPostgres({ dataDir: folder, durable: false });

process.stdin.resume().once('close', async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
  process.exit(0);
});

const connection = await createDatabase({ url: server.url }, TEMPLATE);
const store = openStore({ connection, applicationName: 'test template', poolSize: 2 });
await store.migrate();
await store.close();
process.stdout.write(`${server.url}\n`);
