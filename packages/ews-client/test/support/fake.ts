/**
 * The fake Exchange on real sockets, with a source that talks to it.
 */

import { mailboxAddress } from '@calendar-connector/calendar-model';
import {
  ExchangeWorld,
  type ExchangeWorldOptions,
  type FakeExchange,
  type FakeExchangeOptions,
  makeCertificate,
  startFakeExchange,
} from '@calendar-connector/fakes';
import type { Hint, ResolvedMailbox } from '@calendar-connector/sync-core';
import { createEwsSource, type EwsSource, type EwsSourceOptions } from '../../src/index.ts';
import { never } from './source.ts';

interface Started extends AsyncDisposable {
  readonly fake: FakeExchange;
  readonly world: ExchangeWorld;
  source(options?: Partial<EwsSourceOptions>): EwsSource;
}

/** Starts a fake; sources made with it are closed with it. */
export async function startFake(
  options: Omit<Partial<FakeExchangeOptions>, 'world'> & { readonly world?: ExchangeWorldOptions } = {},
): Promise<Started> {
  const world = new ExchangeWorld({ mailboxes: 3, itemsPerMailbox: 5, ...options.world });
  const fake = await startFakeExchange({ ...options, world });
  const sources: EwsSource[] = [];
  return {
    fake,
    world,
    source(more = {}) {
      const source = createEwsSource({
        name: 'test',
        endpoint: { scheme: options.tls === undefined ? 'http' : 'https', host: '127.0.0.1', port: fake.port },
        credentials: [{ login: 'svc@example.test', password: () => 'Passw0rd!' }],
        random: () => 0.5,
        ...more,
      });
      sources.push(source);
      return source;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(sources.map((source) => source.close()));
      await fake.close();
    },
  };
}

let certificates = 0;

/** A self-signed certificate for this machine; each has a name of its own, so that several can be trusted at once. */
export function certificate(): { readonly key: string; readonly cert: string } {
  const made = makeCertificate({ names: [`c${++certificates}.example.test`, '127.0.0.1', 'localhost'] });
  return { key: String(made.key), cert: String(made.cert) };
}

export function resolveUser(source: EwsSource, n: number): Promise<ResolvedMailbox> {
  return source.resolve(mailboxAddress(`user${n}@example.test`), never);
}

/** Collects hints and states, and lets a test wait for what it needs. */
export class Listener {
  readonly hints: Hint[] = [];
  readonly states: { readonly mailbox: string; readonly state: string; readonly kind?: string | undefined }[] = [];
  readonly #waiting = new Set<() => void>();

  onHint = (hint: Hint): void => {
    this.hints.push(hint);
    for (const check of [...this.#waiting]) check();
  };

  onState = (mailbox: string, state: 'live' | 'down', failure?: { readonly kind: string }): void => {
    this.states.push({ mailbox, state, kind: failure?.kind });
    for (const check of [...this.#waiting]) check();
  };

  /** Resolves as soon as the condition holds; it is looked at after each hint and state. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const check = () => {
        if (!condition()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
    });
  }

  reasons(mailbox: string): readonly string[] {
    return this.hints.filter((hint) => hint.mailbox === mailbox).map((hint) => hint.reason);
  }
}
