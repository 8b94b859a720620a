/** An item that is there and cannot be given, and why. */
import type { ItemId } from '@calendar-connector/calendar-model';
import { EwsError } from '../errors/ews-error.ts';
import type { FailedItem } from './gathered-items.ts';

export interface Unreadable extends FailedItem {
  readonly itemId: ItemId;
}

/** What to throw where just this item was wanted. */
export function errorOfUnreadable({ code, kind, message }: Unreadable, mailbox: string): EwsError {
  return new EwsError({ kind, code, message, mailbox });
}
