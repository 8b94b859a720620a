/**
 * Decides who a token belongs to and whose calendars that user may open (features D2, C10; threats T10, T11).
 * The user's own TrueConf Server is asked, and only if it is whitelisted; a token never travels to another server.
 */
import type { FolderId, MailboxAddress } from '@calendar-connector/calendar-model';
import { mailboxAddress, trueConfServerId } from '@calendar-connector/calendar-model';
import type { CalendarRight, ConferenceTarget, Delegate, FeedStore, MailboxStore } from '@calendar-connector/sync-core';
import { isFailure } from '@calendar-connector/sync-core';
import type { Clock } from '../engine/clock.ts';
import { ExpiringCache } from '../engine/meetings/expiring-cache.ts';
import type { Caller } from './caller.ts';
import type { ViewerKind } from './change-hub.ts';
import { Refusal } from './refusal.ts';

/** A right taken away ends this soon. Asked for only while a delegate reads or a change is pushed to one. */
const DELEGATES_LIFETIME_MS = 10_000;
const MAX_CACHED_MAILBOXES = 20_000;

export interface AuthorityOptions {
  readonly clock: Clock;
  readonly store: Pick<MailboxStore & FeedStore, 'findMailbox' | 'findMailboxByFolder'>;
  /** whitelisted servers, by their id in lower case */
  readonly target: (serverId: string) => ConferenceTarget | undefined;
  /** named in the configuration; a mailbox that no longer is keeps its data and is shown to nobody */
  readonly isConfigured: (mailbox: MailboxAddress) => boolean;
  readonly fetchDelegates: (mailbox: MailboxAddress) => Promise<readonly Delegate[]>;
}

/** The caller's own calendar: its id, not found yet, or none because the mailbox is not synced. */
export type OwnCalendar = FolderId | 'pending' | 'none';

export interface OpenCalendar {
  readonly mailbox: MailboxAddress;
  readonly calendarId: FolderId;
  readonly kind: ViewerKind;
  /** what the caller may do in it */
  readonly right: CalendarRight;
}

/** Whatever went wrong, the server could not be asked: that says nothing of the token, nor of any calendar. */
function unanswered(error: unknown): never {
  if (!isFailure(error)) throw error;
  const refusal = new Refusal(
    'providerUnavailable',
    'this TrueConf Server cannot be asked now; try again later',
    error.retryAfterMs,
  );
  // for the log; a client is not told what is wrong with servers
  refusal.cause = error;
  throw refusal;
}

export class Authority {
  readonly #options: AuthorityOptions;
  readonly #delegates: ExpiringCache<readonly Delegate[]>;

  constructor(options: AuthorityOptions) {
    this.#options = options;
    this.#delegates = new ExpiringCache(options.clock, {
      maxEntries: MAX_CACHED_MAILBOXES,
      lifetimeMs: () => DELEGATES_LIFETIME_MS,
    });
  }

  /** The caller behind a token. One sentence for every reason: an attacker learns nothing of which servers exist. */
  async identify(server: string, token: string, signal: AbortSignal): Promise<Caller> {
    const target = this.#options.target(server.trim().toLowerCase());
    if (!target)
      throw new Refusal('unauthorized', 'this server may not use the connector, or the token is not valid there');
    const user = await target.findTokenOwner(token, signal).catch(unanswered);
    if (!user)
      throw new Refusal('unauthorized', 'this server may not use the connector, or the token is not valid there');
    const email = (user.email ?? '').trim().toLowerCase();
    return { serverId: trueConfServerId(target.id), userId: user.id, displayName: user.displayName, email };
  }

  /** Whitelisted (still): who came from another server is sent away. */
  isWelcome(serverId: string): boolean {
    return this.#options.target(serverId.toLowerCase()) !== undefined;
  }

  /** The caller's own mailbox, if it is synced (by now). */
  ownMailbox({ email }: Caller): MailboxAddress | undefined {
    if (email === '') return undefined;
    const mailbox = mailboxAddress(email);
    return this.#options.isConfigured(mailbox) ? mailbox : undefined;
  }

  async ownCalendar(caller: Caller): Promise<OwnCalendar> {
    const mailbox = this.ownMailbox(caller);
    if (mailbox === undefined) return 'none';
    return (await this.#options.store.findMailbox(mailbox))?.resolved?.folderId ?? 'pending';
  }

  /** May the caller (still) see this mailbox's calendar? Costs nothing while the answer is fresh. */
  async mayWatch(caller: Caller, mailbox: MailboxAddress): Promise<boolean> {
    return (await this.#rightIn(mailbox, caller)) !== undefined;
  }

  async #rightIn(mailbox: MailboxAddress, { email }: Caller): Promise<CalendarRight | undefined> {
    if (email === '' || !this.#options.isConfigured(mailbox)) return undefined;
    const own = mailboxAddress(email);
    if (own === mailbox) return 'edit';
    const delegates = await this.#delegates.get(mailbox, () => this.#options.fetchDelegates(mailbox));
    return delegates.find(({ address }) => address === own)?.right;
  }

  /** The calendar a caller names, if it is theirs or its owner made them a delegate. */
  async openCalendar(caller: Caller, calendarId: string): Promise<OpenCalendar> {
    const folder = calendarId as FolderId;
    // PostgreSQL takes no NUL in texts; no folder has one in its id.
    const mailbox = calendarId.includes('\0') ? undefined : await this.#options.store.findMailboxByFolder(folder);
    if (mailbox === undefined || !this.#options.isConfigured(mailbox))
      throw new Refusal('notFound', 'there is no such calendar');
    const right = await this.#rightIn(mailbox, caller);
    if (right === undefined) throw new Refusal('forbidden', 'this calendar belongs to somebody else');
    const kind = mailbox === this.ownMailbox(caller) ? 'owner' : 'other';
    return { mailbox, calendarId: folder, kind, right };
  }
}
