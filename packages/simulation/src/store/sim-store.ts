/** The store port of one node: every method a call that can be lost, every effect a transaction of the database. */
import type { StartConferencePayload, SyncStore } from '@calendar-connector/sync-core';
import type { Run } from '../run/run-parts.ts';
import type { SimNode } from '../time/sim-node.ts';
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
        return ask('commitObservation', () =>
          database.commitObservation({ ...observation, previousCursor: observation.cursor }),
        );
      }
      const receipt = await ask('commitObservation', () => {
        const result = database.commitObservation(observation);
        if (mutant === 'jobsOutsideTransaction' && result.outcome === 'committed') {
          database.jobs.drop((key) => result.touched.some((meeting) => key === planNowKey(meeting)));
        }
        return result;
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
      if (mutant !== 'startsInMemory') return ask('commitSettlement', () => database.commitSettlement(settlement));
      const result = await ask('commitSettlement', () =>
        database.commitSettlement({ ...settlement, startsToSchedule: [] }),
      );
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
    saveConferenceState: () => ask('saveConferenceState', () => undefined),
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

function recordOf(database: SimDatabase, address: Parameters<SimDatabase['mailbox']>[0]) {
  const row = database.mailbox(address);
  return {
    ...row.registration,
    ...(row.resolved && { resolved: row.resolved }),
    ...(row.cursor !== undefined && { cursor: row.cursor }),
    ...(row.listing !== undefined && { listing: row.listing }),
    paused: false,
    liveItems: row.items.size,
    revision: row.revision,
  };
}
