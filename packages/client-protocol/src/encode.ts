/** Making frames. `requestId` is echoed when the request had one, and left out otherwise. */
import type { Answer, ErrorAnswer, Push, ServerMessage } from './answers.ts';
import type { ErrorCode } from './codes.ts';
import type { ClientRequest, ClientRequestInput, Method } from './requests.ts';

type Asked = { readonly method: string; readonly requestId?: string | number | undefined };

/** The answer to a request: its method and requestId with the given fields. */
export function answerTo<M extends Method>(
  request: ClientRequest<M>,
  fields: Omit<Answer<M>, 'method' | 'requestId'>,
): Answer<M> {
  return { ...echo(request), ...fields } as Answer<M>;
}

/** The refusal of a request. */
export function errorTo(request: Asked, code: ErrorCode, message: string, retryAfterMs?: number): ErrorAnswer {
  return { ...echo(request), error: { code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) } };
}

/** Text of a frame from the server. */
export function encodeServerMessage(message: ServerMessage): string {
  return JSON.stringify(message);
}

/** Text of a push; encode once, send to every subscriber. */
export function encodePush(push: Push): string {
  return JSON.stringify(push);
}

/** Text of a frame from a client. */
export function encodeRequest(request: ClientRequestInput): string {
  return JSON.stringify(request);
}

function echo({ method, requestId }: Asked): { method: string; requestId?: string | number } {
  return requestId === undefined ? { method } : { method, requestId };
}
