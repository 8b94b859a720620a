/** What other nodes and the configuration change about a mailbox reaches the node that holds it. */
import { cursor, type FolderItem, folderId, mailboxAddress } from '@calendar-connector/calendar-model';
import type { CalendarSource, MailboxRecord, Observation, SyncStore } from '@calendar-connector/sync-core';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../src/engine/clock.ts';
import { MailboxSupervisor } from '../../src/engine/mailboxes/mailbox-supervisor.ts';

const ANNA = mailboxAddress('anna@example.test');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const supervisors: MailboxSupervisor[] = [];
afterEach(async () => {
  await Promise.all(supervisors.splice(0).map((supervisor) => supervisor.stop()));
});

/** A supervisor that holds Anna's mailbox; `record` is her row, `looks` which provider was asked from which cursor. */
async function holdingAnna(options: { readonly autoSync: boolean } = { autoSync: true }) {
  const looks: string[] = [];
  const commits: Observation[] = [];
  let record: MailboxRecord = {
    address: ANNA,
    provider: 'old',
    priority: 1,
    licensed: true,
    paused: false,
    liveItems: 0,
    revision: 0,
  };
  const store: Partial<SyncStore> = {
    beat: async () => ({ nodes: 1, freed: 0 }),
    acquireLeases: async () => {
      const { address, provider, paused } = record;
      return [{ mailbox: address, fence: 1, provider, paused, hasCursor: record.cursor !== undefined }];
    },
    releaseLeases: async () => {},
    listMailboxes: async () => [record],
    findMailbox: async () => record,
    saveResolution: async () => {},
    commitObservation: async (observation) => {
      commits.push(observation);
      record = { ...record, cursor: observation.cursor };
      const counts = { inserted: 0, updated: 0, unchanged: 0, held: 0, quarantined: 0 };
      return { outcome: 'committed', ...counts, touched: [], revision: 1 };
    },
  };
  const source = (name: string): CalendarSource =>
    ({
      name,
      resolve: async (address: typeof ANNA) => ({
        address,
        folderId: folderId(`folder at ${name}`),
        calendarTitle: 'Calendar',
        ownerName: 'Anna',
        endpoint: name,
        affinityGroup: name,
      }),
      fetchChanges: async (_mailbox: unknown, from: string | undefined) => {
        looks.push(`${name} from ${from ?? 'scratch'}`);
        return { changed: [], removed: [], unreadable: [], cursor: cursor(`${name}-1`), complete: true };
      },
      openHints: () => ({ watch: () => {}, close: async () => {} }),
      close: async () => {},
    }) as unknown as CalendarSource;
  const quiet = (): void => {};
  const supervisor = new MailboxSupervisor({
    clock: systemClock,
    random: () => 0.5,
    newId: () => 'listing',
    node: { id: 'node', name: 'node' },
    store: store as SyncStore,
    settings: () => ({
      language: 'en',
      autoSync: options.autoSync,
      holdMs: 1_000,
      judgeDisappearance: () => 'hold',
      needsPlan: () => true,
      sweepMs: 5 * MINUTE,
      pollMs: 5 * MINUTE,
    }),
    observer: {
      looked: quiet,
      failed: (_mailbox, failure) => expect.unreachable(failure.message),
      stateChanged: quiet,
      gaveUpReading: quiet,
      leases: quiet,
      leaseError: (error) => expect.unreachable(String(error)),
    },
  });
  supervisors.push(supervisor);
  await supervisor.start(new Map(['old', 'new'].map((name) => [name, source(name)])));
  await expect.poll(() => looks).toEqual(['old from scratch']);
  /** `started over`: without its cursor. */
  const change = async (what: Partial<Pick<MailboxRecord, 'provider' | 'paused'>>, startedOver = false) => {
    const { cursor: kept, ...rest } = record;
    record = { ...rest, ...what, ...(kept !== undefined && !startedOver && { cursor: kept }) };
    await supervisor.refreshLeases();
  };
  return { supervisor, looks, commits, change };
}

const stateOf = (supervisor: MailboxSupervisor) => [...supervisor.census().states.keys()];

it('a mailbox that belongs to another provider now is looked for and listed there', async () => {
  const { looks, change } = await holdingAnna();
  await change({ provider: 'new' }, true);
  await expect.poll(() => looks).toEqual(['old from scratch', 'new from scratch']);
});

it('a mailbox whose resynchronisation was asked of another node is listed from scratch', async () => {
  const { looks, change } = await holdingAnna();
  await change({}, true);
  await expect.poll(() => looks).toEqual(['old from scratch', 'old from scratch']);
});

it('a mailbox that another node was told to pause rests, and is looked at when it is resumed', async () => {
  const { supervisor, looks, change } = await holdingAnna();
  await change({ paused: true });
  expect(stateOf(supervisor)).toEqual(['suspended']);
  await change({ paused: false });
  await expect.poll(() => looks).toEqual(['old from scratch', 'old from old-1']);
});

it('with autoSync off a listing from scratch takes up what was touched since the last look, not what was hidden before', async () => {
  const { commits, change } = await holdingAnna({ autoSync: false });
  const begun = Date.now();
  const wanted = (commit: number, lastModified: number) => commits[commit]?.isWanted?.({ lastModified } as FolderItem);
  expect([wanted(0, begun - HOUR), wanted(0, begun)]).toEqual([false, false]);
  await change({}, true);
  await expect.poll(() => commits).toHaveLength(2);
  expect([wanted(1, begun - HOUR), wanted(1, begun)]).toEqual([false, true]);
});
