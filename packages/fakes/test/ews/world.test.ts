/** The world without any wire: clock, seed, generated calendars, ids, zone rules. */
import { TimeZone } from '@calendar-connector/recurrence';
import { describe, expect, it } from 'vitest';
import { windowsDefinition } from '../../src/ews/items/windows-rules.ts';
import { windowsZoneIds } from '../../src/ews/items/windows-zone-names.ts';
import { ChangeLog } from '../../src/world/change-log.ts';
import { WorldClock } from '../../src/world/clock.ts';
import { ExchangeWorld } from '../../src/world/exchange-world.ts';
import {
  cleanGlobalObjectId,
  globalObjectIdOf,
  isGlobalObjectId,
  occurrenceGlobalObjectId,
} from '../../src/world/object-ids.ts';
import { inconsistencies } from './support/office-people.ts';

const world = (
  options: { readonly seed?: number; readonly mailboxes?: number; readonly items?: number } = {},
): ExchangeWorld =>
  new ExchangeWorld({
    clock: WorldClock.manual(),
    seed: options.seed ?? 3,
    mailboxes: options.mailboxes ?? 20,
    itemsPerMailbox: options.items ?? 60,
  });

describe('the clock', () => {
  it('runs timers in order of their due time when it is moved, and those they start', () => {
    const clock = WorldClock.manual(0);
    const ran: string[] = [];
    clock.after(20, () => ran.push(`b at ${clock.now()}`));
    clock.after(10, () => {
      ran.push(`a at ${clock.now()}`);
      clock.after(5, () => ran.push(`c at ${clock.now()}`));
    });
    clock.after(15, () => ran.push('cancelled')).cancel();
    clock.advance(17);
    expect(ran).toEqual(['a at 10', 'c at 15']);
    clock.set(20);
    expect(ran.at(-1)).toBe('b at 20');
    clock.set(5);
    expect(clock.now()).toBe(5);
  });

  it('can be scaled, and stops between two ways of moving', () => {
    const clock = new WorldClock({ mode: 'scaled', rate: 1000, now: 0 });
    const before = clock.now();
    clock.configure('manual');
    expect(clock.now()).toBeGreaterThanOrEqual(before);
    expect(clock.state()).toMatchObject({ mode: 'manual', rate: 1 });
  });
});

describe('calendars from a seed', () => {
  it('are the same for the same seed and others for another', () => {
    const subjects = (seed: number): string =>
      JSON.stringify(
        world({ seed })
          .listItems('user7@example.test')
          .map(({ subject, start, uid }) => [subject, start, uid]),
      );
    expect(subjects(3)).toBe(subjects(3));
    expect(subjects(3)).not.toBe(subjects(4));
  });

  it('agree in all copies of their meetings before anybody touches them, and after', () => {
    const office = world({ mailboxes: 12 });
    const people = [...office.addresses()].filter((address) => address.startsWith('user'));
    expect(inconsistencies(office, people, new Set(), new Set())).toEqual([]);
    const own = office.listItems('user1@example.test').filter((item) => item.isOrganizer && item.isMeeting);
    expect(own.length).toBeGreaterThan(1);
    office.updateItem('user1@example.test', own[0]?.id ?? '', { subject: 'Touched' });
    office.cancelItem('user1@example.test', own[1]?.id ?? '');
    expect(inconsistencies(office, people, new Set(), new Set())).toEqual([]);
    const changed = office.listItems('user2@example.test').map((item) => item.subject);
    expect(changed).toContain('Touched');
    expect(changed.some((subject) => subject.startsWith('Canceled: '))).toBe(true);
  });

  it('cost nothing for ten thousand people until somebody looks', () => {
    const company = world({ mailboxes: 10_000, items: 200 });
    const box = company.getMailbox('user9999@example.test');
    expect([box.countIn(3), box.generatedCount, company.findMailboxByGuid(box.profile.guid)]).toEqual([200, 200, box]);
    expect(company.findMailbox('user10001@example.test')).toBeUndefined();
    expect(
      new ExchangeWorld({ clock: WorldClock.manual(), seed: 3, mailboxes: 10_000 }).findMailboxByGuid(box.profile.guid)
        ?.address,
    ).toBe(box.address);
  });

  it('hold singles, series, meetings, private and all-day items', () => {
    const items = world().listItems('user1@example.test');
    const kinds = [
      items.some((item) => item.kind === 'master'),
      items.some((item) => item.isMeeting && !item.isOrganizer),
      items.some((item) => item.sensitivity === 'Private'),
      items.some((item) => item.allDay),
    ];
    expect(kinds).toEqual([true, true, true, true]);
  });
});

