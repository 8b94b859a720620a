/**
 * The truth behind the fake TrueConf Server, free of any API version: users, conferences, invitations, sessions, tokens.
 * Scheduled conferences start by themselves: every look at the world first settles what fell due since the last one,
 * so that a manual clock and a real clock give the same history. Source: facts/trueconf.md §2, §9.
 */
import type { WaitingClock } from '../../control/wire/wire-server.ts';
import { WorldClock } from '../../world/clock.ts';
import { Random } from '../../world/random.ts';
import type {
  ConferenceChange,
  ConferenceRecord,
  InvitationRecord,
  NewConference,
  NewInvitation,
  NewUser,
  Notice,
  SessionRecord,
  UserRecord,
} from './conference-record.ts';
import {
  CAPACITY,
  changesBeyondDescription,
  checkCapacity,
  checkId,
  checkInvitation,
  checkOwner,
  checkSchedule,
  checkTopic,
} from './conference-rules.ts';
import { type DueEvent, DueQueue } from './due-queue.ts';
import { defaultQuirks, type TrueConfQuirks } from './quirks.ts';
import { DIGITS, randomText } from './random-text.ts';
import { TrueConfRefusal } from './refusal.ts';
import { nextStart } from './schedule.ts';
import { SessionLog } from './session-log.ts';
import { TokenStore, USERS_CLIENT_ID } from './token-store.ts';
import { UserDirectory } from './user-directory.ts';

export interface TrueConfWorldOptions {
  /** `server.example.test#vcs` */
  readonly serverId?: string | undefined;
  /** the clock of the Exchange world, so that both sides live in one time */
  readonly clock?: WaitingClock | undefined;
  readonly seed?: number | undefined;
  readonly quirks?: Partial<TrueConfQuirks> | undefined;
}

export const DEFAULT_SERVER_ID = 'server.example.test#vcs';
/** A clock that jumps far ahead over a weekly conference replays no more starts and ends than this at a time. */
const MAX_EVENTS_PER_SETTLE = 100_000;

export class TrueConfWorld {
  readonly serverId: string;
  /** `server.example.test` */
  readonly domain: string;
  readonly clock: WaitingClock;
  readonly quirks: TrueConfQuirks;
  readonly users: UserDirectory;
  readonly tokens: TokenStore;
  readonly sessions: SessionLog;
  readonly #random: Random;
  readonly #conferences = new Map<string, ConferenceRecord>();
  readonly #due = new DueQueue();

