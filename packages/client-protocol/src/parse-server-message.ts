/** From a frame of the server to an answer, an error or a push; for clients. Never throws. */
import { type Answer, answers, type ErrorAnswer, errorAnswer, type Push, pushes } from './answers.ts';
import { isMethod } from './requests.ts';

export type ReceivedMessage =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'error'; readonly error: ErrorAnswer }
  | { readonly kind: 'push'; readonly push: Push }
  /** not of this protocol, or of a later version */
  | { readonly kind: 'unknown' };

const UNKNOWN: ReceivedMessage = { kind: 'unknown' };

/** Reads one text frame from the server. Unknown fields are ignored, unknown methods are `unknown`. */
export function parseServerMessage(text: string): ReceivedMessage {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || !('method' in value)) return UNKNOWN;
  const { method } = value;
  if ('error' in value) {
    const error = errorAnswer.safeParse(value);
    return error.success ? { kind: 'error', error: error.data } : UNKNOWN;
  }
  if (isPushMethod(method)) {
    const push = pushes[method].safeParse(value);
    return push.success ? { kind: 'push', push: push.data } : UNKNOWN;
  }
  if (!isMethod(method)) return UNKNOWN;
  const answer = answers[method].safeParse(value);
  return answer.success ? { kind: 'answer', answer: answer.data } : UNKNOWN;
}

function isPushMethod(method: unknown): method is keyof typeof pushes {
  return typeof method === 'string' && Object.hasOwn(pushes, method);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
