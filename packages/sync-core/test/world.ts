/**
 * A TrueConf Server in memory with the rules that matter to planning, and the loop that plans, carries out and settles one
 * meeting until nothing is left to do. Synchronous: time is an argument.
 */
import {
  type Conference,
  type ConferenceId,
  conferenceId,
  type FolderItem,
  type TrueConfUser,
  trueConfUserId,
} from '@calendar-connector/calendar-model';
import {
  type Decision,
  endsPlan,
  type Lookups,
  lookupsFor,
  type Outcome,
  type Plan,
  type PlanSettings,
  planMeeting,
  planStart,
  type StartJob,
  type StoredMeeting,
  settle,
} from '../src/index.ts';
import { ANNA, BORIS, CLARA, NOW, settingsWith, user } from './build.ts';

export class World {
  readonly conferences = new Map<string, Conference>();
  readonly users = new Map<string, TrueConfUser>([ANNA, BORIS, CLARA].map((address) => [address, user(address)]));
  readonly journal: string[] = [];
  readonly starts = new Map<number, StartJob>();
  delegates: readonly TrueConfUser['id'][] = [];
  boundTo: Lookups['boundTo'];
  settings: PlanSettings = settingsWith();
  now = NOW;
  reachable = true;
  /** fail the n-th write from now on */
  failWrite: ((decision: Decision) => Outcome | undefined) | undefined;
  /** what people made of written links; tests read it */
  item: FolderItem | undefined;

  lookups(meeting: StoredMeeting): Lookups {
    const request = lookupsFor(meeting, this.settings, this.now);
    const find = (id: ConferenceId | undefined): Conference | 'absent' | 'unreachable' | 'notWanted' => {
      if (id === undefined) return 'notWanted';
      return this.reachable ? (this.conferences.get(id) ?? 'absent') : 'unreachable';
    };
    const users = this.reachable
      ? request.users.emails.map((email) => [email, this.users.get(email) ?? null] as const)
      : [];
    return {
      conference: find(request.conference?.conferenceId),
      previous: find(request.previous?.conferenceId),
      users: new Map(users),
      ...(request.delegatesOf && { delegates: this.delegates }),
      ...(this.boundTo && { boundTo: this.boundTo }),
    };
  }

  plan(meeting: StoredMeeting): Plan {
    return planMeeting({ meeting, lookups: this.lookups(meeting), settings: this.settings, now: this.now });
  }

  /** One round: plan, carry out, settle. */
  round(meeting: StoredMeeting): { readonly meeting: StoredMeeting; readonly plan: Plan } {
    const plan = this.plan(meeting);
    return { meeting: this.commit(meeting, plan), plan };
  }

  commit(meeting: StoredMeeting, plan: Plan): StoredMeeting {
    const outcomes: Outcome[] = [];
    let ended = false;
    for (const decision of plan.decisions) {
      const outcome: Outcome = ended ? { status: 'skipped' } : this.carryOut(decision);
      ended ||= endsPlan(decision, outcome);
      outcomes.push(outcome);
    }
    const { settlement } = settle(meeting.baseline, plan, outcomes, this.now, 0.5);
    for (const job of settlement.startsToCancel) this.starts.delete(job.occurrenceStart);
    for (const job of settlement.startsToSchedule) this.starts.set(job.occurrenceStart, job);
    const gone = new Set(settlement.removals.map((removal) => `${removal.mailbox} ${removal.itemId}`));
    const copies = meeting.copies
      .filter((copy) => !gone.has(`${copy.mailbox} ${copy.item.itemId}`))
      .map((copy) => (this.item && copy.item.itemId === this.item.itemId ? { ...copy, item: this.item } : copy));
    return { ...meeting, copies, baseline: settlement.baseline, version: meeting.version + 1 };
  }

  /** Rounds until a plan is empty; throws when it does not end. */
  settleDown(meeting: StoredMeeting, limit = 5): StoredMeeting {
    let current = meeting;
    for (let round = 0; round < limit; round += 1) {
      const { meeting: next, plan } = this.round(current);
      current = next;
      if (plan.decisions.every((decision) => decision.kind === 'wait') && plan.startsToSchedule.length === 0) {
        if (plan.planAgainAt === undefined || plan.planAgainAt > this.now) return current;
      }
    }
    throw new Error(`not settled after ${limit} rounds: ${this.journal.join('; ')}`);
  }

  /** Starts what is due. */
  runDue(meeting: StoredMeeting): StoredMeeting {
    let current = meeting;
    for (const job of [...this.starts.values()].filter((candidate) => candidate.at <= this.now)) {
      this.starts.delete(job.occurrenceStart);
      const conference = this.reachable ? (this.conferences.get(job.conferenceId) ?? 'absent') : 'unreachable';
      const plan = planStart({ meeting: current, job, conference, settings: this.settings, now: this.now });
      current = this.commit(current, plan);
    }
    return current;
  }

  addConference(id: string, more: Partial<Conference> = {}): Conference {
    const conference: Conference = {
      id: conferenceId(id),
      topic: 'Weekly review',
      owner: trueConfUserId('anna'),
      mode: 'moderated',
      access: 'private',
      state: 'stopped',
      schedule: { type: 'none' },
      participants: [],
      tags: [],
      url: `https://server.example.test/c/${id}`,
      ...more,
    };
    this.conferences.set(id, conference);
    return conference;
  }

  carryOut(decision: Decision): Outcome {
    if (decision.kind === 'wait') return { status: 'done' };
    const failed = this.failWrite?.(decision);
    if (failed) return failed;
    this.journal.push(decision.kind);
    if (decision.kind === 'writeJoinLink') return this.#writeLink(decision);
    const id = decision.conferenceId;
    const conference = this.conferences.get(id);
    if (decision.kind === 'createConference') {
      if (conference) return { status: 'already', conference };
      return { status: 'done', conference: this.addConference(id, decision.spec) };
    }
    if (!conference) return { status: decision.kind === 'removeConference' ? 'already' : 'absent' };
    switch (decision.kind) {
      case 'updateConference':
        if (conference.state === 'running') return { status: 'running' };
        this.conferences.set(id, { ...conference, ...decision.patch });
        return { status: 'done' };
      case 'addParticipants':
        this.conferences.set(id, {
          ...conference,
          participants: [...conference.participants, ...decision.participants],
        });
        return { status: 'done' };
      case 'removeParticipants': {
        const left = conference.participants.filter((person) => !decision.participants.includes(person.id));
        this.conferences.set(id, { ...conference, participants: left });
        return { status: 'done' };
      }
      case 'startConference':
        this.conferences.set(id, { ...conference, state: 'running' });
        return { status: conference.state === 'running' ? 'already' : 'done' };
      case 'stopConference':
        this.conferences.set(id, { ...conference, state: 'stopped' });
        return { status: 'done' };
      case 'removeConference':
        this.conferences.delete(id);
        return { status: 'done' };
      default:
        return { status: 'done' };
    }
  }

  #writeLink(decision: Extract<Decision, { kind: 'writeJoinLink' }>): Outcome {
    if (this.item) {
      const { marker, patch } = decision;
      const isMoved = patch?.ifLocation !== undefined && patch.ifLocation !== this.item.location;
      if (isMoved)
        return { status: 'failed', failure: { kind: 'conflict', code: 'LocationChanged', retriable: false } };
      this.item = { ...this.item, marker, location: decision.patch?.location ?? this.item.location };
    }
    return { status: 'done' };
  }
}
