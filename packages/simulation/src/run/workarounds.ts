/**
 * Faults that the simulation found and that are not mended yet. `pnpm sim --workarounds` takes them out of the way so that
 * the search goes on behind them; without it the simulated store behaves as the real one does. A mended fault's workaround is deleted and becomes a mutant.
 */

/**
 * When a mailbox is quarantined, removals that are still held there go on being believed (storage-kysely,
 * `quarantineItems` marks only what vanished with this page): a move whose second half fell into a blank mailbox ends its
 * meeting, and reading the blank mailbox once more confirms it. Here they are quarantined with the rest.
 */
export function doubtHeld(rows: Iterable<{ missingSince?: number; quarantined?: boolean }>): void {
  for (const row of rows) {
    if (row.missingSince === undefined) continue;
    delete row.missingSince;
    row.quarantined = true;
  }
}
