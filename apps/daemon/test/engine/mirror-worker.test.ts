/** Mirrors of a server that comes back without its conferences: nothing goes before a person says so. */
import { conferenceId, itemId, mailboxAddress, trueConfServerId } from '@calendar-connector/calendar-model';
import type { Anomaly, CalendarSource, ConferenceTarget, MirrorRecord } from '@calendar-connector/sync-core';
import { expect, it } from 'vitest';
import { MirrorWorker, type MirrorWorkerOptions } from '../../src/engine/servers/mirror-worker.ts';
import { ManualClock } from './manual-clock.ts';

const SERVER = trueConfServerId('server.example.test#vcs');
const ANNA = mailboxAddress('anna@example.test');
const HOUR = 3_600_000;

function fourMirrors(): { readonly worker: MirrorWorker; readonly clock: ManualClock } & Record<
  'calendar',
  Set<string>
> & {
    readonly anomalies: Anomaly[];
    list(): Promise<void>;
  } {
  const clock = new ManualClock();
  const calendar = new Set(['1', '2', '3', '4']);
  const anomalies: Anomaly[] = [];
  const mirrors = new Map<string, MirrorRecord>(
    [...calendar].map((id) => [
      id,
      { serverId: SERVER, conferenceId: conferenceId(id), mailbox: ANNA, itemId: itemId(id), seenAt: 0 },
    ]),
  );
  const source = {
    cancelEvent: async (_mailbox: unknown, address: { readonly itemId: string }) =>
      void calendar.delete(address.itemId),
  } as unknown as CalendarSource;
  const store: MirrorWorkerOptions['store'] = {
    listMirrors: async () => [...mirrors.values()],
    saveMirror: async () => {},
    removeMirror: async (_server, id) => void mirrors.delete(id),
    findMeetingByConference: async () => undefined,
    loadMeeting: async (key) => ({ key, copies: [], version: 0 }),
    findMailbox: async () => undefined,
    listAnomalies: async () => anomalies,
    saveAnomaly: async (anomaly) => void anomalies.push(anomaly),
  };
  const worker = new MirrorWorker({
    clock,
    store,
    newId: () => `anomaly-${anomalies.length + 1}`,
    reach: {
      target: () => undefined,
      mailbox: async (address) => ({
        source,
        resolved: {
          address,
          folderId: 'f' as never,
          calendarTitle: 'Calendar',
          ownerName: 'Anna',
          endpoint: 'e',
          affinityGroup: 'g',
        },
      }),
      lookSoon: () => {},
    },
    settings: () => ({ enabled: true, access: 'full', attendees: true, mail: 'none' }),
    observer: { applied: () => {}, anomaly: () => {} },
  });
  const target = { id: SERVER } as ConferenceTarget;
  const list = () => worker.reconcile(target, { conferences: [], complete: true }, new AbortController().signal);
  return { worker, clock, calendar, anomalies, list };
}

it('mirrors of conferences that vanished at once go when an administrator releases them', async () => {
  const { calendar, anomalies, clock, list } = fourMirrors();
  await list();
  expect(anomalies).toMatchObject([{ kind: 'massDisappearance', facts: { serverId: SERVER, vanished: 4 } }]);
  expect(calendar.size).toBe(4);
  anomalies.splice(0, 1, { ...(anomalies[0] as Anomaly), decision: 'released', decidedAt: clock.now() });
  await list();
  expect(calendar.size).toBe(0);
  expect(anomalies).toHaveLength(1);
});

it('a release is no word about the next time the server comes back empty', async () => {
  const { calendar, anomalies, clock, list } = fourMirrors();
  await list();
  anomalies.splice(0, 1, { ...(anomalies[0] as Anomaly), decision: 'released', decidedAt: clock.now() });
  clock.advance(2 * HOUR);
  await list();
  expect(calendar.size).toBe(4);
  expect(anomalies).toHaveLength(2);
});
