/** What a push names as gone: every id a client may hold of an item, however the item changed since it was shown. */
import { changeKey, itemId, mailboxAddress, meetingKey, type SeriesMaster } from '@calendar-connector/calendar-model';
import type { ConnectorConfig } from '@calendar-connector/config';
import type { FeedPage, StoredItem } from '@calendar-connector/sync-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { ConfiguredPresenter } from '../../src/compose/presenter.ts';

const NOW = Date.UTC(2026, 2, 2, 8);
const DAY_MS = 86_400_000;
const ANNA = mailboxAddress('anna@example.test');
/** The part of the configuration that the presenter reads. */
const CONFIG = {
  privacy: { privateItems: 'masked' },
  access: 'full',
  language: 'en',
  trueConfServers: [],
  cancelledPrefix: { en: 'Cancelled: ', ru: 'Отменено: ' },
  cache: { autoSync: true, backward: 2, forward: 3 },
} as unknown as ConnectorConfig;

const common = {
  itemId: itemId('item'),
  changeKey: changeKey('1'),
  uid: 'uid',
  subject: 'Weekly',
  start: NOW,
  end: NOW + 3_600_000,
  allDay: false,
  location: '',
  attendees: [],
  isOrganizer: true,
  isMeeting: true,
  isCancelled: false,
  myResponse: 'organizer',
  sensitivity: 'normal',
  freeBusy: 'busy',
  links: [],
  marker: {},
  hasAttachments: false,
} as const;

function series(days: number, more: Partial<SeriesMaster> = {}): StoredItem {
  const item: SeriesMaster = {
    ...common,
    kind: 'seriesMaster',
    startTimeZone: { id: 'UTC' },
    body: { type: 'text', content: 'Agenda' },
    recurrence: {
      pattern: { type: 'Daily', interval: 1 },
      range: { type: 'Numbered', startDate: '2026-03-02', numberOfOccurrences: days },
    },
    modifiedOccurrences: [],
    deletedOccurrences: [],
    exceptions: [],
    ...more,
  } as SeriesMaster;
  return { mailbox: ANNA, eventId: 'e1', item, meeting: meetingKey({ uid: 'uid' }) };
}

function single(): StoredItem {
  return { ...series(1), item: { ...common, kind: 'single' } as StoredItem['item'] };
}

const page = (changed: readonly StoredItem[], removed: readonly string[] = []): FeedPage => ({
  revision: 2,
  changed,
  removed,
  resync: false,
});

let presenter: ConfiguredPresenter;

function push(of: FeedPage) {
  const rendered = presenter.push(ANNA, 'calendar', of, 'owner');
  presenter.pushed(of);
  return { ...rendered, changed: rendered.changed.map((event) => (event as { id: string }).id) };
}

/** A client asked for one day only; it may have asked for others before. */
function list(stored: StoredItem): void {
  presenter.list([stored], 'calendar', NOW, NOW + DAY_MS, 'owner');
}

const occurrence = (day: number): string => `e1.${(NOW + day * DAY_MS).toString(36)}`;

beforeEach(() => {
  presenter = new ConfiguredPresenter(() => CONFIG, { now: () => NOW, startTimer: () => () => {} });
});

describe('a series that was listed', () => {
  test('and gets a shorter pattern: each occurrence that is no more is named', () => {
    list(series(5));
    const { changed, removed, leavesGhostsWith } = push(page([series(3)]));
    expect(changed).toEqual([0, 1, 2].map(occurrence));
    expect(removed).toEqual([3, 4].map(occurrence));
    expect(leavesGhostsWith).toEqual(['earlier']);
  });

  test('and is removed: each of its occurrences is named', () => {
    list(series(3));
    expect(push(page([], ['e1'])).removed).toEqual(['e1', ...[0, 1, 2].map(occurrence)]);
  });

  test('and becomes one event, and a series again: what stood there before is named', () => {
    list(series(3));
    const toSingle = push(page([single()]));
    expect(toSingle.changed).toEqual(['e1']);
    expect(toSingle.removed).toEqual([0, 1, 2].map(occurrence));
    const toSeries = push(page([series(2)]));
    expect(toSeries.changed).toEqual([0, 1].map(occurrence));
    expect(toSeries.removed).toEqual(['e1']);
  });

  test('and loses one occurrence: that one is named', () => {
    list(series(3));
    expect(push(page([series(3, { deletedOccurrences: [NOW + DAY_MS] })])).removed).toEqual([occurrence(1)]);
  });
});

describe('what this process never showed', () => {
  test('leaves ghosts with clients that come from elsewhere', () => {
    expect(push(page([series(3)])).leavesGhostsWith).toEqual(['elsewhere', 'earlier']);
    expect(push(page([], ['unknown'])).leavesGhostsWith).toEqual(['elsewhere', 'earlier']);
  });

  test('a single event that changes leaves none: it is named by its own id', () => {
    const { changed, removed, leavesGhostsWith } = push(page([single()]));
    expect([changed, removed, leavesGhostsWith]).toEqual([['e1'], [], []]);
  });
});
