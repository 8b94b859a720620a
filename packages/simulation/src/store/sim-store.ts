/** The store port of one node: every method a call that can be lost, every effect a transaction of the database. */
import { type MailboxAddress, type MeetingKey, meetingKey } from '@calendar-connector/calendar-model';
import type { Observation, Settlement, StartConferencePayload, SyncStore } from '@calendar-connector/sync-core';
import type { Run } from '../run/run-parts.ts';
import type { SimNode, Transaction } from '../time/sim-node.ts';
import { planLaterKey, planNowKey, startKey } from './job-table.ts';
import type { SimDatabase } from './sim-database.ts';

/** Removals are held this long. */
export const HOLD_MS = 15_000;

/** What the engine uses; the rest of the port serves clients and is tested against PostgreSQL. */
export function simStore(database: SimDatabase, node: SimNode, run: Run): SyncStore {
  const ask = <T>(name: string, effect: () => T): Promise<T> => node.call('database', name, effect);
  const ordered = new Map<string, StartConferencePayload>();
  const { mutant } = run;
  const used: Partial<SyncStore> = {
    findMailbox: (address) => ask('findMailbox', () => recordOf(database, address)),
    listMailboxes: () =>
      ask('listMailboxes', () => [...database.mailboxes.keys()].map((address) => recordOf(database, address))),
    saveResolution: (resolved) =>
      ask('saveResolution', () => {
        database.mailbox(resolved.address).resolved = resolved;
      }),
    saveStatuses: () => ask('saveStatuses', () => undefined),
    setPaused: () => ask('setPaused', () => undefined),
    resetCursor: (address) => ask('resetCursor', () => database.resetCursor(address)),
    commitObservation: async (observation) => {
      if (mutant === 'cursorBeforeItems') {
        await ask('commitCursor', () => database.commitCursorOnly(observation));
        return node.transact('commitObservation', pageOf(database, observation, observation.cursor));
      }
      const page = pageOf(database, observation);
      const receipt = await node.transact('commitObservation', {
        ...page,
        commit: () => {
          const result = page.commit();
          if (mutant === 'jobsOutsideTransaction' && result.outcome === 'committed') {
            database.jobs.drop((key) => result.touched.some((meeting) => key === planNowKey(meeting)));
          }
          return result;
        },
      });
      if (mutant === 'jobsOutsideTransaction' && receipt.outcome === 'committed') {
        for (const key of receipt.touched) {
          await ask('orderJob', () => database.jobs.add(planNowKey(key), { kind: 'plan', key }, run.time.now, false));
        }
      }
      return receipt;
    },
    loadMeeting: (key) => ask('loadMeeting', () => structuredClone(database.loadMeeting(key))),
    commitSettlement: async (settlement) => {
      if (mutant !== 'startsInMemory') return node.transact('commitSettlement', announcementOf(database, settlement));
      const withoutStarts = announcementOf(database, { ...settlement, startsToSchedule: [] });
      const result = await node.transact('commitSettlement', withoutStarts);
      if (result === 'done') {
        for (const job of settlement.startsToSchedule) {
          ordered.set(startKey(job), job);
          node.clock.startTimer(job.at - run.time.now, () => {
            if (ordered.delete(startKey(job))) database.jobs.add(startKey(job), { kind: 'start', job }, job.at, false);
          });
        }
      }
      return result;
    },
    requestPlan: (keys, at) =>
      ask('requestPlan', () => {
        for (const key of keys) {
          const jobKey = at === undefined ? planNowKey(key) : planLaterKey(key);
          database.jobs.add(jobKey, { kind: 'plan', key }, at ?? run.time.now, at !== undefined);
        }
      }),
    findMeetingByConference: (_server, conferenceId) =>
      ask('findMeetingByConference', () => database.findMeetingByConference(conferenceId)),
    listBoundMeetings: () => ask('listBoundMeetings', () => database.listBoundMeetings()),
    saveConferenceState: (_server, conference, state) => {
      let meetings: readonly MeetingKey[] = [];
      let holders: readonly MailboxAddress[] = [];
      return node.transact('saveConferenceState', {
        begin: () => {
          meetings = database.feed.boundTo(conference);
          holders = database.feed.holdersOf(meetings);
          return database.lock({ alone: [conferenceLock(conference), ...meetings.map(meetingLock)] });
        },
        commit: () => database.feed.saveConferenceState(conference, state, meetings, holders),
      });
    },
    listRunningConferences: () => ask('listRunningConferences', () => database.feed.listRunning()),
    appendTimeline: () => ask('appendTimeline', () => undefined),
    saveAnomaly: (anomaly) => ask('saveAnomaly', () => void database.anomalies.push(anomaly)),
    beat: ({ id, deadAfterMs }) => ask('beat', () => database.beat(id, deadAfterMs)),
    acquireLeases: (id, ttlMs) => ask('acquireLeases', () => database.acquireLeases(id, ttlMs)),
    releaseLeases: (id) => ask('releaseLeases', () => void database.nodes.delete(id)),
  };
  return new Proxy(used, {
    get: (store, name) => {
      const method = Reflect.get(store, name);
      if (method === undefined) throw new Error(`the engine called ${String(name)}, which is not simulated`);
      return method;
    },
  }) as SyncStore;
}

/** A page adds copies: announcements of its meetings wait for it, and it for them. */
function pageOf(
  database: SimDatabase,
  observation: Observation,
  previousCursor = observation.previousCursor,
): Transaction<ReturnType<SimDatabase['commitObservation']>> {
  const shared = [...new Set(observation.changed.map((item) => meetingLock(meetingKey(item))))];
  return {
    begin: () => database.lock({ shared }),
    commit: () =>
      database.commitObservation({ ...observation, ...(previousCursor === undefined ? {} : { previousCursor }) }),
  };
}

/** A settlement that clients see is announced to those who held a copy when its transaction asked for them. */
function announcementOf(database: SimDatabase, settlement: Settlement): Transaction<'done' | 'stale'> {
  const { key, version, visibleChange, baseline } = settlement;
  const conference = visibleChange && baseline.binding ? [conferenceLock(baseline.binding.conferenceId)] : [];
  let holders: readonly MailboxAddress[] = [];
  return {
    begin: () => {
      holders = database.feed.holdersOf([key]);
      return database.lock(visibleChange || version === 0 ? { alone: [...conference, meetingLock(key)] } : {});
    },
    commit: () => database.commitSettlement(settlement, holders),
  };
}

function meetingLock(key: MeetingKey): string {
  return `meeting ${key}`;
}

function conferenceLock(id: string): string {
  return `conference ${id}`;
}

function recordOf(database: SimDatabase, address: Parameters<SimDatabase['mailbox']>[0]) {
  const row = database.mailbox(address);
  return {
    ...row.registration,
    ...(row.resolved && { resolved: row.resolved }),
    ...(row.cursor !== undefined && { cursor: row.cursor }),
    ...(row.listing !== undefined && { listing: row.listing }),
    ...(row.unknownGoneAt !== undefined && { unknownGoneAt: row.unknownGoneAt }),
    paused: false,
    liveItems: row.items.size,
    revision: row.revision,
  };
}
