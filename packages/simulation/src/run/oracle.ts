/**
 * What must be true: some of it after every step, the rest when faults are over and the engine had time to converge.
 * Knows the worlds' truth and the durable state, never the engine. Invariants: sync-core SPEC.md §1.
 */
import type { ConferenceId } from '@calendar-connector/calendar-model';
import { conferenceIdFor, privateTitle } from '@calendar-connector/sync-core';
import type { SimDatabase } from '../store/sim-database.ts';
import type { MeetingTruth, People } from '../worlds/people.ts';
import type { SimClients } from '../worlds/sim-client.ts';
import type { SimExchange } from '../worlds/sim-exchange.ts';
import type { SimTrueConf } from '../worlds/sim-trueconf.ts';
import type { Run } from './run-parts.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A start may be this late when nothing but its own faults stand in its way. */
const START_PATIENCE_MS = 25 * MINUTE;
/** The last lost notification is made good by a sweep (5 min), which may meet a back-off and its own jitter. */
const SETTLED_AFTER_MS = 10 * MINUTE;
/** What follows from a stored change is looked at by then, whoever crashes or is paused meanwhile. */
const PLAN_PATIENCE_MS = 15 * MINUTE;
/** Ends so close to the meeting's end count as cleaning up. */
const END_MARGIN_MS = 15 * MINUTE;

export interface Watched {
  readonly database: SimDatabase;
  readonly exchange: SimExchange;
  readonly trueconf: SimTrueConf;
  readonly people: People;
  readonly clients: SimClients;
}

/** The first broken invariant, checked after each step. */
export function brokenNow(watched: Watched, run: Run): string | undefined {
  const { journal } = run;
  if (journal.broken.length > 0) return journal.broken[0];
  if (watched.exchange.violations.length > 0) return `I13: ${watched.exchange.violations[0]}`;
  return undefined;
}

/** Invariants over the journal of what was really done, checked now and then and at the end. */
export function brokenInJournal({ people, trueconf, clients, database }: Watched, run: Run): string | undefined {
  const { journal } = run;
  const byConference = new Map(people.meetings.map((meeting) => [meeting.conferenceId as string, meeting]));
  for (const { id, topic } of journal.created) {
    const meeting = byConference.get(id);
    if (!meeting) return `I9: conference ${id} was made for no meeting`;
    if (meeting.isPrivate && topic.includes('SECRET'))
      return `I10: the subject of private meeting ${meeting.uid} is a title`;
  }
  for (const meeting of people.meetings) {
    const conference = trueconf.conferences.get(meeting.conferenceId);
    if (meeting.isPrivate && conference?.topic.includes('SECRET'))
      return `I10: the title of ${meeting.uid} tells its subject`;
    const runs = journal.runs.filter((entry) => entry.id === meeting.conferenceId);
    if (runs.length > meeting.starts.size) return `C5: ${meeting.uid} was started ${runs.length} times`;
    const early = runs.find((entry) => ![...meeting.starts].some((start) => start <= entry.at));
    if (early) return `C5: ${meeting.uid} was started early`;
  }
  for (const { id, at } of journal.removed) {
    const meeting = byConference.get(id);
    if (meeting && (meeting.endedAt === undefined || meeting.endedAt > at)) {
      return `I8: the conference of ${meeting.uid} was removed although the meeting lives`;
    }
  }
  const writes = new Map<string, number>();
  for (const { address, itemId } of journal.itemWrites) {
    const name = `${address} ${itemId}`;
    writes.set(name, (writes.get(name) ?? 0) + 1);
    if ((writes.get(name) ?? 0) > 6) return `I4: the item ${itemId} was written again and again`;
  }
  for (const [key, since] of database.unplanned) {
    if (since < run.time.now - PLAN_PATIENCE_MS)
      return `I7: ${key} changed and was not planned for a quarter of an hour`;
  }
  // Whoever listens all the time has read every announcement: at any moment it shows what is stored.
  return clients.difference(run.quietSince - DAY, run.quietSince + 8 * DAY);
}

/** Differences between the durable state and the worlds once everything is quiet. */
export function differences(watched: Watched, run: Run): readonly string[] {
  return [
    ...itemDifferences(watched),
    ...watched.people.meetings.flatMap((meeting) => meetingDifferences(meeting, watched, run)),
    ...runningDifferences(watched),
  ];
}

/** Clients are shown as running exactly the bound conferences that run. */
function runningDifferences({ database, trueconf }: Watched): readonly string[] {
  const shown = new Set<string>(database.feed.listRunning());
  const bound = [...database.meetings.values()].flatMap(({ baseline }) => baseline.binding?.conferenceId ?? []);
  const runs = (id: ConferenceId): boolean => trueconf.conferences.get(id)?.state === 'running';
  return [...new Set(bound)].flatMap((id) => {
    if (runs(id) === shown.has(id)) return [];
    return [`C3: conference ${id} is shown as ${shown.has(id) ? 'running' : 'stopped'}, it is not`];
  });
}

