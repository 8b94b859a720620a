/**
 * A company's calendars out of a seed: item n of mailbox m is computed, never stored, so ten thousand mailboxes cost nothing
 * until somebody changes them. Neighbours (eight mailboxes) meet: all copies of such a meeting come out consistent.
 */
import type { Instant, RecurrencePattern, TimeZoneRef } from '@calendar-connector/calendar-model';
import { CALENDAR } from './folders.ts';
import type { ItemSource } from './mailbox.ts';
import type {
  AttendeeEntry,
  Body,
  CalendarContent,
  CalendarRecord,
  Person,
  ResponseType,
  SeriesState,
} from './model.ts';
import { newGlobalObjectId } from './object-ids.ts';
import { mix } from './random.ts';
import { addDays, DAY_MS, toInstant, toLocal, zoneOf } from './zones.ts';

export interface GeneratorOptions {
  readonly seed: number;
  readonly mailboxes: number;
  readonly itemsPerMailbox: number;
  /** the day around which calendars are filled: a month back, five ahead */
  readonly base: Instant;
  readonly zone: TimeZoneRef;
  readonly person: (index: number) => Person;
  /** bytes of text in a body, about */
  readonly bodyBytes: number;
}

const GROUP = 8;
const GROUP_FLAG = 0x80000000;
const TAG = 0x54434647;
const NO_MAP: ReadonlyMap<never, never> = new Map<never, never>();
const TOPICS = [
  'Planning',
  'Review',
  'Stand-up',
  'Interview',
  'Budget',
  'Design',
  'Retrospective',
  'Customer call',
] as const;
const PLACES = ['Room 101', 'Room 202', 'Hall', '', 'Online', 'Office of the head'] as const;
const SENTENCE = 'Please read the papers before the meeting, bring your questions and be on time. ';
const HOUR_MS = 3_600_000;

/** What the seed says about one slot of a calendar. */
interface Slot {
  readonly owner: number;
  readonly shared: boolean;
  readonly code: number;
  readonly slot: number;
  readonly chance: number;
}

export class ItemGenerator {
  readonly #options: GeneratorOptions;
  readonly #tag: number;
  readonly #filler: string;
  readonly #firstDay: string;

  constructor(options: GeneratorOptions) {
    this.#options = options;
    this.#tag = mix(options.seed, TAG);
    this.#filler = `<p>${SENTENCE.repeat(Math.max(0, Math.ceil(options.bodyBytes / SENTENCE.length)))}</p>`;
    this.#firstDay = addDays(toLocal(zoneOf(options.zone), options.base).date, -30);
  }

  /** The items of one mailbox. */
  sourceFor(index: number): ItemSource {
    return {
      count: this.#options.itemsPerMailbox,
      make: (number) => this.#make(index, number - 1),
      findNumber: (id) => this.#findNumber(index, id),
    };
  }

  #slot(index: number, slot: number): Slot {
    const { seed } = this.#options;
    const shared = slot % 5 < 2 && this.#groupSize(index) > 1;
    const group = Math.floor(index / GROUP);
    const code = shared ? (GROUP_FLAG | group) >>> 0 : index;
    const owner = shared ? group * GROUP + (slot % this.#groupSize(index)) : index;
    return { owner, shared, code, slot, chance: mix(seed, code, slot) };
  }

  #groupSize(index: number): number {
    const first = Math.floor(index / GROUP) * GROUP;
    return Math.min(GROUP, this.#options.mailboxes - first);
  }

