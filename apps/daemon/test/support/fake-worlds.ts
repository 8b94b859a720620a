/** Acts and looks of the fake worlds beyond what the demo needs: conferences, faults, journals, delegates. */
import type { ControlClient, WorldItem } from '../../../../tooling/scene/control-client.ts';
import { mail } from './stage.ts';

export interface Conference {
  readonly id: string;
  readonly topic: string;
  readonly description: string;
  readonly owner: string;
  readonly mode: string;
  readonly access: string;
  readonly state: 'running' | 'stopped';
  readonly schedule:
    | { readonly type: 'none' }
    | { readonly type: 'once'; readonly start: string; readonly durationSeconds: number }
    | { readonly type: 'week' };
  readonly participants: readonly { readonly id: string }[];
  readonly tags: readonly string[];
}

export interface Session {
  readonly startedBy: 'api' | 'schedule';
  readonly startedAt: string;
  readonly endedAt?: string;
}

export interface JournalEntry {
  readonly server: string;
  readonly at: string;
  readonly operation: string;
  readonly path?: string;
  readonly mailbox?: string;
  readonly status?: number;
  readonly fault?: string;
  readonly backEnd?: string;
  readonly seq: number;
}

export class FakeWorlds {
  readonly control: ControlClient;

  constructor(control: ControlClient) {
    this.control = control;
  }

  /** A meeting made in Outlook by `user`. */
  meet(user: string, item: Record<string, unknown>): Promise<WorldItem> {
    return this.control.create(mail(user), item);
  }

  /** The copy of a meeting in somebody's calendar. */
  async copy(user: string, uid: string): Promise<WorldItem | undefined> {
    return (await this.control.items(mail(user))).find((item) => item.uid === uid);
  }

  async countItems(user: string, subject: string): Promise<number> {
    return (await this.control.items(mail(user))).filter((item) => item.subject === subject).length;
  }

  async conferences(): Promise<readonly Conference[]> {
    return (await this.control.call<{ conferences: Conference[] }>('GET', '/conferences')).conferences;
  }

  async conference(id: string): Promise<Conference | undefined> {
    return (await this.conferences()).find((conference) => conference.id === id);
  }

  planConference(conference: Record<string, unknown>): Promise<Conference> {
    return this.control.call('POST', '/conferences', conference);
  }

  changeConference(id: string, change: Record<string, unknown>): Promise<Conference> {
    return this.control.call('PATCH', `/conferences/${id}`, change);
  }

  removeConference(id: string): Promise<void> {
    return this.control.call('DELETE', `/conferences/${id}`);
  }

  async sessions(id: string): Promise<readonly Session[]> {
    return this.control.call<{ sessions: Session[] }>('GET', `/conferences/${id}/sessions`).then((it) => it.sessions);
  }

  async notices(id: string): Promise<readonly { readonly kind: 'ring' | 'notify'; readonly to: string }[]> {
    const answer = await this.control.call<{ notices: { kind: 'ring' | 'notify'; to: string }[] }>(
      'GET',
      `/notices?conferenceId=${id}`,
    );
    return answer.notices;
  }

  async fault(fault: Record<string, unknown>): Promise<string> {
    return (await this.control.call<{ id: string }>('POST', '/faults', fault)).id;
  }

  clearFaults(): Promise<void> {
    return this.control.call('DELETE', '/faults');
  }

  async struck(id: string): Promise<number> {
    const { faults } = await this.control.call<{ faults: { id: string; struck: number }[] }>('GET', '/faults');
    return faults.find((fault) => fault.id === id)?.struck ?? 0;
  }

  async journal(query: Record<string, string>): Promise<readonly JournalEntry[]> {
    const search = new URLSearchParams({ limit: '20000', ...query });
    return (await this.control.call<{ entries: JournalEntry[] }>('GET', `/journal?${search}`)).entries;
  }

  counters(): Promise<Record<string, Record<string, unknown>>> {
    return this.control.call('GET', '/counters');
  }
}
