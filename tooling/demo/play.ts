/**
 * What people do in the demo, one act after another: meetings made, moved, answered, cancelled; a series with an
 * exception; conferences due in seconds. Each act says what every concerned client must come to see, and measures when.
 */
import type { EventSummary } from '@calendar-connector/client-protocol';
import type { ControlClient, WorldItem } from '../scene/control-client.ts';
import type { Watcher } from '../scene/watcher.ts';
import { tell } from './story.ts';

/** An act's change that did not reach a client in this time counts as lost. */
const PATIENCE_MS = 8_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export interface Tally {
  meetings: number;
  eventsDelivered: number;
  lost: number;
  readonly latencies: number[];
  readonly errors: string[];
  /** conferences expected to start: id → due time */
  readonly due: Map<string, number>;
}

export interface Stage {
  readonly control: ControlClient;
  readonly watchers: ReadonlyMap<string, Watcher>;
  readonly tally: Tally;
}

type Sees = (event: EventSummary) => boolean;

interface Expectation {
  readonly what: string;
  /** users who must see it */
  readonly users: readonly string[];
  readonly fits: (events: readonly EventSummary[]) => boolean;
}

const address = (user: string): string => `${user}@example.test`;
const clock = (instant: number): string => new Date(instant).toISOString().slice(11, 16);
const nextHour = (): number => Math.ceil((Date.now() + 30 * MINUTE_MS) / (60 * MINUTE_MS)) * 60 * MINUTE_MS;
const some = (sees: Sees) => (events: readonly EventSummary[]) => events.some(sees);

/** Does something in Exchange and waits until every concerned client shows it. */
async function act<Result>(
  stage: Stage,
  said: string,
  change: () => Promise<Result>,
  expected: (result: Result) => Expectation,
): Promise<Result> {
  const begun = Date.now();
  const result = await change();
  tell('exchange', said);
  const { what, users, fits } = expected(result);
  await Promise.all(
    users.map(async (user) => {
      const watcher = stage.watchers.get(user);
      if (!watcher) return;
      const at = await watcher.waitUntil(fits, PATIENCE_MS);
      if (at === undefined) {
        stage.tally.lost += 1;
        stage.tally.errors.push(`${user} never saw: ${what}`);
        tell('trouble', `${user} did not see it: ${what}`);
        return;
      }
      const ms = Math.max(0, at - begun);
      stage.tally.latencies.push(ms);
      stage.tally.eventsDelivered += 1;
      tell('client', `${user}: ${what} (${ms} ms)`);
    }),
  );
  return result;
}

/** A meeting made in Outlook, then answered, moved, renamed and cancelled. */
export async function planningMeeting(stage: Stage, round: number): Promise<void> {
  const { control, tally } = stage;
  const people = ['user1', 'user2', 'user3'];
  const start = nextHour() + round * 60 * MINUTE_MS;
  const subject = `Planning <R&D> ${round}`;
  tally.meetings += 1;
  const made = await act(
    stage,
    `user1 invites user2 and user3 to “${subject}” at ${clock(start)}`,
    () =>
      control.create(address('user1'), {
        subject,
        start,
        end: start + 30 * MINUTE_MS,
        attendees: [address('user2'), { address: address('user3'), role: 'optional' }],
        body: '<p>Last week</p>',
      }),
    (item) => ({
      what: `“${subject}” appears`,
      users: people,
      fits: some((event) => event.uid === item.uid && event.title === subject),
    }),
  );
  await act(
    stage,
    'user2 accepts',
    async () => {
      const copy = (await control.items(address('user2'))).find((item) => item.uid === made.uid);
      if (copy) await control.respond(address('user2'), copy.id, 'accept');
    },
    () => ({
      what: 'my response: accepted',
      users: ['user2'],
      fits: some((event) => event.uid === made.uid && event.myResponse === 'accepted'),
    }),
  );
  const moved = start + 15 * MINUTE_MS;
  await act(
    stage,
    `user1 drags it to ${clock(moved)}`,
    () => control.update(address('user1'), made.id, { start: moved, end: moved + 30 * MINUTE_MS }),
    () => ({
      what: `moved to ${clock(moved)}`,
      users: people,
      fits: some((event) => event.uid === made.uid && Date.parse(event.start) === moved),
    }),
  );
  if (round % 2 === 1) {
    await act(
      stage,
      'user1 calls it off',
      () => control.cancel(address('user1'), made.id),
      () => ({
        what: 'shown as cancelled',
        users: ['user2', 'user3'],
        fits: some((event) => event.uid === made.uid && event.isCancelled),
      }),
    );
  }
}

