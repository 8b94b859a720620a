/**
 * TrueConf → Exchange: conferences planned on the server appear in their owners' calendars, follow changes, vanish when
 * they are deleted. One way only: the conference is the truth, the event its mirror. What the connector made itself, or
 * bound to a meeting, is never mirrored: no echo. SPEC.md §9; feature D5.
 */
import type {
  Conference,
  ConferenceId,
  Instant,
  ItemId,
  MailboxAddress,
  TrueConfServerId,
  TrueConfUser,
  TrueConfUserId,
} from '@calendar-connector/calendar-model';
import { CONNECTOR_TAG } from '@calendar-connector/calendar-model';
import { type DisappearanceLimits, judgeDisappearance } from '../guards/disappearance.ts';
import type { AnomalyDraft } from '../model/decision.ts';
import type { AccessLevel } from '../model/settings.ts';
import type { EventAddress, EventDraft, EventPatch, MailPolicy } from '../ports/calendar-source.ts';
import type { MirrorRecord } from '../ports/sync-store.ts';
import { compareText } from '../view/copies.ts';
import { draftHash, mirrorDraft, mirrorMark, writtenEnd } from './mirror-draft.ts';

interface OnMirror {
  readonly serverId: TrueConfServerId;
  readonly conferenceId: ConferenceId;
  readonly mailbox: MailboxAddress;
  readonly mail: MailPolicy;
}
export interface CreateMirrorItem extends OnMirror {
  readonly kind: 'createMirrorItem';
  readonly draft: EventDraft;
  /** idempotency key of CalendarSource.createEvent */
  readonly writeKey: string;
  readonly hash: string;
}
export interface UpdateMirrorItem extends OnMirror {
  readonly kind: 'updateMirrorItem';
  readonly address: EventAddress;
  readonly patch: EventPatch;
  readonly hash: string;
}
export interface RemoveMirrorItem extends OnMirror {
  readonly kind: 'removeMirrorItem';
  readonly address: EventAddress;
}
/** Nothing to write: the record alone is not needed any more. */
export interface ForgetMirror extends OnMirror {
  readonly kind: 'forgetMirror';
}
/** What should happen to one mirrored event. */
export type MirrorDecision = CreateMirrorItem | UpdateMirrorItem | RemoveMirrorItem | ForgetMirror;

/** What an administrator decides about mirrors. */
export interface MirrorSettings {
  readonly access: AccessLevel;
  /** participants become attendees */
  readonly attendees: boolean;
  readonly mail: MailPolicy;
  readonly instance?: string;
  readonly disappearance?: DisappearanceLimits;
}

export interface MirrorInput {
  readonly serverId: TrueConfServerId;
  /** planned and running conferences of the server */
  readonly conferences: readonly Conference[];
  /** false: the listing broke off, so that a missing conference proves nothing */
  readonly complete: boolean;
  readonly mirrors: readonly MirrorRecord[];
  /** conferences that meetings are bound to, mirrors' own bindings left out */
  readonly bound: ReadonlySet<ConferenceId>;
  /** synced mailboxes by the account that owns them */
  readonly mailboxes: ReadonlyMap<TrueConfUserId, MailboxAddress>;
  readonly users: ReadonlyMap<TrueConfUserId, TrueConfUser>;
  /** an administrator says that conferences which vanished at once are really gone */
  readonly released?: boolean;
  readonly settings: MirrorSettings;
  readonly now: Instant;
}

export interface MirrorPlan {
  readonly decisions: readonly MirrorDecision[];
  readonly anomalies: readonly AnomalyDraft[];
}

/** What has to be written to calendars so that they show what is planned on the server. */
export function planMirrors(input: MirrorInput): MirrorPlan {
  const { settings, conferences, mirrors } = input;
  if (settings.access !== 'full') return { decisions: [], anomalies: [] };
  const records = new Map(mirrors.map((mirror) => [mirror.conferenceId, mirror]));
  const wanted = [...conferences]
    .sort((a, b) => compareText(a.id, b.id))
    .flatMap((conference) => wish(conference, input));
  const kept = new Set(wanted.map(({ conference }) => conference.id));
  const decisions = wanted.flatMap((entry) => compare(entry, records.get(entry.conference.id), input));
  const gone = mirrors.filter((mirror) => !kept.has(mirror.conferenceId) && !isPast(mirror, conferences, input.now));
  return withRemovals(decisions, gone, input);
}

