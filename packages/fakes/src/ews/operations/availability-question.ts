/** What an availability request asks: whom, over which time, in what detail. */
import type { TimeZone } from '@calendar-connector/recurrence';
import type { Mailbox } from '../../world/mailbox.ts';
import type { ShownItem } from '../items/shown-item.ts';
import type { EwsError } from '../wire/ews-error.ts';

export interface Window {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly view: string;
  readonly zone: TimeZone;
}

/** A person asked about: their mailbox or why there is none. */
export type Asked = { readonly box: Mailbox; readonly items: readonly ShownItem[] } | { readonly error: EwsError };
