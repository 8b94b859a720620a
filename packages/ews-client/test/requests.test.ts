/**
 * Every request the client can emit: valid by the schema, escaped whatever it carries; and the parts of the library the
 * facade relies on are as they were when it was written.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Recurrence } from '@calendar-connector/calendar-model';
import { beforeAll, describe, expect, it } from 'vitest';
import { EwsError } from '../src/index.ts';
import { type Facade, loadFacade } from '../src/wire/facade.ts';
import type { WireItem } from '../src/wire/item-writers.ts';
import { LIBRARY_VERSION, loadLibrary } from '../src/wire/library.ts';
import * as read from '../src/wire/read-requests.ts';
import { OPERATIONS, type WireRequest } from '../src/wire/request.ts';
import * as stream from '../src/wire/subscription-requests.ts';
import * as write from '../src/wire/write-requests.ts';

const REPOSITORY = resolve(import.meta.dirname, '../../..');
const SCHEMA = resolve(REPOSITORY, '../shared/ews-schema/ews-envelope.xsd');
const checkerIsHere = spawnSync('xmllint', ['--version']).error === undefined;
const canValidate = checkerIsHere && existsSync(SCHEMA);
if (!canValidate) console.warn(`SKIPPED: requests are not validated, that needs xmllint and ${SCHEMA}`);

const ME = 'anna@example.test';
const HOSTILE = `R&D </t:Subject><t:Sensitivity>Private</t:Sensitivity><t:Subject> "q" 'a' ]]> \ud800 \u0001\uffff 😀\r\n`;
const TIME = {
  start: '2026-01-01T00:00:00Z',
  end: '2026-01-01T01:00:00Z',
  startZone: 'UTC',
  endZone: 'Russian Standard Time',
};
const PEOPLE = [
  { name: HOSTILE, address: 'a&b@example.test' },
  { name: '', address: 'c@example.test' },
];

const RECURRENCES: readonly Recurrence[] = [
  { pattern: { type: 'Daily', interval: 2 }, range: { type: 'NoEnd', startDate: '2026-01-05' } },
  {
    pattern: { type: 'Weekly', interval: 1, daysOfWeek: ['Monday', 'Friday'], firstDayOfWeek: 'Monday' },
    range: { type: 'EndDate', startDate: '2026-01-05', endDate: '2026-12-30' },
  },
  {
    pattern: { type: 'AbsoluteMonthly', interval: 3, dayOfMonth: 31 },
    range: { type: 'Numbered', startDate: '2026-01-31', numberOfOccurrences: 9 },
  },
  {
    pattern: { type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Weekday', dayOfWeekIndex: 'Last' },
    range: { type: 'NoEnd', startDate: '2026-01-30' },
  },
  {
    pattern: { type: 'AbsoluteYearly', dayOfMonth: 29, month: 'February' },
    range: { type: 'NoEnd', startDate: '2028-02-29' },
  },
  {
    pattern: { type: 'RelativeYearly', daysOfWeek: 'Thursday', dayOfWeekIndex: 'Fourth', month: 'November' },
    range: { type: 'NoEnd', startDate: '2026-11-26' },
  },
];

const FULL: WireItem = {
  subject: HOSTILE,
  sensitivity: 'Confidential',
  body: { type: 'HTML', content: `<p>${HOSTILE}</p>` },
  marker: { TrueConfConferenceUrl: HOSTILE, CalendarConnectorWriteKey: 'k' },
  time: TIME,
  allDay: true,
  freeBusy: 'WorkingElsewhere',
  location: HOSTILE,
  required: PEOPLE,
  optional: PEOPLE,
  resources: PEOPLE,
};

function everyRequest(facade: Facade): Record<string, WireRequest> {
  const view = read.calendarView(facade, ME, 'F', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z', 1_000);
  const all: Record<string, WireRequest> = {
    folder: read.getCalendarFolder(facade, HOSTILE),
    sync: read.syncFolderItems(facade, ME, 'F"&', 'state&<', 512),
    syncFirst: read.syncFolderItems(facade, ME, 'F', undefined, 1),
    get: read.getItems(facade, ME, ['A', 'B"<']),
    getWithoutBody: read.getItems(facade, ME, ['A'], 'withoutBody'),
    getBody: read.getItems(facade, ME, ['A'], 'bodyOnly'),
    getId: read.getItems(facade, ME, ['A'], 'idOnly'),
    view,
    marker: read.findByMarker(facade, ME, 'F', 'CalendarConnectorWriteKey', HOSTILE),
    names: read.resolveNames(facade, ME, HOSTILE),
    zones: read.getServerTimeZones(facade, ME, ['UTC', HOSTILE]),
    allZones: read.getServerTimeZones(facade, undefined, []),
    freeBusy: read.getUserAvailability(facade, ME, [ME, HOSTILE], '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
    delegates: read.getDelegates(facade, ME),
    create: write.createItem(facade, ME, 'F', FULL, 'all'),
    createQuietly: write.createItem(facade, ME, 'F', { subject: '', time: TIME }, 'none'),
    update: write.updateItem(facade, ME, { id: 'A', changeKey: 'C' }, FULL, 'changed'),
    updateEmpty: write.updateItem(facade, ME, { id: 'A' }, { required: [], optional: [], marker: { X: '' } }, 'none'),
    updateToSingle: write.updateItem(facade, ME, { id: 'A' }, { recurrence: null }, 'all'),
    delete: write.deleteItem(facade, ME, 'A', 'all'),
    deleteQuietly: write.deleteItem(facade, ME, 'A', 'none'),
    subscribe: stream.subscribe(facade, ME, 'F'),
    unsubscribe: stream.unsubscribe(facade, ME, HOSTILE),
    stream: stream.getStreamingEvents(facade, ME, ['S', HOSTILE], 30),
    autodiscover: stream.getUserSettings(facade, 'https://mail.example.test/autodiscover/autodiscover.svc', [
      ME,
      HOSTILE,
    ]),
  };
  for (const name of ['AcceptItem', 'TentativelyAcceptItem', 'DeclineItem', 'CancelCalendarItem'] as const) {
    all[name] = write.respondToItem(facade, ME, name, { id: 'A', changeKey: 'C' });
    all[`${name}WithWords`] = write.respondToItem(facade, ME, name, { id: 'A', changeKey: 'C' }, HOSTILE);
  }
  for (const recurrence of RECURRENCES) {
    all[`recurrence${recurrence.pattern.type}`] = write.createItem(facade, ME, 'F', { time: TIME, recurrence }, 'none');
  }
  return all;
}

describe('requests', () => {
  let requests: Record<string, WireRequest>;
  beforeAll(async () => {
    requests = everyRequest(await loadFacade());
  });

  it('cover the published list of operations', () => {
    expect([...new Set(Object.values(requests).map(({ operation }) => operation))].sort()).toEqual(
      [...OPERATIONS].sort(),
    );
  });

  it.skipIf(!canValidate)('are valid by the schema of Exchange, each of them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ews-requests-'));
    try {
      const files = Object.entries(requests).map(([name, request]) => {
        const file = join(folder, `${name}.xml`);
        writeFileSync(file, request.body);
        return file;
      });
      // The autodiscover service has a schema of its own, which is not among the reference data.
      const ews = files.filter((file) => !file.endsWith('autodiscover.xml'));
      execFileSync('xmllint', ['--noout', ...files], { stdio: 'pipe' });
      execFileSync('xmllint', ['--noout', '--nonet', '--schema', SCHEMA, ...ews], { stdio: 'pipe' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('carry hostile text as text: no element out of a subject (the library escapes nothing by itself)', () => {
    const { body } = requests['create'] as WireRequest;
    expect(body.match(/<t:Sensitivity>/g)).toHaveLength(1);
    expect(body).toContain('R&amp;D &lt;/t:Subject&gt;');
    expect(body).toContain('😀&#13;\n');
    expect(body).not.toMatch(/[\u0000-\u0008\uffff]|[\ud800-\udbff](?![\udc00-\udfff])/);
  });

  it('say the zone with the time, all four fields together (failure mode 3: time shift on update)', () => {
    const { body } = requests['update'] as WireRequest;
    for (const field of ['Start', 'End', 'StartTimeZone', 'EndTimeZone']) {
      expect(body).toContain(`FieldURI="calendar:${field}"`);
    }
    expect(body).toContain('<t:TimeZoneContext><t:TimeZoneDefinition Id="UTC">');
  });

  it('write recurrence dates as plain dates whatever the zone of the process', () => {
    const { body } = requests['recurrenceWeekly'] as WireRequest;
    expect(body).toContain('<t:StartDate>2026-01-05</t:StartDate><t:EndDate>2026-12-30</t:EndDate>');
  });

  it('always say who gets mail, nobody by default of the caller (failure mode 25: mass mails)', () => {
    expect(requests['createQuietly']?.body).toContain('SendMeetingInvitations="SendToNone"');
    expect(requests['updateEmpty']?.body).toContain('SendMeetingInvitationsOrCancellations="SendToNone"');
    expect(requests['deleteQuietly']?.body).toContain('SendMeetingCancellations="SendToNone"');
  });
});

describe('the library', () => {
  it('is pinned to the version the facade was written for', () => {
    const root =
      createRequire(import.meta.url)
        .resolve('ews-javascript-api')
        .split('/js/')[0] ?? '';
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(version).toBe(LIBRARY_VERSION);
  });

  it('still has every class and enumeration the facade uses', async () => {
    const library = (await loadLibrary()) as unknown as Record<string, unknown>;
    const source = readFileSync(resolve(import.meta.dirname, '../src/wire/library.ts'), 'utf8');
    const names = [
      ...source.slice(source.indexOf('export interface Library {')).matchAll(/^ {2}readonly (\w+):/gm),
    ].map((m) => m[1] ?? '');
    expect(names.length).toBeGreaterThan(40);
    expect(names.filter((name) => library[name] === undefined)).toEqual([]);
  });

  it('throws things that are no errors; the facade gives them the shape of all others', async () => {
    const facade = await loadFacade();
    const error = (() => {
      try {
        return read.syncFolderItems(facade, ME, 'F', undefined, 513);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(EwsError);
    expect(error).toMatchObject({ kind: 'invalidRequest', code: 'RequestNotBuilt', mailbox: ME });
  });
});
