/** Seeded people who do in Outlook what people do, and what must hold between their calendars afterwards. */
import type { Recurrence } from '@calendar-connector/calendar-model';
import type { ExchangeWorld } from '../../../src/world/exchange-world.ts';
import type { ItemView } from '../../../src/world/item-view.ts';
import type { AttendeeEntry } from '../../../src/world/model.ts';
import { Random } from '../../../src/world/random.ts';
import { WorldError } from '../../../src/world/world-error.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export class OfficePeople {
  readonly #world: ExchangeWorld;
  readonly #people: readonly string[];
  readonly #random: Random;
  readonly #start: number;
  #serial = 0;
  readonly done = new Map<string, number>();
  /** `attendee uid`: they took their entry away without answering */
  readonly deletedByAttendee = new Set<string>();
  /** meetings whose last change of people was told to those people only: the others' lists are rightly out of date */
  readonly partlyTold = new Set<string>();

  constructor(world: ExchangeWorld, people: readonly string[], seed: number) {
    this.#world = world;
    this.#people = people;
    this.#random = new Random(seed);
    this.#start = world.clock.now();
  }

  /** One action of one person. What Exchange refuses is refused here too and counts as done. */
  step(): void {
    const person = this.#pick(this.#people);
    const [name, act] = this.#pick(this.#actions());
    try {
      if (act.call(this, person)) this.done.set(name, (this.done.get(name) ?? 0) + 1);
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      this.done.set(`refused ${error.code}`, (this.done.get(`refused ${error.code}`) ?? 0) + 1);
    }
    this.#world.clock.advance(this.#random.below(20) * 60_000);
  }

  #actions(): readonly (readonly [string, (person: string) => boolean])[] {
    return [
      ['create', this.#create],
      ['create', this.#create],
      ['update', this.#update],
      ['reschedule', this.#reschedule],
      ['invite or take off', this.#changePeople],
      ['change an occurrence', this.#changeOccurrence],
      ['delete an occurrence', this.#deleteOccurrence],
      ['change the pattern', this.#changePattern],
      ['cancel', this.#cancel],
      ['answer', this.#answer],
      ['answer', this.#answer],
      ['answer', this.#answer],
      ['answer an occurrence', this.#answerOccurrence],
      ['delete own entry', this.#deleteOwn],
      ['change own settings', this.#ownSettings],
    ];
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)] as T;
  }

  #some(person: string): AttendeeEntry[] {
    const others = this.#people.filter((other) => other !== person && this.#random.chance(0.35));
    return others.map((address) => ({
      name: address,
      address,
      role: this.#random.chance(0.2) ? 'optional' : 'required',
      response: 'Unknown',
    }));
  }

  #time(): { readonly start: number; readonly end: number } {
    const start = this.#start + this.#random.below(14) * DAY + this.#random.below(18) * (HOUR / 2);
    return { start, end: start + (1 + this.#random.below(4)) * (HOUR / 2) };
  }

  #create(person: string): boolean {
    const times = this.#time();
    const isSeries = this.#random.chance(0.4);
    this.#serial += 1;
    this.#world.createItem(person, {
      subject: `Topic ${this.#serial}`,
      location: `Room ${this.#random.below(5)}`,
      attendees: this.#some(person),
      allDay: this.#random.chance(0.05),
      ...times,
      ...(isSeries ? { recurrence: this.#recurrence(times.start) } : {}),
    });
    return true;
  }

  #recurrence(start: number): Recurrence {
    const startDate = new Date(start + 3 * HOUR).toISOString().slice(0, 10);
    const range = { type: 'Numbered' as const, startDate, numberOfOccurrences: 2 + this.#random.below(8) };
    const weekday = new Date(`${startDate}T00:00:00Z`).toLocaleDateString('en-US', {
      weekday: 'long',
      timeZone: 'UTC',
    }) as 'Monday';
    return this.#random.chance(0.5)
      ? { pattern: { type: 'Daily', interval: 1 + this.#random.below(3) }, range }
      : { pattern: { type: 'Weekly', interval: 1, daysOfWeek: [weekday], firstDayOfWeek: 'Monday' }, range };
  }

  #own(person: string, filter: (item: ItemView) => boolean = () => true): ItemView | undefined {
    const items = this.#world.listItems(person).filter((item) => item.isOrganizer && !item.isCancelled && filter(item));
    return items.length === 0 ? undefined : this.#pick(items);
  }

  #invited(person: string, filter: (item: ItemView) => boolean = () => true): ItemView | undefined {
    const items = this.#world
      .listItems(person)
      .filter((item) => !item.isOrganizer && !item.isCancelled && filter(item));
    return items.length === 0 ? undefined : this.#pick(items);
  }

  #told(item: ItemView, everybody: boolean): void {
    if (everybody) this.partlyTold.delete(item.uid);
    else this.partlyTold.add(item.uid);
  }

  #update(person: string): boolean {
    const item = this.#own(person);
    if (item === undefined) return false;
    this.#told(item, true);
    this.#world.updateItem(person, item.id, {
      subject: `${item.subject}'`.slice(-40),
      location: `Room ${this.#random.below(5)}`,
    });
    return true;
  }

  #reschedule(person: string): boolean {
    const item = this.#own(person);
    if (item === undefined) return false;
    const by = (this.#random.below(9) - 4) * HOUR;
    this.#world.updateItem(person, item.id, { start: item.start + by, end: item.end + by });
    return true;
  }

  #changePeople(person: string): boolean {
    const item = this.#own(person);
    if (item === undefined) return false;
    const kept = item.attendees.filter(() => this.#random.chance(0.7));
    const added = this.#some(person).filter(
      (entry) => !item.attendees.some((known) => known.address === entry.address),
    );
    const send = this.#random.chance(0.5) ? 'changed' : 'all';
    this.#told(item, send === 'all');
    this.#world.updateItem(person, item.id, { attendees: [...kept, ...added.slice(0, 2)] }, { send });
    return true;
  }

  #occurrenceOf(person: string, item: ItemView): ItemView | undefined {
    const shown = this.#world.listItems(person, { from: this.#start - 30 * DAY, to: this.#start + 120 * DAY });
    const mine = shown.filter(
      (entry) => entry.uid === item.uid && entry.originalStart !== undefined && !entry.isCancelled,
    );
    return mine.length === 0 ? undefined : this.#pick(mine);
  }

  #changeOccurrence(person: string): boolean {
    const item = this.#own(person, (entry) => entry.kind === 'master');
    const occurrence = item && this.#occurrenceOf(person, item);
    if (item === undefined || occurrence?.originalStart === undefined) return false;
    const by = this.#random.below(3) * HOUR;
    const patch = this.#random.chance(0.5)
      ? { subject: `${item.subject} once` }
      : { start: occurrence.start + by, end: occurrence.end + by, location: 'Elsewhere' };
    this.#world.updateItem(person, item.id, patch, { occurrence: occurrence.originalStart });
    return true;
  }

  #deleteOccurrence(person: string): boolean {
    const item = this.#own(person, (entry) => entry.kind === 'master');
    const occurrence = item && this.#occurrenceOf(person, item);
    if (occurrence === undefined) return false;
    this.#world.cancelItem(person, occurrence.id);
    return true;
  }

  #changePattern(person: string): boolean {
    const item = this.#own(person, (entry) => entry.kind === 'master');
    if (item === undefined) return false;
    this.#world.updateItem(person, item.id, { recurrence: this.#recurrence(item.start) });
    return true;
  }

  #cancel(person: string): boolean {
    const item = this.#own(person);
    if (item === undefined || !this.#random.chance(0.4)) return false;
    if (item.isMeeting) this.#world.cancelItem(person, item.id);
    else this.#world.deleteItem(person, item.id);
    return true;
  }

  #answer(person: string): boolean {
    const item = this.#invited(person);
    if (item === undefined) return false;
    this.#world.respond(person, item.id, this.#pick(['accept', 'accept', 'tentative', 'decline'] as const));
    return true;
  }

  #answerOccurrence(person: string): boolean {
    const item = this.#invited(person, (entry) => entry.kind === 'master');
    const occurrence = item && this.#occurrenceOf(person, item);
    if (occurrence === undefined) return false;
    this.#world.respond(person, occurrence.id, this.#pick(['accept', 'tentative', 'decline'] as const));
    return true;
  }

  #deleteOwn(person: string): boolean {
    const item = this.#invited(person);
    if (item === undefined || !this.#random.chance(0.2)) return false;
    this.#world.deleteItem(person, item.id, { hard: this.#random.chance(0.5) });
    this.deletedByAttendee.add(`${person} ${item.uid}`);
    return true;
  }

  #ownSettings(person: string): boolean {
    const item = this.#invited(person);
    if (item === undefined) return false;
    this.#world.updateItem(person, item.id, { categories: ['Mine'], reminderMinutes: 5 });
    return true;
  }
}