/** Every mailbox's rows are what its folder shows. Quarantined rows wait for a person and are left out. */
function itemDifferences({ database, exchange }: Watched): readonly string[] {
  return [...database.mailboxes].flatMap(([address, row]) => {
    const found: string[] = [];
    const shown = exchange.visible(address);
    for (const [id, item] of shown) {
      const stored = row.items.get(id);
      if (!stored) found.push(`I7: ${address} lacks ${id}`);
      else if (stored.item.changeKey !== item.changeKey) found.push(`I7: ${address} has an old ${id}`);
      else if (stored.missingSince !== undefined) found.push(`I7: ${address} takes ${id} for vanished`);
    }
    for (const [id, stored] of row.items) {
      if (!shown.has(id) && !stored.quarantined) found.push(`I7: ${address} still has ${id}`);
    }
    return found;
  });
}

function meetingDifferences(meeting: MeetingTruth, watched: Watched, run: Run): readonly string[] {
  const { time } = run;
  // Items in quarantine wait for a person's decision; so does everything that follows from them.
  const { database } = watched;
  const rows = [...database.mailboxes.values()].flatMap((row) => [...row.items.values()]);
  if (rows.some((row) => row.quarantined && row.key === meeting.key)) return [];
  const { trueconf } = watched;
  const conference = trueconf.conferences.get(meeting.conferenceId);
  if (meeting.wants === 'nothing') return conference ? [`I9: ${meeting.uid} wants no conference`] : [];
  if (meeting.state !== 'live') {
    const certain = (meeting.endedAt ?? 0) < meeting.end - END_MARGIN_MS;
    const inTime = (meeting.endedAt ?? 0) > meeting.changedAt + 5 * MINUTE || meeting.wants === 'keyword';
    // Attendees' copies alone give no power over a conference, and a blank mailbox may hide the organizer's to the end.
    const wasSeen = inTime && database.organizersSeen.has(meeting.key);
    return certain && wasSeen && conference ? [`I1: ${meeting.uid} ended, its conference did not`] : [];
  }
  const found: string[] = [];
  const ended = !meeting.weekly && meeting.end <= time.now;
  if (!ended) found.push(...fieldDifferences(meeting, conference));
  const due = meeting.start + START_PATIENCE_MS < time.now && meeting.start + START_PATIENCE_MS < meeting.end;
  // Moved while it ran: it runs already, whenever it was started.
  if (due && !wasStarted(meeting, run)) found.push(`C5: ${meeting.uid} was never started`);
  if (startedLate(meeting, run)) found.push(`C5: ${meeting.uid} was started late although nothing went wrong`);
  return found;
}

/** Once faults are over a start is on time: a job kept anywhere but in the store shows here. */
function startedLate({ start, conferenceId: id }: MeetingTruth, { time, journal, quietSince }: Run): boolean {
  if (start < quietSince + SETTLED_AFTER_MS || start > time.now - MINUTE) return false;
  const first = journal.runs.find((entry) => entry.id === id && entry.at >= start);
  return first !== undefined && first.at > start + 5_000;
}

type Shown = {
  readonly topic: string;
  readonly participants: readonly { readonly id: string }[];
  readonly state: string;
};

function fieldDifferences(meeting: MeetingTruth, conference: Shown | undefined): readonly string[] {
  if (!conference) return [`I1: ${meeting.uid} has no conference`];
  if (conference.state === 'running') return [];
  const found: string[] = [];
  const topic = meeting.isPrivate ? privateTitle({ language: 'en' }) : meeting.subject;
  if (conference.topic !== topic) found.push(`I1: ${meeting.uid} is called "${conference.topic}", not "${topic}"`);
  const wanted = meeting.attendees.map((address) => address.split('@')[0] ?? '').sort();
  const present = conference.participants.map((person) => person.id).sort();
  if (wanted.join() !== present.join()) found.push(`I1: ${meeting.uid} has ${present.join()}, not ${wanted.join()}`);
  return found;
}

/** By the engine, or it ran already when it was to start: then nobody starts it again. */
function wasStarted({ conferenceId: id, starts }: MeetingTruth, { journal }: Run): boolean {
  const ranAt = (start: number): boolean =>
    journal.opened.some((entry) => entry.id === id && entry.at <= start + START_PATIENCE_MS && start <= entry.until);
  return journal.runs.some((entry) => entry.id === id) || [...starts].some(ranAt);
}

export function ownConferenceId(key: MeetingTruth['key']): ConferenceId {
  return conferenceIdFor(key);
}
