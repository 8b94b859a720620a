/**
 * What a mailbox store tells its watchers, in the granularity of Exchange notifications
 * (Microsoft "Pull notifications for EWS deletion-related mailbox events").
 */
import type { Instant } from '@calendar-connector/calendar-model';

export type StoreEventKind = 'created' | 'modified' | 'deleted' | 'moved' | 'copied' | 'newMail' | 'freeBusyChanged';

export interface StoreEvent {
  readonly kind: StoreEventKind;
  readonly at: Instant;
  /** the folder the event is about, or the folder of the item */
  readonly folder: number;
  readonly parentFolder: number;
  /** absent: the event is about the folder itself */
  readonly item?: number;
  readonly old?: { readonly folder: number; readonly item: number; readonly parentFolder: number };
  readonly unread?: number;
}

export type StoreWatcher = (events: readonly StoreEvent[]) => void;
