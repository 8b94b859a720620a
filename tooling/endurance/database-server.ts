/** A PostgreSQL of the scenario's own that can be killed and started again on the same data and port. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@calendar-connector/storage-kysely';
import pg from 'pg';

const GONE_POLL_MS = 5;
const START_LIMIT_MS = 20_000;

export class DatabaseServer {
  readonly #folder: string;
  #server: EmbeddedPostgres;
  #pool: pg.Pool;

  private constructor(folder: string, server: EmbeddedPostgres) {
    this.#folder = folder;
    this.#server = server;
    this.#pool = poolOf(server);
  }

  static async start(): Promise<DatabaseServer> {
    const folder = mkdtempSync(path.join(tmpdir(), 'tcc-endurance-pg-'));
    chmodSync(folder, 0o711);
    const server = await startEmbeddedPostgres({ dataDir: path.join(folder, 'data'), durable: true });
    return new DatabaseServer(folder, server);
  }

  get connection(): EmbeddedPostgres['connection'] {
    return this.#server.connection;
  }

  async rows<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<readonly Row[]> {
    return (await this.#pool.query<Row>(text, values)).rows;
  }

  /** SIGKILL to the server, then the start that an init system would make: recovery included. */
  async crash(): Promise<void> {
    const { pid, connection } = this.#server;
    await this.#pool.end().catch(() => {});
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    this.#server = await this.#startAgain(connection.port);
    this.#pool = poolOf(this.#server);
  }

  /** The killed server's sessions end a moment after it; until then the data folder is refused to a new one. */
  async #startAgain(port: number): Promise<EmbeddedPostgres> {
    const deadline = Date.now() + START_LIMIT_MS;
    for (;;) {
      try {
        return await startEmbeddedPostgres({ dataDir: path.join(this.#folder, 'data'), durable: true, port });
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 10 * GONE_POLL_MS));
      }
    }
  }

  async stop(): Promise<void> {
    await this.#pool.end().catch(() => {});
    await this.#server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function poolOf(server: EmbeddedPostgres): pg.Pool {
  const pool = new pg.Pool({ ...server.connection, max: 4 });
  // A killed server ends idle connections; the next query makes new ones.
  pool.on('error', () => {});
  return pool;
}

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, GONE_POLL_MS));
  }
}