interface Wish {
  readonly conference: Conference;
  readonly mailbox: MailboxAddress;
  readonly draft: EventDraft;
  readonly hash: string;
}

function wish(conference: Conference, input: MirrorInput): readonly Wish[] {
  const { serverId, bound, mailboxes, users, settings, now } = input;
  if (conference.tags.includes(CONNECTOR_TAG) || bound.has(conference.id)) return [];
  const mailbox = mailboxes.get(conference.owner);
  if (mailbox === undefined) return [];
  const { attendees, instance } = settings;
  const draft = mirrorDraft(
    conference,
    { serverId, users, attendees, ...(instance !== undefined && { instance }) },
    now,
  );
  return draft ? [{ conference, mailbox, draft, hash: draftHash(draft) }] : [];
}

function compare(entry: Wish, record: MirrorRecord | undefined, input: MirrorInput): readonly MirrorDecision[] {
  const { conference, mailbox, draft, hash } = entry;
  const { mail } = input.settings;
  const on = { serverId: input.serverId, conferenceId: conference.id, mailbox, mail };
  const writeKey = `mirror:${mirrorMark(input.serverId, conference)}:${mailbox}`;
  const moved = record !== undefined && record.mailbox !== mailbox;
  if (!record || moved || record.itemId === undefined) {
    const old = record && moved ? removal(record, input) : [];
    if (!record && isOver(draft, input.now)) return [];
    return [...old, { kind: 'createMirrorItem', ...on, draft, writeKey, hash }];
  }
  if (record.written === hash || isOver(draft, input.now)) return [];
  return [{ kind: 'updateMirrorItem', ...on, address: { itemId: record.itemId }, patch: draft, hash }];
}

function isOver(draft: EventDraft, now: Instant): boolean {
  return draft.recurrence === undefined && draft.end <= now;
}

/** A conference that took place and left the list is history, not a cancellation. */
function isPast(mirror: MirrorRecord, conferences: readonly Conference[], now: Instant): boolean {
  if (conferences.some((conference) => conference.id === mirror.conferenceId)) return false;
  const endsAt = writtenEnd(mirror);
  return endsAt !== undefined && endsAt <= now;
}

function removal(mirror: MirrorRecord, input: MirrorInput): readonly MirrorDecision[] {
  const { mail } = input.settings;
  const { conferenceId, mailbox, itemId } = mirror;
  const on = { serverId: input.serverId, conferenceId, mailbox, mail };
  if (itemId === undefined) return [{ kind: 'forgetMirror', ...on }];
  return [{ kind: 'removeMirrorItem', ...on, address: { itemId } }];
}

function withRemovals(
  decisions: readonly MirrorDecision[],
  gone: readonly MirrorRecord[],
  input: MirrorInput,
): MirrorPlan {
  const listed = new Set(input.conferences.map((conference) => conference.id));
  // A conference that is listed but not to be mirrored any more is certain; a missing one only in a whole listing.
  const certain = gone.filter((mirror) => input.complete || listed.has(mirror.conferenceId));
  const vanished = certain.filter((mirror) => !listed.has(mirror.conferenceId)).length;
  const live = input.mirrors.length;
  if (!input.released && judgeDisappearance({ live, vanished }, input.settings.disappearance) === 'quarantine') {
    const facts = { serverId: input.serverId, live, vanished };
    return { decisions, anomalies: [{ kind: 'massDisappearance', facts }] };
  }
  const removals = [...certain]
    .sort((a, b) => compareText(a.conferenceId, b.conferenceId))
    .flatMap((mirror) => removal(mirror, input));
  return { decisions: [...decisions, ...removals], anomalies: [] };
}

/** What carrying out a mirror decision makes true: the record to save, or its removal. */
export function settleMirror(
  decision: MirrorDecision,
  written: { readonly itemId: ItemId } | undefined,
  now: Instant,
): { readonly save: MirrorRecord } | { readonly remove: Pick<MirrorRecord, 'serverId' | 'conferenceId'> } {
  const { serverId, conferenceId, mailbox } = decision;
  if (decision.kind === 'removeMirrorItem' || decision.kind === 'forgetMirror') {
    return { remove: { serverId, conferenceId } };
  }
  const itemId = written?.itemId ?? (decision.kind === 'updateMirrorItem' ? decision.address.itemId : undefined);
  return {
    save: {
      serverId,
      conferenceId,
      mailbox,
      ...(itemId !== undefined && { itemId }),
      written: decision.hash,
      seenAt: now,
    },
  };
}
