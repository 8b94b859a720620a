/** Meetings that failed together: a server that was away is not asked about all of them in one moment when it returns. */
import { itemId, mailboxAddress, meetingKey, trueConfServerId } from '@calendar-connector/calendar-model';
import type { ConferenceTarget, Settlement, StoredMeeting, SyncStore } from '@calendar-connector/sync-core';
import { planSettings } from '@calendar-connector/sync-core';
import { expect, it } from 'vitest';
import { MeetingWorker } from '../../src/engine/meetings/meeting-worker.ts';
import { ManualClock } from './manual-clock.ts';

const SERVER = trueConfServerId('server.example.test#vcs');
const ANNA = mailboxAddress('anna@example.test');
const KEY = meetingKey({ uid: 'uid-1' });

function linkedMeeting(now: number): StoredMeeting {
  const start = now + 3_600_000;
  const item = {
    kind: 'single' as const,
    itemId: itemId('item'),
    changeKey: 'key' as never,
    uid: 'uid-1',
    subject: 'Review',
    start,
    end: start + 3_600_000,
    allDay: false,
    location: 'https://server.example.test/c/100500',
    organizer: { name: 'Anna', address: ANNA },
    attendees: [],
    isOrganizer: true,
    isMeeting: true,
    isCancelled: false,
    myResponse: 'organizer' as const,
    sensitivity: 'normal' as const,
    freeBusy: 'busy' as const,
    links: [],
    marker: {},
    hasAttachments: false,
  };
  return { key: KEY, copies: [{ mailbox: ANNA, item }], version: 0 };
}

/** When a meeting that found its server away is looked at again, by the chance that was drawn. */
async function lookedAtAgain(chance: number): Promise<number> {
  const clock = new ManualClock();
  const settlements: Settlement[] = [];
  const store: Partial<SyncStore> = {
    loadMeeting: async () => linkedMeeting(clock.now()),
    findMeetingByConference: async () => undefined,
    commitSettlement: async (settlement) => {
      settlements.push(settlement);
      return 'done';
    },
  };
  const away = async (): Promise<never> => {
    throw Object.assign(new Error('away'), { kind: 'unavailable', code: 'ECONNREFUSED', retriable: true });
  };
  const target = { id: SERVER, findConference: away, findUserByEmail: away } as unknown as ConferenceTarget;
  const worker = new MeetingWorker({
    clock,
    random: () => chance,
    store: store as SyncStore,
    reach: { target: () => target, mailbox: async () => undefined, lookSoon: () => {} },
    settings: () => planSettings({ servers: [{ id: SERVER, hosts: ['server.example.test'] }] }),
    newId: () => 'id',
    observer: { planned: () => {}, applied: () => {}, started: () => {}, lookupFailed: () => {}, anomaly: () => {} },
  });
  await worker.plan(KEY, new AbortController().signal);
  expect(settlements).toHaveLength(1);
  return (settlements[0]?.planAgainAt ?? Number.NaN) - clock.now();
}

it('meetings that found their server away come back one after the other, not together', async () => {
  expect(await lookedAtAgain(0)).toBe(1_000);
  expect(await lookedAtAgain(0.9)).toBe(1_900);
});
