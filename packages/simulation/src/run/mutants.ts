/**
 * Planted bugs, one per kind the simulation must catch. Each breaks one promise of the store, of the wiring or of the
 * settings around the real engine; the engine's own code stays untouched.
 */
export const MUTANTS = {
  cursorBeforeItems: 'the cursor is committed in a transaction of its own before the items',
  noFence: 'commits are accepted from nodes that lost the mailbox',
  jobsOutsideTransaction: 'jobs ordered by a commit get lost with its answer',
  settlementOverwrites:
    'handlers of one meeting run side by side and settlements made from an older version are accepted',
  startsInMemory: 'scheduled starts are kept in the memory of the node',
  startNotRecorded: 'a start that was carried out is not written down',
  deleteAtOnce: 'a vanished item is believed at once',
  heldStillBelieved: 'removals held in a mailbox that is then quarantined go on being believed',
  announcementUnlocked: 'a copy stored while its meeting is announced is not waited for',
  changeUntold: 'clients are not told that a conference has changed',
  guardOff: 'a mailbox that comes back empty is believed',
  randomConferenceIds: 'the id of a created conference is drawn by chance',
  noRetry: 'a settlement does not order another look after a failure',
  sweepOff: 'only notifications make the engine look',
  listingForgetsPages: 'the end of a listing knows only its last page',
  echoNotRecognized: 'neither the item nor the baseline remembers that the link was written',
  privateLost: 'sensitivity is lost when an item is read',
  removalOnLookupFailure: 'a server that does not answer counts as one without the conference',
  refusedCursorKept: 'a refused cursor stays in the store',
  handlersSideBySide: 'two handlers work on one meeting at the same time',
  blindConfirmation: 'reading the mailbox once more before a deletion ends its meeting shows nothing',
  deadNodesJobsStuck: 'jobs of a dead node stay locked',
  returnUnplanned: 'the meetings of a mailbox that is synced again are not planned',
  lostFetchForgotten: 'jobs fetched in an answer that never arrived stay locked',
} as const;

export type Mutant = keyof typeof MUTANTS;

export function isMutant(name: string): name is Mutant {
  return Object.hasOwn(MUTANTS, name);
}
