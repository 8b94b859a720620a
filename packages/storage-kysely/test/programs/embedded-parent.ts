/** Starts an embedded server in the folder argv[2], tells its process id and URL, and waits to be killed. */
import { startEmbeddedPostgres } from '../../src/index.ts';

const server = await startEmbeddedPostgres({ dataDir: process.argv[2] ?? '', durable: true });
process.stdout.write(`${JSON.stringify({ pid: server.pid, url: server.url })}\n`);
setInterval(() => undefined, 60_000);
