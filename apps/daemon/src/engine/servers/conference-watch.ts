/**
 * Looks at TrueConf Servers in turns: no server announces anything, so what runs, stopped or was planned by people is
 * found by listing (facts of TrueConf §2.2). The pause grows with the size of the list, so that a big server is not
 * asked more than a small one. What follows from a difference is decided elsewhere: meetings are planned, mirrors too.
 */
import type { Conference, ConferenceId, TrueConfServerId } from '@calendar-connector/calendar-model';
import { type ConferenceTarget, hasDrifted, type MeetingStore } from '@calendar-connector/sync-core';
import { type Clock, waitFor } from '../clock.ts';

const MIN_PAUSE_MS = 4_000;
const PAUSE_PER_CONFERENCE_MS = 20;
const MAX_PAUSE_MS = 5 * 60_000;
/** After a failure the server is left alone this long. */
const FAILURE_PAUSE_MS = 15_000;
/** A longer list is not read to its end; the rest is looked at when its meetings are planned. */
const MAX_CONFERENCES = 50_000;

export interface ConferenceWatchObserver {
  listed(serverId: TrueConfServerId, count: number): void;
  failed(serverId: TrueConfServerId, error: unknown): void;
}

export interface ConferenceWatchOptions {
  readonly clock: Clock;
  readonly store: Pick<
    MeetingStore,
    'findMeetingByConference' | 'listBoundMeetings' | 'listRunningConferences' | 'saveConferenceState' | 'requestPlan'
  >;
  readonly targets: () => readonly ConferenceTarget[];
  /** gets each list; one that was cut off proves nothing about what is missing */
  readonly onListed: (
    target: ConferenceTarget,
    list: { readonly conferences: readonly Conference[]; readonly complete: boolean },
    signal: AbortSignal,
  ) => Promise<void>;
  readonly observer: ConferenceWatchObserver;
}

/** What is compared between two lists: enough to see that a meeting has to be planned again. */
function fingerprint(conference: Conference): string {
  const { state, topic, owner, mode, access, schedule, participants } = conference;
  return JSON.stringify([state, topic, owner, mode, access, schedule, participants.map(({ id }) => id)]);
}

/** Fingerprints of a list. */
type Prints = ReadonlyMap<ConferenceId, string>;

export class ConferenceWatch {
  readonly #options: ConferenceWatchOptions;
  readonly #stop = new AbortController();
  readonly #seen = new Map<TrueConfServerId, Prints>();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: ConferenceWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  /** Each server in a loop of its own, so that a slow one delays no other; new ones are picked up as they appear. */
  async #run(): Promise<void> {
    const { clock, targets } = this.#options;
    const signal = this.#stop.signal;
    const loops = new Map<ConferenceTarget, Promise<void>>();
    while (!signal.aborted) {
      for (const target of targets()) {
        if (loops.has(target)) continue;
        loops.set(
          target,
          this.#watch(target, signal).finally(() => loops.delete(target)),
        );
      }
      await waitFor(clock, MIN_PAUSE_MS, signal);
    }
    await Promise.allSettled(loops.values());
  }

  async #watch(target: ConferenceTarget, signal: AbortSignal): Promise<void> {
    const { clock, observer, targets } = this.#options;
    while (!signal.aborted && targets().includes(target)) {
      let pause = FAILURE_PAUSE_MS;
      try {
        const count = await this.#lookOnce(target, signal);
        observer.listed(target.id, count);
        pause = Math.min(MIN_PAUSE_MS + count * PAUSE_PER_CONFERENCE_MS, MAX_PAUSE_MS);
      } catch (error) {
        if (!signal.aborted) observer.failed(target.id, error);
      }
      await waitFor(clock, pause, signal);
    }
  }

  async #lookOnce(target: ConferenceTarget, signal: AbortSignal): Promise<number> {
    // Asked for before the list: one that is started meanwhile is not in the list as running yet.
    const shown = new Set(await this.#options.store.listRunningConferences(target.id));
    const conferences: Conference[] = [];
    for await (const conference of target.listConferences(signal)) {
      conferences.push(conference);
      if (conferences.length >= MAX_CONFERENCES) break;
    }
    const complete = conferences.length < MAX_CONFERENCES;
    await this.#showStates(target.id, shown, { conferences, complete });
    await this.#compare(target.id, conferences, complete);
    await this.#options.onListed(target, { conferences, complete }, signal);
    return conferences.length;
  }

  /**
   * What clients are shown is compared with each list, not list with list: a conference may have stopped while nobody
   * watched, may have run and stopped between two lists, or run already when a meeting comes to link to it.
   */
  async #showStates(
    serverId: TrueConfServerId,
    shown: ReadonlySet<ConferenceId>,
    { conferences, complete }: { readonly conferences: readonly Conference[]; readonly complete: boolean },
  ): Promise<void> {
    const { store } = this.#options;
    const listed = new Map(conferences.map((one) => [one.id, one.state]));
    for (const [id, state] of listed) {
      if ((state === 'running') !== shown.has(id)) await store.saveConferenceState(serverId, id, state);
    }
    const missing = complete ? [...shown].filter((id) => !listed.has(id)) : [];
    for (const id of missing) await store.saveConferenceState(serverId, id, 'stopped');
  }

  /**
   * Meetings whose conference changed since the last list are planned. The first list is compared with what was agreed:
   * nobody may have watched since. A list counts as seen when what follows from it is ordered.
   */
  async #compare(serverId: TrueConfServerId, conferences: readonly Conference[], complete: boolean): Promise<void> {
    const before = this.#seen.get(serverId);
    const now = new Map(conferences.map((one) => [one.id, fingerprint(one)]));
    if (before) await this.#planChanged(serverId, before, now, complete);
    else await this.#planDrifted(serverId, conferences, complete);
    this.#seen.set(serverId, now);
  }

  async #planChanged(serverId: TrueConfServerId, before: Prints, now: Prints, complete: boolean): Promise<void> {
    const { store } = this.#options;
    const changed = [...now].filter(([id, print]) => before.get(id) !== print).map(([id]) => id);
    const vanished = complete ? [...before.keys()].filter((id) => !now.has(id)) : [];
    for (const id of [...changed, ...vanished]) {
      const meeting = await store.findMeetingByConference(serverId, id);
      if (meeting !== undefined) await store.requestPlan([meeting]);
    }
  }

  async #planDrifted(serverId: TrueConfServerId, conferences: readonly Conference[], complete: boolean): Promise<void> {
    const { store } = this.#options;
    const listed = new Map(conferences.map((one) => [one.id, one]));
    const drifted = (await store.listBoundMeetings(serverId)).filter((bound) => {
      const conference = listed.get(bound.binding.conferenceId);
      return (conference !== undefined || complete) && hasDrifted(bound, conference);
    });
    await store.requestPlan(drifted.map(({ meeting }) => meeting));
  }
}