  constructor(options: TrueConfWorldOptions = {}) {
    this.serverId = options.serverId ?? DEFAULT_SERVER_ID;
    this.domain = this.serverId.replace(/#.*$/, '');
    this.clock = options.clock ?? new WorldClock();
    this.quirks = { ...defaultQuirks(), ...options.quirks };
    const seed = options.seed ?? 1;
    this.#random = new Random(seed);
    this.users = new UserDirectory(this.domain);
    this.tokens = new TokenStore(() => this.clock.now(), seed + 1);
    this.sessions = new SessionLog(this.domain);
  }

  addUser(user: NewUser): UserRecord {
    return this.users.insert(user);
  }

  /** The token a signed-in client of this user holds, as its web pages and apps would send it. */
  userToken(userId: string, seconds = this.quirks.accessTokenSeconds.v4): string {
    return this.tokens.issue({ clientId: USERS_CLIENT_ID, userId: this.users.get(userId).id, seconds }).access.token;
  }

  /** All conferences in the order they were made. */
  listConferences(): readonly ConferenceRecord[] {
    this.settle();
    return [...this.#conferences.values()];
  }

  findConference(id: string): ConferenceRecord | undefined {
    this.settle();
    return this.#conferences.get(id);
  }

  getConference(id: string): ConferenceRecord {
    const conference = this.findConference(id);
    if (!conference) {
      throw new TrueConfRefusal('conferenceNotFound', `Conference '${id}' is not found.`, 'conference_id', 'path');
    }
    return conference;
  }

  createConference(input: NewConference): ConferenceRecord {
    this.settle();
    const id = input.id ?? this.#freeId();
    checkId(id);
    if (this.#conferences.has(id)) {
      throw new TrueConfRefusal('uniqueValueAlreadyInUse', `Conference '${id}' already exists.`, 'id');
    }
    const mode = input.mode ?? 'allOnScreen';
    const blank: ConferenceRecord = {
      id,
      topic: '',
      description: '',
      owner: '',
      mode,
      access: 'private',
      schedule: { type: 'none' },
      invitations: [],
      tags: [],
      maxParticipants: CAPACITY[mode].participants,
      maxPodiums: CAPACITY[mode].podiums,
      autoInvite: 0,
      pin: '',
      options: {},
      state: 'stopped',
      createdAt: this.clock.now(),
      scheduledAt: this.clock.now(),
      revision: 0,
    };
    return this.#save(this.#changed(blank, input), true);
  }

  /** Changes the given fields. While running only the description may change. */
  updateConference(id: string, change: ConferenceChange): ConferenceRecord {
    const before = this.getConference(id);
    const after = this.#changed(before, change);
    if (before.state === 'running' && this.quirks.refuseEditsWhileRunning && changesBeyondDescription(before, after)) {
      throw new TrueConfRefusal('conferenceIsRunning', 'Only description can be edited during a conference.', 'state');
    }
    return this.#save(after, change.schedule !== undefined);
  }

  deleteConference(id: string): void {
    const conference = this.getConference(id);
    if (conference.state === 'running') {
      if (this.quirks.deleteWhileRunning === 'refuse') {
        throw new TrueConfRefusal('conferenceIsRunning', 'A running conference cannot be deleted.', 'state');
      }
      this.#stop(conference, this.clock.now());
    }
    this.#conferences.delete(id);
    this.#due.plan(id, undefined);
  }

  /** Starts a conference. On a running one the quirk `runOnRunning` decides. */
  runConference(id: string): ConferenceRecord {
    const conference = this.getConference(id);
    if (conference.state === 'stopped') return this.#run(conference, this.clock.now(), 'api');
    if (this.quirks.runOnRunning === 400) {
      throw new TrueConfRefusal(
        'conferenceIsRunning',
        `Conference '${id}' is already running.`,
        'conference_id',
        'path',
      );
    }
    return conference;
  }

  stopConference(id: string): ConferenceRecord {
    const conference = this.getConference(id);
    if (conference.state === 'running') return this.#stop(conference, this.clock.now());
    if (this.quirks.stopOnStopped === 400) {
      throw new TrueConfRefusal('conferenceIsStopped', `Conference '${id}' is not running.`, 'conference_id', 'path');
    }
    return conference;
  }

  addInvitation(conferenceId: string, invitation: NewInvitation): InvitationRecord {
    const conference = this.getConference(conferenceId);
    const isModerator = this.quirks.dropModeratorOnInvite ? false : invitation.isModerator;
    const wanted = checkInvitation({ ...invitation, isModerator }, conference.access, this.users, this.quirks);
    const present = conference.invitations.find((known) => sameId(known.id, wanted.id));
    if (present && this.quirks.duplicateInvitation === 'accept') return present;
    if (present) throw new TrueConfRefusal('uniqueValueAlreadyInUse', `'${wanted.id}' is already invited.`, 'id');
    this.#save({ ...conference, invitations: [...conference.invitations, wanted] });
    return wanted;
  }

  getInvitation(conferenceId: string, invitationId: string): InvitationRecord {
    const canonical = this.users.find(invitationId)?.id ?? invitationId;
    const found = this.getConference(conferenceId).invitations.find(({ id }) => sameId(id, canonical));
    if (!found) {
      const message = `Invitation '${invitationId}' is not found.`;
      throw new TrueConfRefusal('invitationNotFound', message, 'invitation_id', 'path');
    }
    return found;
  }

  /** Renames a guest. A registered user keeps the name of the account: 403. */
  updateInvitation(conferenceId: string, invitationId: string, displayName: string): InvitationRecord {
    const old = this.getInvitation(conferenceId, invitationId);
    if (this.users.find(old.id) && this.quirks.refuseRenameOfUsers) {
      throw new TrueConfRefusal('forbidden', 'display_name can be changed for guests only.', 'display_name');
    }
    const conference = this.getConference(conferenceId);
    const renamed = { ...old, displayName };
    this.#save({ ...conference, invitations: conference.invitations.map((one) => (one === old ? renamed : one)) });
    return renamed;
  }

  removeInvitation(conferenceId: string, invitationId: string): void {
    const old = this.getInvitation(conferenceId, invitationId);
    const conference = this.getConference(conferenceId);
    this.#save({ ...conference, invitations: conference.invitations.filter((one) => one !== old) });
  }

  /** Rings people into a running conference. */
  invite(conferenceId: string, people: readonly string[], cause: Notice['cause'] = 'invite'): void {
    const conference = this.getConference(conferenceId);
    if (conference.state !== 'running') {
      if (this.quirks.inviteOnStopped === 200) return;
      const message = `Conference '${conferenceId}' is not running.`;
      throw new TrueConfRefusal('conferenceIsStopped', message, 'conference_id', 'path');
    }
    const known = people.map((id) => checkInvitation({ id }, 'public', this.users, this.quirks));
    this.#ring(conference, known, cause, this.clock.now());
  }

  /** Mail or push to planned participants; without a list to all of them. */
  notify(conferenceId: string, invitationIds?: readonly string[]): readonly string[] {
    const conference = this.getConference(conferenceId);
    const to = invitationIds
      ? invitationIds.map((id) => this.getInvitation(conferenceId, id).id)
      : conference.invitations.map(({ id }) => id);
    for (const id of to) {
      this.sessions.notice({ kind: 'notify', conferenceId, to: id, at: this.clock.now(), cause: 'notify' });
    }
    return to;
  }

  /** Somebody enters a running conference. */
  join(conferenceId: string, userId: string): SessionRecord {
    const conference = this.getConference(conferenceId);
    if (conference.sessionId === undefined) {
      throw new TrueConfRefusal('conferenceIsStopped', `Conference '${conferenceId}' is not running.`, 'conference_id');
    }
    const user = this.users.find(userId);
    const role = user?.id === conference.owner ? 2 : 1;
    const person = { id: user?.id ?? userId, displayName: user?.displayName ?? userId, role };
    return this.sessions.join(conference.sessionId, person, this.clock.now());
  }

  leave(conferenceId: string, userId: string): void {
    const { sessionId } = this.getConference(conferenceId);
    if (sessionId !== undefined)
      this.sessions.leave(sessionId, this.users.find(userId)?.id ?? userId, this.clock.now());
  }

  /** Lets every scheduled start and end that fell due happen, in order, at its own instant. */
  settle(): void {
    const now = this.clock.now();
    for (let events = 0; events < MAX_EVENTS_PER_SETTLE; events += 1) {
      const next = this.#due.take(now);
      if (!next) return;
      const conference = this.#conferences.get(next.key);
      if (!conference) continue;
      if (next.what === 'stop') this.#stop(conference, next.at);
      else if (conference.state === 'stopped') this.#run(conference, next.at, 'schedule');
      else this.#plan(conference, next.at + 1);
    }
  }

  #changed(before: ConferenceRecord, change: ConferenceChange): ConferenceRecord {
    const mode = change.mode ?? before.mode;
    const access = change.access ?? before.access;
    const modeChanged = mode !== before.mode;
    const after: ConferenceRecord = {
      ...before,
      topic: change.topic ?? before.topic,
      description: change.description ?? before.description,
      owner: change.owner === undefined ? before.owner : checkOwner(change.owner, this.users, this.quirks),
      mode,
      access,
      schedule: change.schedule ?? before.schedule,
      invitations: change.invitations ? this.#checkedInvitations(change.invitations, access) : before.invitations,
      tags: change.tags ?? before.tags,
      maxParticipants: change.maxParticipants ?? (modeChanged ? CAPACITY[mode].participants : before.maxParticipants),
      maxPodiums: change.maxPodiums ?? (modeChanged ? CAPACITY[mode].podiums : before.maxPodiums),
      autoInvite: change.autoInvite ?? before.autoInvite,
      pin: change.pin ?? before.pin,
      options: { ...before.options, ...change.options },
    };
    checkTopic(after.topic);
    checkSchedule(after.schedule, this.quirks);
    checkCapacity(mode, after.maxParticipants, after.maxPodiums);
    return after;
  }

  #checkedInvitations(
    invitations: readonly NewInvitation[],
    access: ConferenceRecord['access'],
  ): readonly InvitationRecord[] {
    const byId = new Map<string, InvitationRecord>();
    for (const invitation of invitations) {
      const checked = checkInvitation(invitation, access, this.users, this.quirks);
      if (!byId.has(checked.id.toLowerCase())) byId.set(checked.id.toLowerCase(), checked);
    }
    return [...byId.values()];
  }

