/**
 * Transactions with a bounded number of re-tries. Only what PostgreSQL itself calls repeatable (serialisation failure,
 * deadlock) is repeated; a lost connection is not, because the commit may have happened.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import type { Kysely, Transaction } from 'kysely';
import { sql } from 'kysely';
import { isSerializationFailure, StoreError, storeError } from './store-error.ts';
import type { Database } from './tables/database.ts';

const ATTEMPTS_LIMIT = 5;

export type Db = Kysely<Database>;
export type Trx = Transaction<Database>;

/** Runs `work` in one transaction; `what` names it in messages. */
export async function inTransaction<Result>(
  db: Db,
  what: string,
  work: (trx: Trx) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    let finished = false;
    try {
      return await db.transaction().execute(async (trx) => {
        const result = await work(trx);
        finished = true;
        return result;
      });
    } catch (error) {
      if (error instanceof StoreError || attempt >= ATTEMPTS_LIMIT || !isSerializationFailure(error)) {
        throw finishedError(error, what, finished);
      }
    }
  }
}

/** After `finished` only the commit's answer can have been lost. */
function finishedError(error: unknown, what: string, finished: boolean): StoreError {
  const failure = storeError(error, what);
  return finished && failure.kind === 'unavailable' ? storeError(failure.cause, what, true) : failure;
}

/** Runs a single statement outside a transaction, with errors classified. */
export async function once<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw storeError(error, what);
  }
}

/** The one clock all nodes share; it goes on while the transaction runs. */
export async function databaseNow(trx: Trx): Promise<Instant> {
  const { rows } = await sql<{ ms: number }>`select extract(epoch from clock_timestamp())::float8 * 1000 as ms`.execute(
    trx,
  );
  return rows[0]?.ms ?? 0;
}
