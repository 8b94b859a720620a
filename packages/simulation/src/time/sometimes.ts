/**
 * Counts of situations a run has reached. A simulation that never met "throttled in the middle of a page" proves nothing
 * about it: the nightly run fails when one of the required ones stays at zero.
 */
export class Sometimes {
  readonly counts = new Map<string, number>();

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  addAll(other: Sometimes): void {
    for (const [what, count] of other.counts) this.counts.set(what, (this.counts.get(what) ?? 0) + count);
  }
}

/** Beginnings of situations that a run of many seeds must have reached. */
export const REQUIRED: readonly string[] = [
  'crash before database.commitObservation',
  'crash after database.commitObservation',
  'crash before database.commitSettlement',
  'crash after database.commitSettlement',
  'crash after trueconf.createConference',
  'crash after trueconf.runConference',
  'answer lost: database.commitSettlement',
  'answer lost: trueconf.createConference',
  'answer lost: trueconf.runConference',
  'request lost: exchange.askAgain',
  'answer lost: exchange.askAgain',
  'throttled in the middle of a page',
  'cursor refused in the middle of a listing',
  'cursor refused',
  'item passed over',
  'hint lost',
  'item gone and back under a new id',
  'item vanished between the halves of a move',
  'mailbox came back empty',
  'quarantined',
  'mailbox not synced for a while',
  'commit fenced',
  'commit stale',
  'settlement stale',
  'node paused',
  'start late',
  'conference edited while running',
  'conference removed by people',
  'meeting cancelled',
  'meeting deleted quietly',
  'exchange away',
  'trueconf away',
];
