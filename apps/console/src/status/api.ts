/** The HTTP API as the status page uses it (contract §6). */
import { words } from '../shared/words.ts';

export interface Mailbox {
  readonly address: string;
  readonly state: string;
  readonly since?: string;
  readonly lastLookAt?: string;
  readonly items: number;
  readonly error?: { readonly code: string; readonly message: string; readonly advice: string };
}

export interface Anomaly {
  readonly id: string;
  readonly kind: string;
  readonly mailbox?: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

interface Status {
  readonly version: string;
  readonly node: string;
  readonly statusLine: string;
  readonly mailboxes: {
    readonly held: number;
    readonly states: Readonly<Record<string, number>>;
    readonly streams: { readonly live: number; readonly down: number };
  };
  readonly queue: { readonly lanes: Readonly<Record<string, number>>; readonly deadJobs: number };
  readonly clients: number;
  readonly database: { readonly ok: boolean; readonly detail: string };
  readonly licence: { readonly edition?: string; readonly state: string; readonly message?: string };
  readonly anomalies: number;
}

export interface Page {
  readonly status: Status;
  readonly mailboxes: readonly Mailbox[];
  readonly anomalies: readonly Anomaly[];
}

async function get<Answer>(path: string): Promise<Answer> {
  const response = await fetch(path, { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
  return (await response.json()) as Answer;
}

export async function fetchPage(): Promise<Page> {
  const [status, { mailboxes }, { anomalies }] = await Promise.all([
    get<Status>('/api/v1/status'),
    get<{ mailboxes: readonly Mailbox[] }>('/api/v1/mailboxes'),
    get<{ anomalies: readonly Anomaly[] }>('/api/v1/anomalies'),
  ]);
  return { status, mailboxes, anomalies };
}

const say = words({
  wrongToken: {
    en: 'The token is not the administrator’s.',
    ru: 'Это не токен администратора.',
  },
});

/** Does something; the message of a refusal is the service's own sentence, but for the one an administrator meets daily. */
export async function act(path: string, token: string): Promise<void> {
  const response = await fetch(path, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  if (response.ok) return;
  if (response.status === 401) throw new Error(say.wrongToken);
  const body = (await response.json().catch(() => ({}))) as { error?: { message?: string } };
  throw new Error(body.error?.message ?? `HTTP ${response.status}`);
}
