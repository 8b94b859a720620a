/**
 * Follows the change feed of all nodes on a connection of its own (LISTEN). What happened while the connection was
 * broken is unknown, so listeners are told `lost` and ask for the changes since the revision they have. A connection that a
 * router forgot would stay silent for a quarter of an hour before the kernel gives it up; a heartbeat finds it in seconds.
 */

import type { FeedStore } from '@calendar-connector/sync-core';
import type pg from 'pg';
import type { ConnectionOptions } from './connection.ts';
import { expectAnswers, openClient } from './connection.ts';
import { FEED_CHANNEL, parseNotice } from './repositories/feed-notice.ts';
import { storeError } from './store-error.ts';

type Listener = Parameters<FeedStore['followChanges']>[0];

const RECONNECT_FIRST_MS = 50;
const RECONNECT_LIMIT_MS = 5_000;
/** Nothing is sent on this connection by itself: so often it is asked whether the other end is still there. */
const HEARTBEAT_MS = 10_000;
/** A heartbeat needs no disk and no lock. */
const ANSWER_LIMIT_MS = 10_000;

export class ChangeFollower {
  readonly #options: ConnectionOptions;
  readonly #listener: Listener;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #heart: NodeJS.Timeout | undefined;
  #failures = 0;
  #closed = false;

  constructor(options: ConnectionOptions, listener: Listener) {
    this.#options = { ...options, applicationName: `${options.applicationName} changes` };
    this.#listener = listener;
  }

  /** Resolves when changes arrive; rejects when the first connection fails. */
  async open(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      throw storeError(error, 'following changes');
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#heart);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const client = openClient(this.#options);
    client.on('notification', (message) => this.#receive(message.payload ?? ''));
    const lost = () => this.#lose(client);
    this.#client = client;
    try {
      await client.connect();
      expectAnswers(client, this.#answerLimitMs);
      await client.query(`listen ${FEED_CHANNEL}`);
    } catch (error) {
      this.#client = undefined;
      await client.end().catch(() => undefined);
      throw error;
    }
    client.on('error', lost);
    client.on('end', lost);
    this.#failures = 0;
    this.#heart = setInterval(
      () => client.query('select 1').catch(() => undefined),
      Math.min(HEARTBEAT_MS, this.#answerLimitMs),
    ).unref();
  }

  get #answerLimitMs(): number {
    return Math.min(this.#options.answerLimitMs ?? ANSWER_LIMIT_MS, ANSWER_LIMIT_MS);
  }

  #receive(payload: string): void {
    const notice = parseNotice(payload);
    if (notice && !this.#closed) this.#listener.onChange(notice.mailbox, notice.revision);
  }

  #lose(client: pg.Client): void {
    if (this.#closed || this.#client !== client) return;
    clearInterval(this.#heart);
    this.#client = undefined;
    client.end().catch(() => undefined);
    this.#listener.onLost();
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#closed) return;
    const delay = Math.min(RECONNECT_LIMIT_MS, RECONNECT_FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#timer = setTimeout(() => void this.#reconnect(), delay);
    this.#timer.unref();
  }

  /** `lost` once more after the link is back: changes between the loss and now were not heard. */
  async #reconnect(): Promise<void> {
    try {
      await this.#connect();
      if (this.#closed) await this.close();
      else this.#listener.onLost();
    } catch {
      this.#retryLater();
    }
  }
}
