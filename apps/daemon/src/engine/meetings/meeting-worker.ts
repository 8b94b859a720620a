/**
 * Plans and settles one meeting: load → look up → plan → apply → settle → commit (architecture §3.2–3.5).
 * Runs as a job, one at a time per meeting; a plan made from an older version is refused by the store and made anew.
 */
import type {
  Instant,
  MeetingKey,
  TrueConfServerId,
  TrueConfUser,
  TrueConfUserId,
} from '@calendar-connector/calendar-model';
import type {
  AnomalyDraft,
  ConferenceLookup,
  ConferenceRef,
  Decision,
  FailureFacts,
  LookupRequest,
  Lookups,
  Outcome,
  Plan,
  PlanSettings,
  StartConferencePayload,
  StoredMeeting,
  SyncStore,
} from '@calendar-connector/sync-core';
import { lookupsFor, NO_LOOKUPS, needsNothing, planMeeting, planStart, settle } from '@calendar-connector/sync-core';
import type { Clock } from '../clock.ts';
import { applyDecisions, failureFacts, type Reach } from './decision-applier.ts';
import { ExpiringCache } from './expiring-cache.ts';
import { isGone } from './removal-check.ts';

/** A meeting that keeps changing under our hands is left to its next job after so many tries. */
const MAX_STALE_ROUNDS = 4;
/** Users of a server looked up at the same time, over all meetings. */
const MAX_PARALLEL_USERS = 8;
const USER_LIFETIME_MS = 5 * 60_000;
const ABSENT_USER_LIFETIME_MS = 30_000;
const MAX_CACHED_USERS = 50_000;
/** What was read for a start shortly before it is not believed for longer. */
const PREPARED_LIFETIME_MS = 4_000;
const MAX_PREPARED_STARTS = 5_000;

export interface MeetingObserver {
  planned(plan: Plan): void;
  applied(key: MeetingKey, decision: Decision, outcome: Outcome): void;
  started(facts: {
    readonly key: MeetingKey;
    readonly due: Instant;
    readonly at: Instant;
    readonly outcome: string;
  }): void;
  lookupFailed(key: MeetingKey, serverId: TrueConfServerId, failure: FailureFacts): void;
  anomaly(key: MeetingKey, draft: AnomalyDraft): void;
}

export interface MeetingWorkerOptions {
  readonly clock: Clock;
  /** in [0, 1): spreads retries */
  readonly random: () => number;
  readonly store: SyncStore;
  readonly reach: Reach;
  readonly settings: () => PlanSettings;
  readonly newId: () => string;
  readonly observer: MeetingObserver;
}

export class MeetingWorker {
  readonly #options: MeetingWorkerOptions;
  readonly #users: ExpiringCache<TrueConfUser | null>;
  /** conferences looked at shortly before they are due */
  readonly #prepared: ExpiringCache<ConferenceLookup>;

