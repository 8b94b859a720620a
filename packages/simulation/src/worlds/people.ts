/**
 * People with calendars: they meet, move, rename, invite, answer, cancel and delete, as Exchange shows it in everybody's
 * folders. Also what goes on behind them: conferences made by plug-ins, stopped and deleted by people, restored servers.
 */
import {
  type Attendee,
  type ConferenceId,
  changeKey,
  conferenceId,
  type FolderItem,
  type Instant,
  type ItemId,
  itemId,
  type MailboxAddress,
  type MeetingKey,
  meetingKey,
  type SeriesMaster,
  type SingleItem,
  trueConfUserId,
} from '@calendar-connector/calendar-model';
import type { Run } from '../run/run-parts.ts';
import type { SimExchange } from './sim-exchange.ts';
import { HOST, type SimTrueConf } from './sim-trueconf.ts';

const MINUTE = 60_000;

/** What a meeting is meant to be: the truth the oracle compares with. */
export interface MeetingTruth {
  readonly uid: string;
  readonly key: MeetingKey;
  readonly organizer: MailboxAddress;
  attendees: MailboxAddress[];
  subject: string;
  start: Instant;
  end: Instant;
  readonly isPrivate: boolean;
  readonly wants: 'link' | 'keyword' | 'nothing';
  readonly conferenceId: ConferenceId;
  readonly weekly: boolean;
  /** the link came into the organizer's item alone, after the invitations had gone out */
  readonly invitedBeforeLink: boolean;
  state: 'live' | 'cancelled' | 'deleted';
  endedAt?: Instant;
  version: number;
  ownItem: ItemId;
  readonly answers: Map<MailboxAddress, Attendee['response']>;
  /** every time it ever was to start */
  readonly starts: Set<Instant>;
  /** last time anybody changed anything about it */
  changedAt: Instant;
  /** people deleted its conference on the server */
  conferenceDeleted: boolean;
}

export class People {
  readonly meetings: MeetingTruth[] = [];
  readonly #run: Run;
  readonly #exchange: SimExchange;
  readonly #trueconf: SimTrueConf;
  readonly #addresses: readonly MailboxAddress[];
  #count = 0;
  #items = 0;

  constructor(run: Run, exchange: SimExchange, trueconf: SimTrueConf, addresses: readonly MailboxAddress[]) {
    this.#run = run;
    this.#exchange = exchange;
    this.#trueconf = trueconf;
    this.#addresses = addresses;
  }