describe('ids', () => {
  const { ids } = world();
  const guid = '3791211a-f605-49c2-a342-9f0057b3e41d';

  it('have the layout and length of real ones and come back whole', () => {
    const item = ids.item(guid, 3, 0x123456789);
    const occurrence = ids.occurrence(guid, 3, 77, '2026-03-04');
    expect([item.length, occurrence.length, ids.folder(guid, 3).length, ids.changeKey(5).length]).toEqual([
      152, 168, 120, 40,
    ]);
    expect([item.slice(0, 4), occurrence.slice(0, 4), ids.changeKey(5).slice(0, 8)]).toEqual([
      'AAMk',
      'AAMk',
      'DwAAABYA',
    ]);
    expect(ids.decode(item)).toEqual({ kind: 'item', mailboxGuid: guid, folder: 3, number: 0x123456789 });
    expect(ids.decode(occurrence)).toEqual({
      kind: 'occurrence',
      mailboxGuid: guid,
      folder: 3,
      number: 77,
      date: '2026-03-04',
    });
    expect(ids.decode(ids.folder(guid, 9))).toEqual({ kind: 'folder', mailboxGuid: guid, folder: 9 });
    expect(ids.decode(ids.attachment(guid, 3, 7, 2, '2026-03-04'))).toMatchObject({
      kind: 'attachment',
      attachment: 2,
      date: '2026-03-04',
    });
    expect(ids.readChangeKey(ids.changeKey(0x1ffffffff))).toBe(0x1ffffffff);
    expect(ids.item(guid, 3, 5)).toBe(Buffer.from(ids.item(guid, 3, 5), 'base64').toString('base64'));
  });

  it('of other servers, cut or changed, are none of ours', () => {
    const item = ids.item(guid, 3, 1);
    for (const text of [
      '',
      'AAMk',
      item.slice(4),
      `${item}AAAA`,
      item.replace('AAMk', 'AQMk'),
      'x'.repeat(152),
      world({ seed: 9 }).ids.item(guid, 3, 1),
    ])
      expect(ids.decode(text)).toBeUndefined();
    expect(ids.readChangeKey('DwAAAA==')).toBeUndefined();
  });

  it('of meetings wrap foreign UIDs and carry the date of an occurrence', () => {
    const foreign = globalObjectIdOf('abc@outside.example');
    expect(isGlobalObjectId(foreign)).toBe(true);
    expect(foreign).toContain('7643616C2D55696401000000');
    const dated = occurrenceGlobalObjectId(foreign, '2026-12-31');
    expect([dated.slice(32, 40), cleanGlobalObjectId(dated)]).toEqual(['07EA0C1F', foreign]);
    expect(globalObjectIdOf(dated)).toBe(foreign);
  });
});

describe('the change log', () => {
  const told = (log: ChangeLog, since: number, until: number, generated: number, below = until + 1): string[] =>
    [...log.newestFirst({ since, until, below }, generated)].map(({ item, kind }) => `${kind} ${item}`);

  it('tells each item once, newest first, and nothing of what came and went in between', () => {
    const log = new ChangeLog();
    log.add({ change: 11, item: 11, kind: 'write', appeared: 11 });
    log.add({ change: 12, item: 2, kind: 'write', appeared: 2 });
    log.add({ change: 13, item: 11, kind: 'write', appeared: 11 });
    log.add({ change: 14, item: 3, kind: 'gone', appeared: 3 });
    log.add({ change: 15, item: 15, kind: 'write', appeared: 15 });
    log.add({ change: 16, item: 15, kind: 'gone', appeared: 15 });
    log.add({ change: 17, item: 4, kind: 'read', appeared: 4 });
    expect(told(log, 10, 20, 10)).toEqual(['read 4', 'delete 3', 'create 11', 'update 2']);
    expect(told(log, 13, 20, 10)).toEqual(['read 4', 'delete 3']);
    expect(told(log, 0, 12, 3)).toEqual(['create 2', 'create 11', 'create 3', 'create 1']);
  });

  it('tells in pages what it tells at once, whatever happens in between', () => {
    const log = new ChangeLog();
    for (let change = 31; change <= 90; change += 1) {
      const kind = (['write', 'read', 'gone', 'write', 'read'] as const)[change % 5] ?? 'write';
      log.add({ change, item: (change * 7) % 40, kind, appeared: Math.min((change * 7) % 40, change) });
    }
    const whole = told(log, 5, 80, 30);
    const pages: string[] = [];
    for (let below = 81; ; ) {
      const page = [...log.newestFirst({ since: 5, until: 80, below }, 30)].slice(0, 7);
      const last = page.at(-1);
      if (last === undefined) break;
      pages.push(...page.map(({ item, kind }) => `${kind} ${item}`));
      below = last.change;
      log.add({ change: 100 + pages.length, item: pages.length, kind: 'write', appeared: 1 });
    }
    expect(pages).toEqual(whole);
    expect(new Set(whole.map((line) => line.split(' ')[1])).size).toBe(whole.length);
  });

  it('forgets the older entries of an item when it grows long', () => {
    const log = new ChangeLog();
    for (let change = 1; change <= 50_000; change += 1)
      log.add({ change, item: change % 10, kind: 'write', appeared: (change % 10) + 1 });
    expect(log.size).toBeLessThan(20_100);
    expect(told(log, 20, 60_000, 0).length).toBe(10);
  });
});

describe('the rules of Windows zones', () => {
  it.each(windowsZoneIds())('%s: the definition on the wire means what the zone means', (id) => {
    const definition = windowsDefinition(id);
    expect(definition).toBeDefined();
    if (definition === undefined) return;
    const byName = TimeZone.fromWindows(id);
    const byRules = TimeZone.fromDefinition(definition);
    const differing: string[] = [];
    for (let at = Date.UTC(2024, 0, 2); at < Date.UTC(2028, 0, 1); at += 5 * 86_400_000) {
      if (byName.offsetAt(at) !== byRules.offsetAt(at)) differing.push(new Date(at).toISOString().slice(0, 10));
    }
    // Windows knows two changes a year; Morocco has three in 2026
    expect(differing.length).toBeLessThanOrEqual(id === 'Morocco Standard Time' ? 40 : 0);
  });
});
