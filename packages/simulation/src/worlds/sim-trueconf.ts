/** A TrueConf Server as far as the engine depends on it, with a journal of what was really done to it. */
import type { Conference, ConferenceId, TrueConfServerId, TrueConfUser } from '@calendar-connector/calendar-model';
import { trueConfServerId, trueConfUserId } from '@calendar-connector/calendar-model';
import type { ConferenceTarget } from '@calendar-connector/sync-core';
import type { Run } from '../run/run-parts.ts';
import { SimFailure } from '../time/failure.ts';
import type { SimNode } from '../time/sim-node.ts';

export const SERVER: TrueConfServerId = trueConfServerId('server.sim#vcs');
export const HOST = 'server.sim';

export class SimTrueConf {
  readonly conferences = new Map<ConferenceId, Conference>();
  readonly users: ReadonlyMap<string, TrueConfUser>;
  awayUntil = 0;
  readonly #run: Run;

  constructor(run: Run, emails: readonly string[]) {
    this.#run = run;
    this.users = new Map(
      emails.map((email) => {
        const name = email.split('@')[0] ?? '';
        return [email, { id: trueConfUserId(name), displayName: name, email, isActive: true }];
      }),
    );
  }

  add(conference: Conference): void {
    this.conferences.set(conference.id, conference);
  }

  change(id: ConferenceId, patch: Partial<Conference>): void {
    const conference = this.conferences.get(id);
    if (conference) this.conferences.set(id, { ...conference, ...patch });
  }

  /** Somebody opens the room between the connector's look at it and its edit, and leaves it a little later. */
  #perhapsOpened(id: ConferenceId): void {
    const { chance, time, journal, faultsOn } = this.#run;
    if (!faultsOn() || this.conferences.get(id)?.state !== 'stopped' || !chance.happens(0.03)) return;
    this.change(id, { state: 'running' });
    const until = time.now + chance.between(5_000, 240_000);
    journal.opened.push({ id, at: time.now, until });
    time.at(until, () => this.change(id, { state: 'stopped' }));
  }

  target(node: SimNode): ConferenceTarget {
    const ask = <T>(name: string, effect: () => T): Promise<T> =>
      node.call('trueconf', name, () => {
        if (this.#run.time.now < this.awayUntil) {
          this.#run.sometimes.count('trueconf away');
          throw new SimFailure('unavailable');
        }
        return effect();
      });
    const { journal } = this.#run;
    const find = (id: ConferenceId): Conference | undefined => this.conferences.get(id);
    const list = async function* (all: () => Promise<readonly Conference[]>): AsyncGenerator<Conference> {
      yield* await all();
    };
    return {
      id: SERVER,
      probe: () => ask('probe', () => ({ name: HOST, version: 'sim', api: 'sim' })),
      findConference: (id) => ask('findConference', () => find(id)),
      listConferences: () => list(() => ask('listConferences', () => [...this.conferences.values()])),
      createConference: (spec) =>
        ask('createConference', () => {
          const present = find(spec.id);
          if (present) return { outcome: 'already', conference: present };
          const conference: Conference = { ...spec, state: 'stopped', url: `https://${HOST}/c/${spec.id}` };
          this.add(conference);
          journal.created.push({ id: spec.id, topic: spec.topic, at: this.#run.time.now });
          return { outcome: 'done', conference };
        }),
      updateConference: (id, patch) =>
        ask('updateConference', () => {
          const conference = find(id);
          if (!conference) return 'absent';
          this.#perhapsOpened(id);
          if (find(id)?.state === 'running') {
            this.#run.sometimes.count('conference edited while running');
            return 'running';
          }
          if (patch.topic !== undefined) journal.topics.push(patch.topic);
          this.change(id, patch);
          return 'done';
        }),
      addParticipants: (id, participants) =>
        ask('addParticipants', () => {
          const conference = find(id);
          if (!conference) return 'absent';
          const present = new Set(conference.participants.map((person) => person.id));
          const added = participants.filter((person) => !present.has(person.id));
          this.change(id, { participants: [...conference.participants, ...added] });
          return 'done';
        }),
      removeParticipants: (id, people) =>
        ask('removeParticipants', () => {
          const conference = find(id);
          if (!conference) return 'absent';
          this.change(id, { participants: conference.participants.filter((person) => !people.includes(person.id)) });
          return 'done';
        }),
      ring: () => ask('ring', () => undefined),
      notify: () => ask('notify', () => undefined),
      runConference: (id) =>
        ask('runConference', () => {
          const conference = find(id);
          if (!conference) return 'absent';
          if (conference.state === 'running') return 'already';
          this.change(id, { state: 'running' });
          journal.runs.push({ id, at: this.#run.time.now });
          return 'done';
        }),
      stopConference: (id) =>
        ask('stopConference', () => {
          if (!find(id)) return 'absent';
          this.change(id, { state: 'stopped' });
          return 'done';
        }),
      removeConference: (id) =>
        ask('removeConference', () => {
          if (!this.conferences.delete(id)) return 'already';
          journal.removed.push({ id, at: this.#run.time.now });
          return 'done';
        }),
      findUserByEmail: (email) => ask('findUserByEmail', () => this.users.get(email)),
      findUser: (id) => ask('findUser', () => [...this.users.values()].find((user) => user.id === id)),
      findTokenOwner: () => ask('findTokenOwner', () => undefined),
      close: async () => {},
    };
  }
}