/** A meeting with a conference that is due in seconds: made on TrueConf Server, started on time. */
export async function conferenceSoon(stage: Stage, round: number, delayMs: number): Promise<void> {
  const { control, tally } = stage;
  const start = Math.ceil((Date.now() + delayMs) / 1000) * 1000;
  const id = `demo_${round}_${start.toString(36)}`;
  const subject = `Stand-up ${round}`;
  tally.meetings += 1;
  tally.due.set(id, start);
  await act(
    stage,
    `user2 invites user1 and user4 to “${subject}”, with a TrueConf conference, starting ${new Date(start).toISOString().slice(11, 19)} UTC`,
    () =>
      control.create(address('user2'), {
        subject,
        start,
        end: start + 15 * MINUTE_MS,
        location: `https://server.example.test/c/${id}`,
        attendees: [address('user1'), address('user4')],
      }),
    (item) => ({
      what: `“${subject}” appears, teal, with a join link`,
      users: ['user1', 'user2', 'user4'],
      fits: some((event) => event.uid === item.uid && event.indicator === 'teal' && event.joinUrl !== undefined),
    }),
  );
}

/** A weekly series; one occurrence moved, one deleted. */
export async function weeklySeries(stage: Stage): Promise<void> {
  const { control, tally } = stage;
  const first = Math.ceil((Date.now() + DAY_MS) / DAY_MS) * DAY_MS + 9 * 60 * MINUTE_MS;
  const startDate = new Date(first).toISOString().slice(0, 10);
  const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  const day = days[new Date(first).getUTCDay()];
  tally.meetings += 1;
  const people = ['user3', 'user5'];
  const made = await act(
    stage,
    `user3 makes a weekly series every ${day} with user5`,
    () =>
      control.create(address('user3'), {
        subject: 'Weekly review',
        start: first,
        end: first + 60 * MINUTE_MS,
        timeZone: 'UTC',
        attendees: [address('user5')],
        recurrence: {
          pattern: { type: 'Weekly', interval: 1, daysOfWeek: [day], firstDayOfWeek: 'Monday' },
          range: { type: 'Numbered', startDate, numberOfOccurrences: 4 },
        },
      }),
    (item: WorldItem) => ({
      what: 'four occurrences appear',
      users: people,
      fits: (events) => events.filter((event) => event.uid === item.uid).length === 4,
    }),
  );
  const second = new Date(first + 7 * DAY_MS).toISOString();
  const later = first + 7 * DAY_MS + 2 * 60 * MINUTE_MS;
  await act(
    stage,
    'user3 moves the second occurrence by two hours',
    () => control.update(address('user3'), made.id, { occurrence: second, start: later, end: later + 60 * MINUTE_MS }),
    () => ({
      what: 'the exception is shown',
      users: people,
      fits: some((event) => event.uid === made.uid && event.kind === 'exception' && Date.parse(event.start) === later),
    }),
  );
  const third = new Date(first + 14 * DAY_MS).toISOString();
  await act(
    stage,
    'user3 deletes the third occurrence',
    () => control.deleteOccurrence(address('user3'), made.id, third),
    () => ({
      what: 'it is gone',
      users: ['user3'],
      fits: (events) => events.filter((event) => event.uid === made.uid).length === 3,
    }),
  );
}

/** The other way round: a user makes an event in the TrueConf client. */
export async function eventFromClient(stage: Stage, round: number): Promise<void> {
  const { control, tally, watchers } = stage;
  const user = watchers.get('user4');
  if (!user) return;
  const start = nextHour() + (round + 4) * 60 * MINUTE_MS;
  const title = `From the client ${round}`;
  tally.meetings += 1;
  const answer = await user.request('createEvent', {
    calendarId: user.calendarId,
    idempotencyKey: `demo-client-${round}-${start}`,
    event: {
      title,
      start: new Date(start).toISOString(),
      end: new Date(start + 30 * MINUTE_MS).toISOString(),
      timeZone: 'UTC',
      attendees: [{ email: address('user5') }],
    },
  });
  const { uid } = answer.event as EventSummary;
  const inExchange = (await control.items(address('user4'))).some((item) => item.uid === uid);
  tell('client', `user4 makes “${title}” in the TrueConf client; in Exchange: ${inExchange ? 'yes' : 'no'}`);
  if (!inExchange) tally.errors.push(`“${title}” is not in Exchange`);
  await act(
    stage,
    'Exchange delivers the invitation to user5',
    async () => undefined,
    () => ({ what: `“${title}” appears`, users: ['user5'], fits: some((event) => event.uid === uid) }),
  );
}