/** What a week of people must not break. Empty: all copies are consistent. */
export function inconsistencies(
  world: ExchangeWorld,
  people: readonly string[],
  deleted: ReadonlySet<string>,
  partlyTold: ReadonlySet<string>,
): string[] {
  const problems: string[] = [];
  const span = { from: world.clock.now() - 60 * DAY, to: world.clock.now() + 200 * DAY };
  const calendars = new Map(people.map((person) => [person, world.listItems(person)]));
  const views = new Map(people.map((person) => [person, world.listItems(person, span)]));
  const meetings = [...calendars].flatMap(([person, items]) =>
    items.filter((item) => item.isOrganizer && item.isMeeting).map((item) => ({ person, item })),
  );
  const live = new Set(meetings.map(({ item }) => item.uid));
  for (const { person, item } of meetings) {
    for (const attendee of item.attendees) {
      const copies = (calendars.get(attendee.address) ?? []).filter(
        (copy) => copy.uid === item.uid && copy.kind !== 'exception',
      );
      const label = `${item.subject} of ${person} at ${attendee.address}`;
      if (copies.length > 1) problems.push(`${label}: ${copies.length} copies`);
      const [copy] = copies;
      if (copy === undefined) {
        if (attendee.response !== 'Decline' && !deleted.has(`${attendee.address} ${item.uid}`))
          problems.push(`${label}: no copy although answered ${attendee.response}`);
        continue;
      }
      problems.push(
        ...compareCopies(
          label,
          item,
          copy,
          attendee,
          partlyTold.has(item.uid),
          deleted.has(`${attendee.address} ${item.uid}`),
        ),
      );
      problems.push(
        ...compareOccurrences(label, views.get(person) ?? [], views.get(attendee.address) ?? [], item, copy),
      );
    }
  }
  for (const [person, items] of calendars) {
    for (const copy of items.filter((entry) => !entry.isOrganizer)) {
      if (!copy.isCancelled && !live.has(copy.uid)) problems.push(`${copy.subject} at ${person}: nobody organizes it`);
    }
  }
  return problems;
}

