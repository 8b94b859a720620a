/**
 * FAILURES.md lists the ways Exchange clients fail; here is that each is answered by a test that exists, and the tests of
 * those that belong nowhere else.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { cursor, type Recurrence } from '@calendar-connector/calendar-model';
import { describe, expect, it } from 'vitest';
import { resolveUser, startFake } from './support/fake.ts';
import { answer, askedIds, gotItem, startSoapServer, success } from './support/soap-server.ts';
import { mailboxAt, never, sourceTo } from './support/source.ts';

const PACKAGES = resolve(import.meta.dirname, '../..');

interface Named {
  readonly file: string;
  readonly name: string;
}

/** Rows of the table: number of the failure, tests named for it. */
function readTable(): ReadonlyMap<number, readonly Named[]> {
  const lines = readFileSync(resolve(import.meta.dirname, '../FAILURES.md'), 'utf8').split('\n');
  const rows = lines.flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    return /^\d+$/.test(cells[1] ?? '') ? [cells] : [];
  });
  return new Map(
    rows.map((cells) => {
      const tests = (cells[4] ?? '').split('<br>').map((text) => /^`([^`]+)`: (.+)$/.exec(text));
      return [Number(cells[1]), tests.map((match) => ({ file: match?.[1] ?? '', name: match?.[2] ?? '' }))] as const;
    }),
  );
}

describe('each of the 25 ways Exchange clients fail', () => {
  const table = readTable();

  it('has its line, with a test at least', () => {
    expect([...table.keys()]).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
    expect([...table].filter(([, tests]) => tests.length === 0)).toEqual([]);
  });

  it.each([...table].map(([number, tests]) => ({ number, tests })))(
    '$number is shown by tests that exist',
    ({ tests }) => {
      for (const { file, name } of tests) {
        const path = resolve(PACKAGES, file);
        const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
        const found = ["'", '"', '`'].some((quote) => text.includes(quote + name));
        expect({ file, name, found }).toEqual({ file, name, found: true });
      }
    },
  );

  it('that a test claims to answer names that test in its line', () => {
    const here = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.test.ts'));
    const claims = here.flatMap((file) => {
      const text = readFileSync(resolve(import.meta.dirname, file), 'utf8');
      return [...text.matchAll(/['"`]([^'"`\n]+?) \(failure mode (\d+)[:)]/g)].map((match) => ({
        number: Number(match[2]),
        test: `ews-client/test/${file}: ${match[1]}`,
      }));
    });
    expect(claims.length).toBeGreaterThan(15);
    const listed = (number: number) => (table.get(number) ?? []).map(({ file, name }) => `${file}: ${name}`);
    expect(claims.filter(({ number, test }) => !listed(number).includes(test))).toEqual([]);
  });
});

describe('the sync page', () => {
  const page = (state: string, changes: string) =>
    answer(
      'SyncFolderItems',
      success(
        'SyncFolderItems',
        `<m:SyncState>${state}</m:SyncState><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange><m:Changes>${changes}</m:Changes>`,
      ),
    );

  it('gives Delete and Create of one answered meeting in one page, with the UID that joins them', async () => {
    const changes =
      '<t:Delete><t:ItemId Id="old"/></t:Delete><t:Create><t:CalendarItem><t:ItemId Id="new"/></t:CalendarItem></t:Create>';
    await using server = await startSoapServer(({ operation, body }) =>
      operation === 'SyncFolderItems'
        ? page('S2', changes)
        : answer('GetItem', ...askedIds(body).map((id) => gotItem(id, { UID: 'the-meeting' }))),
    );
    await using source = sourceTo(server.port);
    const read = await source.fetchChanges(mailboxAt(server.port), cursor('S1'), never);
    expect(read.removed).toEqual(['old']);
    expect(read.changed).toMatchObject([{ itemId: 'new', uid: 'the-meeting' }]);
  });

  it('keeps a sync state of any length to the last character', async () => {
    const state = `H4sI${'A+/9'.repeat(200_000)}==`;
    await using server = await startSoapServer(() => page(state, ''));
    await using source = sourceTo(server.port);
    const first = await source.fetchChanges(mailboxAt(server.port), undefined, never);
    expect(first.cursor).toBe(state);
    await source.fetchChanges(mailboxAt(server.port), first.cursor, never);
    expect(server.requests[1]?.body).toContain(`<m:SyncState>${state}</m:SyncState>`);
  });
});

describe('a series', () => {
  const on = (pattern: Recurrence['pattern'], startDate: string): Recurrence => ({
    pattern,
    range: { type: 'Numbered', startDate, numberOfOccurrences: 5 },
  });
  const SERIES: readonly (readonly [string, Recurrence, readonly string[]])[] = [
    [
      'the 31st of the month',
      on({ type: 'AbsoluteMonthly', interval: 1, dayOfMonth: 31 }, '2027-01-31'),
      ['2027-01-31', '2027-02-28', '2027-03-31', '2027-04-30', '2027-05-31'],
    ],
    [
      'the last weekday of the month',
      on({ type: 'RelativeMonthly', interval: 1, daysOfWeek: 'Weekday', dayOfWeekIndex: 'Last' }, '2027-01-29'),
      ['2027-01-29', '2027-02-26', '2027-03-31', '2027-04-30', '2027-05-31'],
    ],
    [
      'the last day of every second month',
      on({ type: 'RelativeMonthly', interval: 2, daysOfWeek: 'Day', dayOfWeekIndex: 'Last' }, '2027-01-31'),
      ['2027-01-31', '2027-03-31', '2027-05-31', '2027-07-31', '2027-09-30'],
    ],
    [
      'the first day of the weekend',
      on({ type: 'RelativeMonthly', interval: 1, daysOfWeek: 'WeekendDay', dayOfWeekIndex: 'First' }, '2027-01-02'),
      ['2027-01-02', '2027-02-06', '2027-03-06', '2027-04-03', '2027-05-01'],
    ],
  ];

  it.each(SERIES)(
    'keeps %s on the days Exchange shows it (failure mode 20: last day and weekday)',
    async (_name, recurrence, days) => {
      await using started = await startFake({ world: { itemsPerMailbox: 0 } });
      const source = started.source();
      const mailbox = await resolveUser(source, 1);
      const start = Date.parse(`${recurrence.range.startDate}T09:00:00Z`);
      const draft = { subject: 'x', start, end: start + 3_600_000, timeZone: 'UTC', recurrence };
      const made = await source.createEvent(mailbox, draft, 'k', 'none', never);
      expect(made).toMatchObject({ kind: 'seriesMaster', recurrence });
      const window = { from: Date.parse('2027-01-01'), to: Date.parse('2028-01-01') };
      const shown = await source.readCalendarView(mailbox, window, never);
      expect(shown.map((one) => new Date(one.start).toISOString().slice(0, 10)).sort()).toEqual(days);
    },
  );
});
