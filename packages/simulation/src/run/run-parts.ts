/** What the parts of one run share. */
import type { ConferenceId, Instant, ItemId, MailboxAddress } from '@calendar-connector/calendar-model';
import type { Chance } from '../time/chance.ts';
import type { Sometimes } from '../time/sometimes.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import type { Mutant } from './mutants.ts';

/** What was really done to the worlds, for the oracle. */
export interface Journal {
  readonly created: { readonly id: ConferenceId; readonly topic: string; readonly at: Instant }[];
  readonly removed: { readonly id: ConferenceId; readonly at: Instant }[];
  readonly runs: { readonly id: ConferenceId; readonly at: Instant }[];
  /** rooms that people opened and left */
  readonly opened: { readonly id: ConferenceId; readonly at: Instant; readonly until: Instant }[];
  readonly topics: string[];
  readonly itemWrites: { readonly address: MailboxAddress; readonly itemId: ItemId }[];
  /** invariants broken on the spot */
  readonly broken: string[];
}

export interface Run {
  readonly seed: number;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly sometimes: Sometimes;
  readonly journal: Journal;
  readonly mutant: Mutant | undefined;
  /** how often the mailbox changed hands */
  fenceOf(mailbox: MailboxAddress): number;
  /** one line of the run's story; does nothing unless asked for */
  trace(line: string): void;
  readonly quietSince: Instant;
  /** false once the run only lets the engine converge */
  faultsOn(): boolean;
}
