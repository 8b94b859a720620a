/**
 * Conferences planned on a TrueConf Server, mirrored into their owners' calendars (feature D5). Called with each list of
 * a server; what to write is the core's decision, writing is idempotent by key, and the record is saved after it.
 */
import type {
  Conference,
  ConferenceId,
  Instant,
  MailboxAddress,
  TrueConfUser,
  TrueConfUserId,
} from '@calendar-connector/calendar-model';
import { CONNECTOR_TAG, mailboxAddress } from '@calendar-connector/calendar-model';
import {
  type AnomalyDraft,
  type ConferenceTarget,
  type MirrorDecision,
  type MirrorInput,
  type MirrorPlan,
  type MirrorRecord,
  type MirrorSettings,
  planMirrors,
  type SyncStore,
  settleMirror,
} from '@calendar-connector/sync-core';
import type { Clock } from '../clock.ts';
import { failureFacts, type Reach } from '../meetings/decision-applier.ts';
import { ExpiringCache } from '../meetings/expiring-cache.ts';

const USER_LIFETIME_MS = 10 * 60_000;
const MAX_CACHED_USERS = 20_000;
/** Writes to calendars per list; the rest follows with the next one. */
const MAX_WRITES_PER_LIST = 200;
/** A release is believed long enough for all writes it frees, and not until the server next comes back empty. */
const RELEASE_LIFETIME_MS = 60 * 60_000;

export interface MirrorObserver {
  applied(decision: MirrorDecision, outcome: string): void;
  anomaly(draft: AnomalyDraft): void;
}

export interface MirrorWorkerSettings extends MirrorSettings {
  readonly enabled: boolean;
}

export interface MirrorWorkerOptions {
  readonly clock: Clock;
  readonly store: Pick<
    SyncStore,
    | 'listMirrors'
    | 'saveMirror'
    | 'removeMirror'
    | 'findMeetingByConference'
    | 'loadMeeting'
    | 'findMailbox'
    | 'listAnomalies'
    | 'saveAnomaly'
  >;
  readonly reach: Reach;
  readonly newId: () => string;
  readonly settings: () => MirrorWorkerSettings;
  readonly observer: MirrorObserver;
}

export class MirrorWorker {
  readonly #options: MirrorWorkerOptions;
  readonly #users: ExpiringCache<TrueConfUser | undefined>;

