/** The server answered a request with an error. */
import type { ErrorAnswer } from './answers.ts';
import type { ErrorCode } from './codes.ts';

export class RefusedError extends Error {
  readonly code: ErrorCode;
  readonly method: string;
  readonly retryAfterMs: number | undefined;

  constructor(answer: ErrorAnswer) {
    super(answer.error.message);
    this.name = 'RefusedError';
    this.code = answer.error.code;
    this.method = answer.method;
    this.retryAfterMs = answer.error.retryAfterMs;
  }
}