  constructor(options: MeetingWorkerOptions) {
    this.#options = options;
    this.#users = new ExpiringCache<TrueConfUser | null>(options.clock, {
      maxEntries: MAX_CACHED_USERS,
      lifetimeMs: (user) => (user === null ? ABSENT_USER_LIFETIME_MS : USER_LIFETIME_MS),
    });
    this.#prepared = new ExpiringCache<ConferenceLookup>(options.clock, {
      maxEntries: MAX_PREPARED_STARTS,
      lifetimeMs: () => PREPARED_LIFETIME_MS,
    });
  }

  /** The job `plan_meeting`. Throws only what the queue should retry (the database). */
  async plan(key: MeetingKey, signal: AbortSignal): Promise<void> {
    const { clock, store, settings } = this.#options;
    for (let round = 0; round < MAX_STALE_ROUNDS && !signal.aborted; round += 1) {
      const meeting = await store.loadMeeting(key);
      const now = clock.now();
      const current = settings();
      const request = lookupsFor(meeting, current, now);
      const lookups = needsNothing(request) ? NO_LOOKUPS : await this.#lookUp(meeting, request, signal);
      const plan = planMeeting({ meeting, lookups, settings: current, now });
      if ((await this.#carryOut(meeting, plan, signal)) === 'done') return;
    }
    await store.requestPlan([key], clock.now() + 1000);
  }

  /**
   * Looks at the conference while there is time, so that at the due moment of hundreds one request each goes out. Only
   * for the first try: before a repetition the server may have carried out what it did not answer.
   */
  async prepareStart(job: StartConferencePayload, signal: AbortSignal): Promise<void> {
    if (job.at !== job.occurrenceStart) return;
    const [meeting, conference] = await Promise.all([
      this.#options.store.loadMeeting(job.meeting),
      this.#prepared.get(startKey(job), () => this.#lookUpConference(job.meeting, job, signal)),
    ]);
    // A rehearsal: the plan itself is made from what is stored at the due moment, the first hundred plans are the slow ones.
    planStart({ meeting, job, conference, settings: this.#options.settings(), now: job.at });
  }

  /** The job `start_conference`, begun by the queue when it is due on the database's clock; ours may be behind. */
  async start(job: StartConferencePayload, signal: AbortSignal): Promise<void> {
    const { clock, store, settings, observer } = this.#options;
    const report = (outcome: string): void =>
      observer.started({ key: job.meeting, due: job.at, at: clock.now(), outcome });
    let outcome: Outcome['status'] | undefined;
    for (let round = 0; round < MAX_STALE_ROUNDS && !signal.aborted; round += 1) {
      const [meeting, conference] = await Promise.all([
        store.loadMeeting(job.meeting),
        this.#lookUpForStart(job, signal),
      ]);
      const plan = planStart({ meeting, job, conference, settings: settings(), now: Math.max(clock.now(), job.at) });
      const state = await this.#carryOut(meeting, plan, signal, (decision, { status }) => {
        if (decision.kind !== 'startConference') return;
        outcome = status;
        report(status);
      });
      if (state !== 'done') continue;
      if (outcome === undefined) report('notStarted');
      // Also one that the server or a person started: clients see it at once, not with the next list of the server.
      const isRunning = typeof conference === 'object' && conference.state === 'running';
      if (outcome === 'done' || outcome === 'already' || isRunning)
        await store.saveConferenceState(job.serverId, job.conferenceId, 'running');
      return;
    }
    await store.requestPlan([job.meeting]);
  }

  /**
   * What was prepared counts only if nobody else starts such a conference: a room, found stopped. One with a time of its
   * own is started by the server itself at this very moment and has to be looked at now (facts of TrueConf §8).
   */
  async #lookUpForStart(job: StartConferencePayload, signal: AbortSignal): Promise<ConferenceLookup> {
    const key = startKey(job);
    const prepared = await this.#prepared.get(key, async () => 'notWanted');
    this.#prepared.forget(key);
    const isStillTrue =
      typeof prepared === 'object' && prepared.state === 'stopped' && prepared.schedule.type === 'none';
    return isStillTrue ? prepared : await this.#lookUpConference(job.meeting, job, signal);
  }

  async #carryOut(
    meeting: StoredMeeting,
    plan: Plan,
    signal: AbortSignal,
    onApplied: (decision: Decision, outcome: Outcome) => void = () => {},
  ): Promise<'done' | 'stale'> {
    const { clock, random, store, reach, observer } = this.#options;
    observer.planned(plan);
    const outcomes = await applyDecisions(plan.decisions, reach, signal, (decision, outcome) => {
      observer.applied(meeting.key, decision, outcome);
      onApplied(decision, outcome);
    });
    const { settlement, anomalies, changed } = settle(meeting.baseline, plan, outcomes, clock.now(), random());
    for (const draft of anomalies) await this.#report(meeting.key, draft);
    if (changed) return store.commitSettlement(settlement);
    // Nothing to write but the next look, and not even that when an earlier one is ordered already.
    if (settlement.planAgainAt !== undefined) await store.requestPlan([meeting.key], settlement.planAgainAt);
    return 'done';
  }

  async #report(key: MeetingKey, draft: AnomalyDraft): Promise<void> {
    const { clock, store, newId, observer } = this.#options;
    observer.anomaly(key, draft);
    await store.saveAnomaly({ ...draft, id: newId(), at: clock.now() });
  }

  async #lookUp(meeting: StoredMeeting, request: LookupRequest, signal: AbortSignal): Promise<Lookups> {
    const { key } = meeting;
    const { conference, previous, users, delegatesOf, confirm } = request;
    const serverId = users.serverId ?? conference?.serverId;
    const [found, foundPrevious, accounts, delegates, boundTo, removalConfirmed] = await Promise.all([
      conference ? this.#lookUpConference(key, conference, signal) : ('notWanted' as const),
      previous ? this.#lookUpConference(key, previous, signal) : undefined,
      this.#lookUpUsers(key, users, signal),
      delegatesOf && serverId ? this.#lookUpDelegates(key, delegatesOf, serverId, signal) : undefined,
      conference
        ? this.#options.store.findMeetingByConference(conference.serverId, conference.conferenceId)
        : undefined,
      confirm ? isGone(meeting, confirm.mailbox, this.#options, signal) : undefined,
    ]);
    return {
      conference: found,
      users: accounts,
      ...(foundPrevious === undefined ? {} : { previous: foundPrevious }),
      ...(delegates === undefined ? {} : { delegates }),
      ...(boundTo === undefined ? {} : { boundTo }),
      ...(removalConfirmed === undefined ? {} : { removalConfirmed }),
    };
  }

  async #lookUpConference(key: MeetingKey, ref: ConferenceRef, signal: AbortSignal): Promise<ConferenceLookup> {
    const target = this.#options.reach.target(ref.serverId);
    if (!target) return 'unreachable';
    try {
      return (await target.findConference(ref.conferenceId, signal)) ?? 'absent';
    } catch (error) {
      this.#options.observer.lookupFailed(key, ref.serverId, failureFacts(error));
      return 'unreachable';
    }
  }

  /** Accounts by e-mail. One that could not be asked for has no entry: nobody is removed for a lost answer. */
  async #lookUpUsers(
    key: MeetingKey,
    users: LookupRequest['users'],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, TrueConfUser | null>> {
    const found = new Map<string, TrueConfUser | null>();
    const { serverId, emails } = users;
    const target = serverId && this.#options.reach.target(serverId);
    if (!serverId || !target) return found;
    const waiting = [...emails];
    const worker = async (): Promise<void> => {
      for (let email = waiting.shift(); email !== undefined; email = waiting.shift()) {
        const wanted = email;
        const user = await this.#users
          .get(`${serverId}\n${wanted}`, async () => (await target.findUserByEmail(wanted, signal)) ?? null)
          .catch((error: unknown) => {
            this.#options.observer.lookupFailed(key, serverId, failureFacts(error));
            waiting.length = 0;
            return undefined;
          });
        if (user !== undefined) found.set(wanted, user);
      }
    };
    await Promise.all(Array.from({ length: Math.min(MAX_PARALLEL_USERS, emails.length) }, worker));
    return found;
  }

  async #lookUpDelegates(
    key: MeetingKey,
    mailbox: NonNullable<LookupRequest['delegatesOf']>,
    serverId: TrueConfServerId,
    signal: AbortSignal,
  ): Promise<readonly TrueConfUserId[] | undefined> {
    try {
      const place = await this.#options.reach.mailbox(mailbox, signal);
      if (!place) return undefined;
      const delegates = await place.source.fetchDelegates(place.resolved, signal);
      // Who may only read has planned nothing for the owner.
      const emails = delegates.filter(({ right }) => right !== 'read').map(({ address }) => address);
      const accounts = await this.#lookUpUsers(key, { serverId, emails }, signal);
      return [...accounts.values()].flatMap((user) => (user ? [user.id] : []));
    } catch (error) {
      this.#options.observer.lookupFailed(key, serverId, failureFacts(error));
      return undefined;
    }
  }
}

function startKey({ serverId, conferenceId, occurrenceStart }: StartConferencePayload): string {
  return `${serverId}\n${conferenceId}\n${occurrenceStart}`;
}
