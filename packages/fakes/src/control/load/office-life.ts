/**
 * People at work: made-up users who plan, move, answer, cancel and forget meetings while the fakes run, so that a connector
 * watched by hand has something to do. Same seed, same clock, same life. Used by `fake-exchange --profile`.
 */
import type { TimerHandle, WorldClock } from '../../world/clock.ts';
import type { ExchangeWorld } from '../../world/exchange-world.ts';
import type { ItemView } from '../../world/item-view.ts';
import type { Answer, AttendeeEntry } from '../../world/model.ts';
import { Random } from '../../world/random.ts';
import { WorldError } from '../../world/world-error.ts';

export const LIFE_PROFILES = ['quiet', 'light', 'medium', 'heavy'] as const;
export type LifeProfile = (typeof LIFE_PROFILES)[number];

/** Deeds per minute of world time and hundred mailboxes. */
const DEEDS_PER_MINUTE: Readonly<Record<LifeProfile, number>> = { quiet: 0, light: 2, medium: 20, heavy: 200 };
const DEEDS = [
  'plan',
  'plan',
  'plan',
  'move',
  'rename',
  'answer',
  'answer',
  'answer',
  'cancel',
  'appointment',
] as const;
type Deed = (typeof DEEDS)[number];
const ANSWERS: readonly [Answer, ...Answer[]] = ['accept', 'accept', 'tentative', 'decline'];
const TOPICS: readonly [string, ...string[]] = ['Planning', 'Review', 'Interview', 'Budget', 'Demo'];
const MINUTE_MS = 60_000;
const HALF_HOUR_MS = 30 * MINUTE_MS;
const HORIZON_SLOTS = 14 * 48;
const MOST_ATTENDEES = 5;

export interface OfficeLife {
  /** how often each deed was done; `nothing` when there was nothing to do it to */
  readonly done: ReadonlyMap<Deed | 'nothing', number>;
  stop(): void;
}

/** Starts the life of an office; with `quiet` nobody stirs. */
export function startOfficeLife(
  world: ExchangeWorld,
  clock: WorldClock,
  profile: LifeProfile,
  seed: number,
): OfficeLife {
  const people = [...world.addresses()].filter((address) => address !== world.serviceAccount);
  const perMinute = (DEEDS_PER_MINUTE[profile] * people.length) / 100;
  const office = new Office(world, people, new Random(seed));
  let timer: TimerHandle | undefined;
  const next = (): void => {
    timer = clock.after(Math.max(1, Math.round(MINUTE_MS / perMinute)), () => {
      office.doSomething(clock.now());
      next();
    });
  };
  if (perMinute > 0) next();
  return { done: office.done, stop: () => timer?.cancel() };
}

class Office {
  readonly done = new Map<Deed | 'nothing', number>();
  readonly #world: ExchangeWorld;
  readonly #people: readonly string[];
  readonly #random: Random;

  constructor(world: ExchangeWorld, people: readonly string[], random: Random) {
    this.#world = world;
    this.#people = people;
    this.#random = random;
  }

  doSomething(now: number): void {
    const deed = this.#random.pick(DEEDS);
    const person = this.#people[this.#random.below(this.#people.length)] ?? '';
    const isDone = this.#try(deed, person, now);
    const name = isDone ? deed : 'nothing';
    this.done.set(name, (this.done.get(name) ?? 0) + 1);
  }

  /** What the world refuses (a meeting gone in the meantime) is nothing done. */
  #try(deed: Deed, person: string, now: number): boolean {
    try {
      return this.#do(deed, person, now);
    } catch (error) {
      if (error instanceof WorldError) return false;
      throw error;
    }
  }

  #do(deed: Deed, person: string, now: number): boolean {
    if (deed === 'plan' || deed === 'appointment') {
      this.#plan(person, now, deed === 'plan');
      return true;
    }
    const item = this.#anyOf(person, now, (one) => one.isOrganizer !== (deed === 'answer') && !one.isCancelled);
    if (!item) return false;
    if (deed === 'answer') this.#world.respond(person, item.id, this.#random.pick(ANSWERS));
    else if (deed === 'cancel') this.#world.cancelItem(person, item.id);
    else if (deed === 'rename')
      this.#world.updateItem(person, item.id, { subject: `${item.subject} (new)`.slice(-200) });
    else this.#world.updateItem(person, item.id, this.#slot(now, item.end - item.start));
    return true;
  }

  #plan(person: string, now: number, withOthers: boolean): void {
    const count = withOthers ? 1 + this.#random.below(MOST_ATTENDEES) : 0;
    const guests = new Set(
      Array.from({ length: count }, () => this.#people[this.#random.below(this.#people.length)] ?? ''),
    );
    guests.delete(person);
    this.#world.createItem(person, {
      ...this.#slot(now, HALF_HOUR_MS * (1 + this.#random.below(3))),
      subject: `${this.#random.pick(TOPICS)} ${this.#random.below(1000)}`,
      attendees: [...guests].map((address) => this.#attendee(address)),
    });
  }

  #slot(now: number, length: number): { readonly start: number; readonly end: number } {
    const start = Math.ceil(now / HALF_HOUR_MS + this.#random.below(HORIZON_SLOTS)) * HALF_HOUR_MS;
    return { start, end: start + length };
  }

  #attendee(address: string): AttendeeEntry {
    const { name } = this.#world.getMailbox(address).profile;
    return { name, address, routingType: 'SMTP', mailboxType: 'Mailbox', role: 'required', response: 'Unknown' };
  }

  #anyOf(person: string, now: number, fits: (item: ItemView) => boolean): ItemView | undefined {
    const coming = this.#world
      .listItems(person)
      .filter((item) => item.kind === 'single' && item.isMeeting && item.start > now && fits(item));
    return coming[this.#random.below(coming.length)];
  }
}