function compareCopies(
  label: string,
  item: ItemView,
  copy: ItemView,
  attendee: AttendeeEntry,
  isPartlyTold: boolean,
  wasDeleted: boolean,
): string[] {
  const problems: string[] = [];
  const same = (name: string, left: unknown, right: unknown): void => {
    if (JSON.stringify(left) !== JSON.stringify(right))
      problems.push(`${label}: ${name} ${JSON.stringify(left)} and ${JSON.stringify(right)}`);
  };
  for (const key of ['subject', 'start', 'end', 'location', 'allDay', 'recurrence', 'globalObjectId', 'kind'] as const)
    same(key, item[key], copy[key]);
  const people = (view: ItemView): string[] => view.attendees.map((entry) => `${entry.role} ${entry.address}`).sort();
  if (!isPartlyTold) same('attendees', people(item), people(copy));
  const shown = copy.myResponse === 'NoResponseReceived' ? 'Unknown' : copy.myResponse;
  // somebody who had declined or deleted their entry and was sent an update has a new, unanswered one; the old answer stands
  const isInvitedAgain = shown === 'Unknown' && (attendee.response === 'Decline' || wasDeleted);
  if (!isInvitedAgain) same('answer', attendee.response, shown);
  if (copy.isCancelled) problems.push(`${label}: cancelled although it takes place`);
  return problems;
}

function compareOccurrences(
  label: string,
  ownView: readonly ItemView[],
  otherView: readonly ItemView[],
  item: ItemView,
  copy: ItemView,
): string[] {
  if (item.kind !== 'master') return [];
  const gone = new Set(copy.deletedOccurrences ?? []);
  const shape = (view: readonly ItemView[]): string[] =>
    view
      .filter((entry) => entry.uid === item.uid && !entry.isCancelled && !gone.has(entry.originalStart ?? 0))
      .map((entry) => `${entry.originalStart} ${entry.start} ${entry.end} ${entry.subject} ${entry.location}`);
  const [left, right] = [shape(ownView).join('\n'), shape(otherView).join('\n')];
  return left === right ? [] : [`${label}: occurrences differ\n${left}\n-- and --\n${right}`];
}
