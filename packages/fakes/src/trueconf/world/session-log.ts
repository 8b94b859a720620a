/**
 * Sessions (one per run of a conference) and what people noticed of them. Kept after the end: it is the call history and
 * the witness for "started once, on time, and these people were told". Source: facts/trueconf.md §2.4 (history), §2.7 (session id).
 */
import type { ConferenceRecord, Notice, SessionParticipant, SessionRecord } from './conference-record.ts';
import { TrueConfRefusal } from './refusal.ts';

const FIRST_SESSION_NUMBER = 0x1b;
const MAX_KEPT = 50_000;

export class SessionLog {
  readonly #domain: string;
  readonly #sessions = new Map<string, SessionRecord>();
  #notices: Notice[] = [];
  #next = FIRST_SESSION_NUMBER;
  #calls = 0;

  constructor(domain: string) {
    this.#domain = domain;
  }

  open(conference: ConferenceRecord, startedBy: SessionRecord['startedBy'], at: number): SessionRecord {
    const id = `${this.#next.toString(16).padStart(8, '0')}@${this.#domain}#vcs`;
    this.#next += 1;
    const { topic, owner, mode } = conference;
    const session: SessionRecord = {
      id,
      conferenceId: conference.id,
      topic,
      owner,
      mode,
      startedBy,
      startedAt: at,
      participants: [],
    };
    this.#sessions.set(id, session);
    const oldest = this.#sessions.keys().next().value;
    if (this.#sessions.size > MAX_KEPT && oldest !== undefined) this.#sessions.delete(oldest);
    return session;
  }

  close(id: string, at: number): void {
    const session = this.#sessions.get(id);
    if (!session) return;
    const participants = session.participants.map((one) => (one.leftAt === undefined ? { ...one, leftAt: at } : one));
    this.#sessions.set(id, { ...session, endedAt: at, participants });
  }

  join(id: string, person: { id: string; displayName: string; role: number }, at: number): SessionRecord {
    const session = this.get(id);
    if (session.participants.some((one) => one.id === person.id && one.leftAt === undefined)) return session;
    this.#calls += 1;
    const joined: SessionParticipant = { ...person, callId: `${this.#calls}`, joinedAt: at };
    const changed = { ...session, participants: [...session.participants, joined] };
    this.#sessions.set(id, changed);
    return changed;
  }

  leave(id: string, personId: string, at: number): void {
    const session = this.get(id);
    const participants = session.participants.map((one) =>
      one.id === personId && one.leftAt === undefined ? { ...one, leftAt: at } : one,
    );
    this.#sessions.set(id, { ...session, participants });
  }

  find(id: string): SessionRecord | undefined {
    return this.#sessions.get(id);
  }

  get(id: string): SessionRecord {
    const session = this.find(id);
    if (!session) throw new TrueConfRefusal('sessionNotFound', `Session '${id}' is not found.`, 'session_id', 'path');
    return session;
  }

  /** All sessions, oldest first; of one conference when its id is given. */
  list(conferenceId?: string): readonly SessionRecord[] {
    const all = [...this.#sessions.values()];
    return conferenceId === undefined ? all : all.filter((session) => session.conferenceId === conferenceId);
  }

  notice(notice: Notice): void {
    this.#notices.push(notice);
    if (this.#notices.length > MAX_KEPT * 1.25) this.#notices = this.#notices.slice(-MAX_KEPT);
  }

  /** Rings and notifications, oldest first. */
  notices(conferenceId?: string): readonly Notice[] {
    return conferenceId === undefined
      ? this.#notices
      : this.#notices.filter((notice) => notice.conferenceId === conferenceId);
  }
}
