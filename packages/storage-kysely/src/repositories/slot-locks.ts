/**
 * Advisory locks on slots of things instead of single things. However many meetings a transaction concerns, its locks fit
 * into the lock table of a PostgreSQL left at its defaults, which all sessions share; two things of one slot merely wait
 * for each other. Slots are locked in order, so that nobody waits in a circle; the locks end with the transaction.
 */
import { sql } from 'kysely';
import { plainArray } from '../array-literal.ts';
import type { Trx } from '../transaction.ts';

/** Few enough that fifty transactions of any size at once stay below that table. */
const SLOTS = 256;

/** The first halves of PostgreSQL's two-part advisory locks. A transaction takes them in this order. */
export const LOCK_SPACE = { conferences: 0x7cc1, meetings: 0x7cc2, looks: 0x7cc3 } as const;

type LockSpace = (typeof LOCK_SPACE)[keyof typeof LOCK_SPACE];

/** `hashes`: see hashes.ts. */
export async function holdSlots(trx: Trx, space: LockSpace, hashes: readonly string[]): Promise<void> {
  if (hashes.length === 0) return;
  await sql`select count(pg_advisory_xact_lock(${space}, s)) from unnest(${slotsOf(hashes)}::int[]) s`.execute(trx);
}

export async function shareSlots(trx: Trx, space: LockSpace, hashes: readonly string[]): Promise<void> {
  if (hashes.length === 0) return;
  await sql`select count(pg_advisory_xact_lock_shared(${space}, s)) from unnest(${slotsOf(hashes)}::int[]) s`.execute(
    trx,
  );
}

function slotsOf(hashes: readonly string[]): string {
  const slots = new Set(hashes.map((hash) => Number.parseInt(hash.slice(0, 8), 16) % SLOTS));
  return plainArray([...slots].sort((a, b) => a - b));
}
