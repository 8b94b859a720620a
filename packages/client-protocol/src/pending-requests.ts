/** Requests under way: numbered, with a time limit each, settled exactly once. */
import type { Answer, ErrorAnswer } from './answers.ts';
import { ChannelError } from './client-ports.ts';
import { RefusedError } from './refused-error.ts';
import type { Method } from './requests.ts';

/** More unanswered requests than this are refused at once. */
export const MAX_PENDING = 256;

interface Pending {
  readonly method: Method;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly cancelTimeout: () => void;
}

export class PendingRequests {
  readonly #after: (ms: number, run: () => void) => () => void;
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(after: (ms: number, run: () => void) => () => void, timeoutMs: number) {
    this.#after = after;
    this.#timeoutMs = timeoutMs;
  }

  /** Opens a request; `send` gets the id to put into it. */
  open(method: Method, send: (requestId: number) => void): Promise<Answer> {
    if (this.#pending.size >= MAX_PENDING) {
      return Promise.reject(new ChannelError('queueFull', `more than ${MAX_PENDING} requests are unanswered`));
    }
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const cancelTimeout = this.#after(this.#timeoutMs, () => this.#fail(id, timedOut(method)));
      this.#pending.set(id, { method, resolve, reject, cancelTimeout });
      send(id);
    });
  }

  answer(answer: Answer): void {
    const pending = this.#take(answer.requestId);
    if (!pending) return;
    if (pending.method === answer.method) pending.resolve(answer);
    else pending.reject(new ChannelError('protocol', `asked ${pending.method}, answered ${answer.method}`));
  }

  refuse(error: ErrorAnswer): void {
    this.#take(error.requestId)?.reject(new RefusedError(error));
  }

  /** Nothing sent so far will be answered. */
  failAll(error: Error): void {
    for (const id of [...this.#pending.keys()]) this.#fail(id, error);
  }

  #fail(id: number, error: Error): void {
    this.#take(id)?.reject(error);
  }

  #take(id: string | number | undefined): Pending | undefined {
    if (typeof id !== 'number') return undefined;
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.cancelTimeout();
    return pending;
  }
}

function timedOut(method: Method): ChannelError {
  return new ChannelError('timeout', `no answer to ${method} in time`);
}