  constructor(options: MirrorWorkerOptions) {
    this.#options = options;
    this.#users = new ExpiringCache<TrueConfUser | undefined>(options.clock, {
      maxEntries: MAX_CACHED_USERS,
      lifetimeMs: () => USER_LIFETIME_MS,
    });
  }

  /** Brings the mirrors of one server in step with its list. `complete`: it is the whole list. */
  async reconcile(
    target: ConferenceTarget,
    { conferences, complete }: { readonly conferences: readonly Conference[]; readonly complete: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, store, settings, observer, newId } = this.#options;
    const { enabled, ...rules } = settings();
    if (!enabled) return;
    const now = clock.now();
    const mirrors = await store.listMirrors(target.id);
    const candidates = conferences.filter((conference) => isPlannedByPeople(conference, now));
    const facts = await this.#facts(target, candidates, mirrors, signal);
    const known = conferences.filter((conference) => !facts.unknown.has(conference.id));
    const { decisions, anomalies } = await this.#plan({
      serverId: target.id,
      conferences: known,
      complete: complete && facts.unknown.size === 0,
      mirrors,
      ...facts,
      settings: rules,
      now,
    });
    for (const draft of anomalies) {
      observer.anomaly(draft);
      await store.saveAnomaly({ ...draft, id: newId(), at: now });
    }
    for (const decision of decisions.slice(0, MAX_WRITES_PER_LIST)) {
      if (signal.aborted) return;
      await this.#apply(decision, signal);
    }
  }

  /** Plans again, believing what vanished, when an administrator has just said that it is really gone. */
  async #plan(input: MirrorInput): Promise<MirrorPlan> {
    const plan = planMirrors(input);
    if (plan.anomalies.length === 0 || !(await this.#isReleased(input))) return plan;
    return planMirrors({ ...input, released: true });
  }

  async #isReleased({ serverId, now }: MirrorInput): Promise<boolean> {
    const anomalies = await this.#options.store.listAnomalies(false);
    return anomalies.some(
      ({ kind, facts, decision, decidedAt }) =>
        kind === 'massDisappearance' &&
        facts.serverId === serverId &&
        decision === 'released' &&
        now - (decidedAt ?? 0) < RELEASE_LIFETIME_MS,
    );
  }

  /** Accounts, mailboxes and bindings of the conferences that might be mirrored. */
  async #facts(
    target: ConferenceTarget,
    candidates: readonly Conference[],
    mirrors: readonly MirrorRecord[],
    signal: AbortSignal,
  ) {
    const { store } = this.#options;
    const mirrored = new Set(mirrors.map(({ conferenceId }) => conferenceId));
    const users = new Map<TrueConfUserId, TrueConfUser>();
    const mailboxes = new Map<TrueConfUserId, MailboxAddress>();
    const bound = new Set<ConferenceId>();
    const unknown = new Set<ConferenceId>();
    for (const conference of candidates) {
      try {
        const meeting = await store.findMeetingByConference(target.id, conference.id);
        // A mirror's own item carries the join link too: what is bound to a meeting that is only our mirror is no binding.
        if (meeting !== undefined && !(mirrored.has(conference.id) && (await this.#isMirrorOnly(meeting))))
          bound.add(conference.id);
        if (bound.has(conference.id)) continue;
        const owner = await this.#user(target, conference.owner, signal);
        const mailbox = owner?.email ? await store.findMailbox(mailboxAddress(owner.email)) : undefined;
        if (!owner || !mailbox?.licensed) continue;
        mailboxes.set(conference.owner, mailbox.address);
        users.set(conference.owner, owner);
        for (const { id } of conference.participants) {
          const participant = await this.#user(target, id, signal);
          if (participant) users.set(id, participant);
        }
      } catch (error) {
        if (signal.aborted) throw error;
        unknown.add(conference.id);
      }
    }
    return { users, mailboxes, bound, unknown };
  }

  async #isMirrorOnly(key: Parameters<SyncStore['loadMeeting']>[0]): Promise<boolean> {
    const { copies } = await this.#options.store.loadMeeting(key);
    return copies.every((copy) => copy.item.marker.mirrorOf !== undefined);
  }

  #user(target: ConferenceTarget, id: TrueConfUserId, signal: AbortSignal): Promise<TrueConfUser | undefined> {
    // Guests by e-mail and SIP or H.323 addresses are nobody's account.
    if (/[#]|@.*@/.test(id)) return Promise.resolve(undefined);
    return this.#users.get(`${target.id}\n${id}`, () => target.findUser(id, signal));
  }

  async #apply(decision: MirrorDecision, signal: AbortSignal): Promise<void> {
    const { clock, store, reach, observer } = this.#options;
    try {
      const written = await this.#write(decision, reach, signal);
      if (written === 'unreachable') {
        observer.applied(decision, 'mailboxNotHeld');
        return;
      }
      const settled = settleMirror(decision, written, clock.now());
      if ('save' in settled) await store.saveMirror(settled.save);
      else await store.removeMirror(settled.remove.serverId, settled.remove.conferenceId);
      observer.applied(decision, 'done');
    } catch (error) {
      const failure = failureFacts(error);
      // A person deleted the mirrored event: it is made anew only when the conference changes.
      if (failure.kind === 'notFound' && decision.kind === 'updateMirrorItem') {
        const { serverId, conferenceId } = decision;
        await store.removeMirror(serverId, conferenceId);
      }
      observer.applied(decision, failure.kind);
    }
  }

  async #write(decision: MirrorDecision, reach: Reach, signal: AbortSignal) {
    if (decision.kind === 'forgetMirror') return undefined;
    const place = await reach.mailbox(decision.mailbox, signal);
    if (!place) return 'unreachable' as const;
    const { source, resolved } = place;
    switch (decision.kind) {
      case 'createMirrorItem':
        return await source.createEvent(resolved, decision.draft, decision.writeKey, decision.mail, signal);
      case 'updateMirrorItem':
        return await source.updateEvent(resolved, decision.address, decision.patch, decision.mail, signal);
      case 'removeMirrorItem':
        await source.cancelEvent(resolved, decision.address, decision.mail, signal);
        return undefined;
    }
  }
}

/** Worth asking about: not ours, with a time that is not over. */
function isPlannedByPeople(conference: Conference, now: Instant): boolean {
  if (conference.tags.includes(CONNECTOR_TAG)) return false;
  const { schedule } = conference;
  if (schedule.type === 'none') return false;
  return schedule.type === 'week' || schedule.start + schedule.durationSeconds * 1000 > now;
}