  #make(index: number, slotNumber: number): CalendarRecord {
    const slot = this.#slot(index, slotNumber);
    const content = this.#content(index, slot);
    const created = this.#options.base - (slot.chance % 90) * DAY_MS - HOUR_MS;
    const uid = this.#uid(slot);
    const number = slotNumber + 1;
    const base = {
      kind: 'calendar' as const,
      number,
      folder: CALENDAR,
      itemClass: 'IPM.Appointment',
      created,
      received: created,
      modified: created,
      modifiedBy: content.organizer.name,
      change: number,
      appeared: number,
      isRead: true,
      isDraft: false,
      isAssociated: false,
      uid,
      globalObjectId: uid,
      content,
    };
    const series = this.#series(slot, content);
    return series === undefined ? base : { ...base, series };
  }

  #uid(slot: Slot): string {
    const id = newGlobalObjectId(Date.UTC(2026, 0, 1), [0]);
    return (
      id.slice(0, -32) + [this.#tag, slot.code, slot.slot, mix(this.#tag, slot.code, slot.slot)].map(word).join('')
    );
  }

  #findNumber(index: number, id: string): number | undefined {
    const words = [0, 1, 2, 3].map((part) => Number.parseInt(id.slice(80 + part * 8, 88 + part * 8), 16));
    const [tag, code, slot, check] = words as [number, number, number, number];
    if (tag !== this.#tag || check !== mix(tag, code, slot) || slot >= this.#options.itemsPerMailbox) return undefined;
    const mine = this.#slot(index, slot);
    return mine.code === code ? slot + 1 : undefined;
  }

  #content(index: number, slot: Slot): CalendarContent {
    const zone = zoneOf(this.#options.zone);
    const day = addDays(this.#firstDay, slot.chance % 180);
    const allDay = !slot.shared && slot.slot % 23 === 7;
    const startMs = allDay ? 0 : (8 + ((slot.chance >>> 8) % 20) / 2) * HOUR_MS;
    const start = toInstant(zone, day, startMs);
    const end = allDay ? toInstant(zone, addDays(day, 1), 0) : start + (1 + ((slot.chance >>> 16) % 4)) * (HOUR_MS / 2);
    const isOwner = slot.owner === index;
    const topic = TOPICS[(slot.chance >>> 20) % TOPICS.length] ?? 'Meeting';
    const mine = slot.shared ? (isOwner ? 'Organizer' : this.#response(index, slot)) : 'Organizer';
    return {
      subject: `${topic} ${slot.slot + 1}`,
      body: this.#body(topic),
      sensitivity: !slot.shared && slot.slot % 17 === 4 ? 'Private' : 'Normal',
      importance: 'Normal',
      categories: [],
      reminderSet: true,
      reminderMinutes: 15,
      culture: 'en-US',
      extended: NO_MAP,
      opaque: NO_MAP,
      attachments: [],
      start,
      end,
      allDay,
      startZone: this.#options.zone,
      endZone: this.#options.zone,
      location: PLACES[(slot.chance >>> 24) % PLACES.length] ?? '',
      freeBusy: allDay ? 'Free' : mine === 'Tentative' || mine === 'NoResponseReceived' ? 'Tentative' : 'Busy',
      intendedFreeBusy: 'Busy',
      attendees: slot.shared ? this.#attendees(index, slot) : [],
      organizer: this.#options.person(slot.owner),
      state: slot.shared ? (isOwner ? 1 : 3) : 0,
      myResponse: mine,
      sequence: 0,
      requestSent: slot.shared && isOwner,
      responseRequested: true,
      allowNewTime: true,
    };
  }

  #body(topic: string): Body {
    return { type: 'HTML', content: `<html><body><h1>${topic}</h1>${this.#filler}</body></html>` };
  }

  #attendees(index: number, slot: Slot): AttendeeEntry[] {
    const first = Math.floor(index / GROUP) * GROUP;
    const list: AttendeeEntry[] = [];
    for (let member = first; member < first + this.#groupSize(index); member += 1) {
      if (member === slot.owner) continue;
      const person = this.#options.person(member);
      const response = slot.owner === index ? this.#response(member, slot) : 'Unknown';
      const isSilent = response === 'NoResponseReceived' || response === 'Unknown';
      const entry = { ...person, role: 'required' as const, response: isSilent ? ('Unknown' as const) : response };
      list.push(isSilent ? entry : { ...entry, lastResponse: this.#options.base - DAY_MS });
    }
    return list;
  }

  #response(member: number, slot: Slot): ResponseType {
    const answers: readonly ResponseType[] = ['Accept', 'NoResponseReceived', 'Tentative', 'Accept'];
    return answers[mix(slot.chance, member) % answers.length] ?? 'Accept';
  }

  #series(slot: Slot, content: CalendarContent): SeriesState | undefined {
    if (slot.slot % 20 !== 0 && slot.slot % 20 !== 13) return undefined;
    const startDate = toLocal(zoneOf(content.startZone), content.start).date;
    const weekday = WEEKDAYS[new Date(`${startDate}T00:00:00Z`).getUTCDay()] ?? 'Monday';
    const pattern: RecurrencePattern =
      slot.slot % 20 === 0
        ? { type: 'Weekly', interval: 1, daysOfWeek: [weekday], firstDayOfWeek: 'Monday' }
        : { type: 'Daily', interval: 1 + (slot.chance % 3) };
    const range = { type: 'Numbered' as const, startDate, numberOfOccurrences: 4 + (slot.chance % 20) };
    return { recurrence: { pattern, range }, exceptions: NO_MAP, deleted: NO_SET };
  }
}

const NO_SET: ReadonlySet<never> = new Set<never>();
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

function word(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0').toUpperCase();
}