  /** Somebody does something. */
  act(idFor: (key: MeetingKey) => ConferenceId): void {
    const { chance } = this.#run;
    const open = this.meetings.filter(
      (meeting) => meeting.state === 'live' && meeting.end > this.#run.time.now + 20 * MINUTE,
    );
    const actions: (() => void)[] = [() => this.#create(idFor)];
    if (open.length > 0) {
      const meeting = chance.pick(open);
      actions.push(
        () =>
          this.#edit(meeting, () => {
            meeting.subject = `Subject ${chance.between(1, 1e6)} SECRET`;
          }),
        () => this.#move(meeting),
        () => this.#invite(meeting),
        () => this.#answer(meeting),
        () => this.#reidentify(meeting),
        () => this.#cancel(meeting),
        () => this.#deleteQuietly(meeting),
        () => this.#touchConference(meeting),
      );
    }
    if (open.length > 4) actions.shift();
    chance.pick(actions)();
  }

  #create(idFor: (key: MeetingKey) => ConferenceId): void {
    const { chance, time } = this.#run;
    const uid = `UID${this.#run.seed}N${++this.#count}`;
    const key = meetingKey({ uid, cleanGlobalObjectId: uid });
    const [organizer, ...rest] = [...this.#addresses].sort(() => chance.next() - 0.5);
    if (!organizer) return;
    const wants = chance.pick(['link', 'link', 'keyword', 'nothing'] as const);
    const start = wholeMinute(time.now + chance.between(4, 40) * MINUTE);
    const meeting: MeetingTruth = {
      uid,
      key,
      organizer,
      attendees: rest.slice(0, chance.between(0, rest.length)),
      subject: `Subject ${this.#count} SECRET`,
      start,
      end: start + chance.between(40, 120) * MINUTE,
      isPrivate: chance.happens(0.25),
      wants,
      conferenceId: wants === 'keyword' ? idFor(key) : conferenceId(`plug${this.#run.seed}_${this.#count}`),
      weekly: chance.happens(0.3),
      invitedBeforeLink: chance.happens(0.3),
      state: 'live',
      version: 1,
      ownItem: this.#newItemId(),
      answers: new Map(),
      starts: new Set([start]),
      changedAt: time.now,
      conferenceDeleted: false,
    };
    this.meetings.push(meeting);
    this.#run.trace(
      `people create ${uid}: ${wants} weekly ${meeting.weekly} at ${new Date(start).toISOString().slice(11, 19)} by ${organizer}`,
    );
    if (wants === 'link' && chance.happens(0.7)) this.#plugIn(meeting);
    this.#write(meeting);
  }

  /** The mail plug-in makes the conference before it saves the event. */
  #plugIn(meeting: MeetingTruth): void {
    this.#trueconf.add({
      id: meeting.conferenceId,
      topic: 'made by a plug-in',
      owner: trueConfUserId(meeting.organizer.split('@')[0] ?? ''),
      mode: 'moderated',
      access: 'private',
      state: 'stopped',
      schedule: { type: 'none' },
      participants: [],
      tags: [],
      url: `https://${HOST}/c/${meeting.conferenceId}`,
    });
  }

  #edit(meeting: MeetingTruth, change: () => void): void {
    change();
    this.#run.trace(
      `people edit ${meeting.uid}: ${meeting.subject} at ${new Date(meeting.start).toISOString().slice(11, 19)}`,
    );
    meeting.version += 1;
    meeting.changedAt = this.#run.time.now;
    this.#write(meeting);
  }

  /** To another time that is still ahead; one that has begun is not moved. */
  #move(meeting: MeetingTruth): void {
    const { chance, time } = this.#run;
    if (meeting.start <= time.now + 2 * MINUTE) return;
    this.#edit(meeting, () => {
      const length = meeting.end - meeting.start;
      meeting.start = wholeMinute(time.now + chance.between(3, 45) * MINUTE);
      meeting.end = meeting.start + length;
      meeting.starts.add(meeting.start);
    });
  }

  #invite(meeting: MeetingTruth): void {
    const { chance } = this.#run;
    const before = meeting.attendees;
    const others = this.#addresses.filter((address) => address !== meeting.organizer);
    this.#edit(meeting, () => {
      meeting.attendees = others.filter(() => chance.happens(0.5));
    });
    for (const gone of before.filter((address) => !meeting.attendees.includes(address))) {
      this.#exchange.remove(gone, copyId(meeting, gone));
    }
  }

  #answer(meeting: MeetingTruth): void {
    const { chance } = this.#run;
    if (meeting.attendees.length === 0) return;
    const who = chance.pick(meeting.attendees);
    meeting.answers.set(who, chance.pick(['accepted', 'declined', 'tentative'] as const));
    meeting.version += 1;
    this.#write(meeting);
  }

  /** One of the organizer's meetings is on the move: its item is gone, the new one follows within seconds. */
  beginMove(organizer: MailboxAddress): void {
    const { chance, time } = this.#run;
    const own = this.meetings.filter(
      (meeting) => meeting.state === 'live' && meeting.organizer === organizer && meeting.end > time.now + 20 * MINUTE,
    );
    if (own.length > 0) this.#reidentify(chance.pick(own), true);
  }

  /** The organizer's item is deleted and created anew (move, some accepts): nothing ends. */
  #reidentify(meeting: MeetingTruth, apart = this.#run.chance.happens(0.5)): void {
    const { chance, time, sometimes } = this.#run;
    this.#run.trace(`people reidentify ${meeting.uid}`);
    this.#exchange.remove(meeting.organizer, meeting.ownItem);
    meeting.ownItem = this.#newItemId();
    meeting.changedAt = time.now;
    if (!apart) {
      this.#write(meeting);
      return;
    }
    const { version } = meeting;
    // The halves are apart, but within the hold.
    time.after(chance.between(100, 9_000), () => {
      sometimes.count('item vanished between the halves of a move');
      if (meeting.state === 'live' && meeting.version === version) this.#write(meeting);
      else if (meeting.state === 'live') this.#writeOwn(meeting);
    });
  }

  #cancel(meeting: MeetingTruth): void {
    this.#run.sometimes.count('meeting cancelled');
    this.#run.trace(`people cancel ${meeting.uid}`);
    meeting.state = 'cancelled';
    meeting.endedAt = this.#run.time.now;
    meeting.version += 1;
    // Alone, there is nobody to flag it for: the item simply goes.
    this.#exchange.remove(meeting.organizer, meeting.ownItem);
    for (const attendee of meeting.attendees) this.#exchange.put(attendee, this.#copy(meeting, attendee));
  }

  #deleteQuietly(meeting: MeetingTruth): void {
    this.#run.sometimes.count('meeting deleted quietly');
    this.#run.trace(`people delete ${meeting.uid}`);
    meeting.state = 'deleted';
    meeting.endedAt = this.#run.time.now;
    this.#exchange.remove(meeting.organizer, meeting.ownItem);
  }

  #touchConference(meeting: MeetingTruth): void {
    const { chance, sometimes, time } = this.#run;
    const conference = this.#trueconf.conferences.get(meeting.conferenceId);
    if (!conference) return;
    if (conference.state === 'running' && time.now > meeting.start + 10 * MINUTE) {
      sometimes.count('conference stopped by people');
      this.#trueconf.change(conference.id, { state: 'stopped' });
    } else if (conference.state === 'stopped' && chance.happens(0.3)) {
      sometimes.count('conference removed by people');
      this.#trueconf.conferences.delete(conference.id);
      meeting.conferenceDeleted = true;
      meeting.changedAt = time.now;
    } else if (conference.state === 'stopped') {
      sometimes.count('conference renamed by people');
      this.#trueconf.change(conference.id, { topic: 'renamed by people' });
    }
  }

  #write(meeting: MeetingTruth): void {
    this.#writeOwn(meeting);
    for (const attendee of meeting.attendees) this.#exchange.put(attendee, this.#copy(meeting, attendee));
  }

  #writeOwn(meeting: MeetingTruth): void {
    const before = this.#exchange.folder(meeting.organizer).items.get(meeting.ownItem);
    const item = this.#item(meeting, meeting.organizer);
    // What the connector wrote stays: Outlook keeps named properties and the location.
    const kept = before ?? this.#written.get(meeting.uid);
    this.#exchange.put(meeting.organizer, {
      ...item,
      ...(kept && { marker: kept.marker, location: kept.location }),
    });
    this.#written.set(meeting.uid, this.#exchange.folder(meeting.organizer).items.get(meeting.ownItem) as FolderItem);
  }

  readonly #written = new Map<string, FolderItem>();

  #copy(meeting: MeetingTruth, mailbox: MailboxAddress): FolderItem {
    return {
      ...this.#item(meeting, mailbox),
      ...(meeting.invitedBeforeLink && { location: 'Room' }),
      itemId: copyId(meeting, mailbox),
      isOrganizer: false,
      myResponse: meeting.answers.get(mailbox) ?? 'none',
      isCancelled: meeting.state === 'cancelled',
    };
  }

  #item(meeting: MeetingTruth, mailbox: MailboxAddress): SingleItem | SeriesMaster {
    const link = `https://${HOST}/c/${meeting.conferenceId}`;
    const location = meeting.wants === 'link' ? link : meeting.wants === 'keyword' ? 'Room @trueconf' : 'Room';
    const fields = {
      itemId: meeting.ownItem,
      changeKey: changeKey(`${meeting.version}-${++this.#items}`),
      uid: meeting.uid,
      cleanGlobalObjectId: meeting.uid,
      subject: meeting.subject,
      start: meeting.start,
      end: meeting.end,
      allDay: false,
      location,
      body: { type: 'text' as const, content: 'SECRET body' },
      organizer: { name: meeting.organizer, address: meeting.organizer },
      attendees: meeting.attendees.map((address) => ({
        name: address,
        address,
        role: 'required' as const,
        response:
          mailbox === meeting.organizer ? (meeting.answers.get(address) ?? ('none' as const)) : ('none' as const),
      })),
      isOrganizer: true,
      isMeeting: true,
      isCancelled: false,
      myResponse: 'organizer' as const,
      sensitivity: meeting.isPrivate ? ('private' as const) : ('normal' as const),
      freeBusy: 'busy' as const,
      links: [],
      marker: {},
      hasAttachments: false,
      sequence: meeting.version,
    };
    if (!meeting.weekly) return { ...fields, kind: 'single' };
    const startDate = new Date(meeting.start).toISOString().slice(0, 10);
    const day = new Date(meeting.start).getUTCDay();
    const names = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
    return {
      ...fields,
      kind: 'seriesMaster',
      startTimeZone: { id: 'UTC' },
      recurrence: {
        pattern: { type: 'Weekly', interval: 1, daysOfWeek: [names[day] ?? 'Monday'], firstDayOfWeek: 'Monday' },
        range: { type: 'NoEnd', startDate },
      },
      modifiedOccurrences: [],
      deletedOccurrences: [],
      exceptions: [],
    };
  }

  #newItemId(): ItemId {
    return itemId(`item-${++this.#items}`);
  }
}

function copyId(meeting: MeetingTruth, mailbox: MailboxAddress): ItemId {
  return itemId(`copy-${meeting.uid}-${mailbox}`);
}

/** Calendars know whole minutes. */
function wholeMinute(instant: Instant): Instant {
  return Math.ceil(instant / MINUTE) * MINUTE;
}