  #save(conference: ConferenceRecord, rescheduled = false): ConferenceRecord {
    const scheduledAt = rescheduled ? this.clock.now() : conference.scheduledAt;
    const saved = { ...conference, scheduledAt, revision: conference.revision + 1 };
    this.#conferences.set(saved.id, saved);
    if (rescheduled) this.#plan(saved, scheduledAt);
    return saved;
  }

  #run(conference: ConferenceRecord, at: number, startedBy: SessionRecord['startedBy']): ConferenceRecord {
    const session = this.sessions.open(conference, startedBy, at);
    const running = this.#save({ ...conference, state: 'running', sessionId: session.id });
    if (running.autoInvite !== 0) this.#ring(running, running.invitations, 'autoInvite', at);
    this.#plan(running, at + 1);
    return running;
  }

  #stop(conference: ConferenceRecord, at: number): ConferenceRecord {
    if (conference.sessionId !== undefined) this.sessions.close(conference.sessionId, at);
    const stopped = this.#save({ ...conference, state: 'stopped', sessionId: undefined });
    this.#plan(stopped, at + 1);
    return stopped;
  }

  #ring(conference: ConferenceRecord, people: readonly InvitationRecord[], cause: Notice['cause'], at: number): void {
    for (const { id, displayName } of people) {
      this.sessions.notice({ kind: 'ring', conferenceId: conference.id, to: id, at, cause });
      if (!this.quirks.peopleAnswer || conference.sessionId === undefined) continue;
      this.sessions.join(conference.sessionId, { id, displayName, role: id === conference.owner ? 2 : 1 }, at);
    }
  }

  /** What the schedule does next with this conference, seen from `from`. */
  #plan(conference: ConferenceRecord, from: number): void {
    this.#due.plan(conference.id, this.#nextEvent(conference, from));
  }

  #nextEvent(conference: ConferenceRecord, from: number): DueEvent | undefined {
    const { schedule, id } = conference;
    if (schedule.type === 'none') return undefined;
    const session = conference.sessionId === undefined ? undefined : this.sessions.find(conference.sessionId);
    const endsItself = this.quirks.autoTermination && conference.options.auto_termination_enabled === true;
    if (session?.startedBy === 'schedule' && endsItself) {
      return { key: id, at: session.startedAt + schedule.durationSeconds * 1000, what: 'stop' };
    }
    const start = nextStart(schedule, from);
    return start === undefined ? undefined : { key: id, at: start, what: 'start' };
  }

  #freeId(): string {
    let id = randomText(this.#random, 10, DIGITS);
    while (this.#conferences.has(id)) id = randomText(this.#random, 10, DIGITS);
    return id;
  }
}

function sameId(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
