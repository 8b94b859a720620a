/** The fakes' control API as the demo uses it: people acting in Outlook, and what the fake worlds hold. */
export interface WorldItem {
  readonly id: string;
  readonly kind: 'single' | 'master' | 'occurrence' | 'exception';
  readonly uid: string;
  readonly subject: string;
  readonly start: string;
  readonly end: string;
  readonly location: string;
  readonly isCancelled: boolean;
  readonly isOrganizer: boolean;
  readonly myResponse: string;
  readonly attendees: readonly { readonly address: string; readonly response: string }[];
}

export interface WorldConference {
  readonly id: string;
  readonly topic: string;
  readonly state: 'running' | 'stopped';
}

export class ControlClient {
  readonly #base: string;

  constructor(url: string) {
    this.#base = `${url}/control/v1`;
  }

  async call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const init =
      body === undefined
        ? { method }
        : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${this.#base}${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: HTTP ${response.status} ${text.slice(0, 300)}`);
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }

  items(mailbox: string, from?: number, to?: number): Promise<readonly WorldItem[]> {
    const window =
      from === undefined || to === undefined
        ? ''
        : `?from=${encodeURIComponent(new Date(from).toISOString())}&to=${encodeURIComponent(new Date(to).toISOString())}`;
    return this.call<{ items: WorldItem[] }>('GET', `/mailboxes/${mailbox}/items${window}`).then(({ items }) => items);
  }

  create(mailbox: string, item: object): Promise<WorldItem> {
    return this.call('POST', `/mailboxes/${mailbox}/items`, item);
  }

  update(mailbox: string, id: string, patch: object): Promise<WorldItem> {
    return this.call('PATCH', `/mailboxes/${mailbox}/items/${encodeURIComponent(id)}`, patch);
  }

  async respond(mailbox: string, id: string, response: 'accept' | 'tentative' | 'decline'): Promise<void> {
    await this.call('POST', `/mailboxes/${mailbox}/items/${encodeURIComponent(id)}/respond`, { response });
  }

  async cancel(mailbox: string, id: string): Promise<void> {
    await this.call('POST', `/mailboxes/${mailbox}/items/${encodeURIComponent(id)}/cancel`, {});
  }

  async deleteOccurrence(mailbox: string, id: string, occurrence: string): Promise<void> {
    await this.call(
      'DELETE',
      `/mailboxes/${mailbox}/items/${encodeURIComponent(id)}?occurrence=${encodeURIComponent(occurrence)}`,
    );
  }

  conferences(): Promise<readonly WorldConference[]> {
    return this.call<{ conferences: WorldConference[] }>('GET', '/conferences').then(({ conferences }) => conferences);
  }

  sessions(id: string): Promise<readonly { readonly startedBy: string; readonly startedAt: string }[]> {
    return this.call<{ sessions: { startedBy: string; startedAt: string }[] }>(
      'GET',
      `/conferences/${encodeURIComponent(id)}/sessions`,
    ).then(({ sessions }) => sessions);
  }

  token(user: string): Promise<{ readonly token: string; readonly server: string }> {
    return this.call('POST', `/trueconf/users/${encodeURIComponent(user)}/token`, {});
  }
}
