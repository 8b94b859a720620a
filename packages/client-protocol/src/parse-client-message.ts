/** From a frame of a client to a request, or to the error to send back. Never throws, whatever the frame holds. */
import type { z } from 'zod';
import type { ErrorAnswer } from './answers.ts';
import { MAX_MESSAGE_BYTES, MAX_REQUEST_ID_CHARACTERS } from './limits.ts';
import { type ClientRequest, isMethod, METHODS, requests } from './requests.ts';

export type ClientMessage =
  | { readonly ok: true; readonly message: ClientRequest }
  | { readonly ok: false; readonly error: ErrorAnswer };

const MAX_SHOWN_NAME = 64;

/** Reads one text frame. `maxBytes` lowers the largest accepted size. */
export function parseClientMessage(text: string, maxBytes: number = MAX_MESSAGE_BYTES): ClientMessage {
  if (text.length > maxBytes) return refuse({}, `the message is larger than ${maxBytes} bytes`);
  const value = parseJson(text);
  if (!isObject(value)) return refuse({}, 'a message is one JSON object');
  if (!isMethod(value.method)) return refuse(value, `unknown method; known: ${METHODS.join(', ')}`);
  const result = requests[value.method].safeParse(value);
  return result.success ? { ok: true, message: result.data } : refuse(value, faultText(result.error));
}

function refuse(value: Readonly<Record<string, unknown>>, message: string): ClientMessage {
  const method = typeof value.method === 'string' ? value.method.slice(0, MAX_SHOWN_NAME) : '';
  const id = value.requestId;
  const isEchoable =
    Number.isSafeInteger(id) || (typeof id === 'string' && id !== '' && id.length <= MAX_REQUEST_ID_CHARACTERS);
  const error = { code: 'invalidRequest', message } as const;
  return { ok: false, error: { method, ...(isEchoable && { requestId: id as string | number }), error } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first fault, with the field it is in; values are not repeated. */
function faultText(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return 'invalid message';
  if (issue.code === 'unrecognized_keys')
    return `unknown field: ${[...issue.path, issue.keys[0]?.slice(0, MAX_SHOWN_NAME)].join('.')}`;
  const path = issue.path.join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}
