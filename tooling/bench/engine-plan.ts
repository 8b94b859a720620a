/**
 * Planning: how long the pure core takes for 1,000 meetings (issue 6: at most 20 ms), against a floor measured in the same
 * run: the JSON round trip of the same meetings. Run alone, or as part of `pnpm bench:engine`.
 */
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import {
  changeKey,
  type FolderItem,
  itemId,
  type MailboxAddress,
  mailboxAddress,
  meetingKey,
  type TrueConfUser,
  trueConfServerId,
  trueConfUserId,
} from '@calendar-connector/calendar-model';
import {
  type Lookups,
  lookupsFor,
  planMeeting,
  planSettings,
  type StoredMeeting,
  settle,
} from '@calendar-connector/sync-core';

const MEETINGS = 1000;
const ROUNDS = 60;
const NOW = Date.UTC(2026, 0, 5, 8);
const HOUR = 3_600_000;
const SERVER = trueConfServerId('server.example.test#vcs');
const settings = planSettings({ servers: [{ id: SERVER, hosts: ['server.example.test'] }] });
const BODY = `<html><body>${'<p>The agenda of the meeting, at some length.</p>'.repeat(60)}</body></html>`;

export interface EnginePlanFigures {
  readonly meetings: number;
  /** best and median of the rounds, milliseconds for all meetings */
  readonly planMs: { readonly best: number; readonly median: number };
  readonly lookupsMs: { readonly best: number; readonly median: number };
  readonly jsonFloorMs: number;
}

/** Meetings as they come: a third series, a half bound to a conference, three to eight copies each, bodies of 3 KB. */
function meetingNumber(index: number): StoredMeeting {
  const uid = `UID${index}`;
  const people = Array.from({ length: 2 + (index % 6) }, (_, n) =>
    mailboxAddress(`user${(index + n) % 500}@example.test`),
  );
  const [organizer, ...others] = people;
  const linked = index % 2 === 0;
  const start = NOW + ((index % 40) + 1) * HOUR;
  const fields = {
    changeKey: changeKey('ck'),
    uid,
    cleanGlobalObjectId: uid,
    subject: `Meeting ${index}`,
    start,
    end: start + HOUR,
    allDay: false,
    startTimeZone: { id: 'Russian Standard Time' },
    location: linked ? `https://server.example.test/c/${index}` : 'room 5',
    body: { type: 'html' as const, content: BODY },
    organizer: { name: 'o', address: organizer as string },
    attendees: others.map((address) => ({
      name: address,
      address,
      role: 'required' as const,
      response: 'none' as const,
    })),
    isMeeting: true,
    isCancelled: false,
    sensitivity: 'normal' as const,
    freeBusy: 'busy' as const,
    links: [],
    marker: {},
    hasAttachments: false,
  };
  const recurrence = {
    pattern: {
      type: 'Weekly' as const,
      interval: 1,
      daysOfWeek: ['Monday' as const, 'Thursday' as const],
      firstDayOfWeek: 'Monday' as const,
    },
    range: { type: 'NoEnd' as const, startDate: '2026-01-05' },
  };
  const itemFor = (mailbox: MailboxAddress, n: number): FolderItem => {
    const own = {
      ...fields,
      itemId: itemId(`${index}-${mailbox}`),
      isOrganizer: n === 0,
      myResponse: n === 0 ? ('organizer' as const) : ('accepted' as const),
    };
    if (index % 3 !== 0) return { ...own, kind: 'single' };
    return {
      ...own,
      kind: 'seriesMaster',
      recurrence,
      modifiedOccurrences: [],
      deletedOccurrences: [],
      exceptions: [],
    };
  };
  return {
    key: meetingKey({ uid, cleanGlobalObjectId: uid }),
    copies: people.map((mailbox, n) => ({ mailbox, item: itemFor(mailbox, n) })),
    version: 1,
  };
}

const user = (email: string): TrueConfUser => ({
  id: trueConfUserId(email.split('@')[0] ?? ''),
  displayName: email,
  email,
  isActive: true,
});

/** A meeting both sides agree on, with what its next plan will look up: the everyday case. */
function agreed(made: StoredMeeting): { readonly meeting: StoredMeeting; readonly lookups: Lookups } {
  const request = lookupsFor(made, settings, NOW);
  const users = new Map(request.users.emails.map((email) => [email, user(email)] as const));
  if (!request.conference) return { meeting: made, lookups: { conference: 'notWanted', users } };
  const plan = planMeeting({ meeting: made, lookups: { conference: 'absent', users }, settings, now: NOW });
  const create = plan.decisions[0];
  if (create?.kind !== 'createConference') throw new Error('the meeting did not ask for its conference');
  const conference = { ...create.spec, state: 'stopped' as const, url: create.binding.url };
  const { settlement } = settle(undefined, plan, [{ status: 'done', conference }], NOW);
  return { meeting: { ...made, baseline: settlement.baseline }, lookups: { conference, users } };
}

function measure(run: () => void): { readonly best: number; readonly median: number } {
  const times = Array.from({ length: ROUNDS }, () => {
    const from = performance.now();
    run();
    return performance.now() - from;
  }).sort((a, b) => a - b);
  return { best: times[0] ?? 0, median: times[ROUNDS >> 1] ?? 0 };
}

/** Plans 1,000 agreed meetings again and again; throws when a plan is not empty (I1). */
export function benchPlanning(): EnginePlanFigures {
  const all = Array.from({ length: MEETINGS }, (_, index) => agreed(meetingNumber(index)));
  let decisions = 0;
  const planMs = measure(() => {
    for (const { meeting, lookups } of all)
      decisions += planMeeting({ meeting, lookups, settings, now: NOW }).decisions.length;
  });
  if (decisions > 0) throw new Error(`plans of agreed meetings decided ${decisions} times`);
  const lookupsMs = measure(() => {
    for (const { meeting } of all) lookupsFor(meeting, settings, NOW);
  });
  const texts = all.map(({ meeting }) => JSON.stringify(meeting));
  const floor = measure(() => {
    for (const text of texts) JSON.parse(text);
  });
  return { meetings: MEETINGS, planMs, lookupsMs, jsonFloorMs: floor.median };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { planMs, lookupsMs, jsonFloorMs } = benchPlanning();
  const show = (value: number): string => `${value.toFixed(2)} ms`;
  console.log(`plan of ${MEETINGS} meetings: median ${show(planMs.median)}, best ${show(planMs.best)} (goal 20 ms)`);
  console.log(`lookups of ${MEETINGS} meetings: median ${show(lookupsMs.median)}, best ${show(lookupsMs.best)}`);
  console.log(`floor, JSON.parse of the same meetings: ${show(jsonFloorMs)}`);
}
