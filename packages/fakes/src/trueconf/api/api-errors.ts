/**
 * Error bodies (facts/trueconf.md §2.3): `{error:{code,message,errors:[{reason,message,locationType,location}]}}`, in v4 with a
 * `trace_id`; OAuth errors have a string under `error`. A quirk replaces them by a plain string, HTML or nothing, as front ends do.
 */
import type { FastifyReply } from 'fastify';
import type { TrueConfQuirks } from '../world/quirks.ts';
import { statusOf, TrueConfRefusal } from '../world/refusal.ts';

const STATUS_TEXT: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  413: 'Payload Too Large',
  500: 'Internal Server Error',
};

/** The refusal an exception stands for. Anything unexpected is a 500 of the fake itself and says so. */
function refusalOf(error: unknown): TrueConfRefusal | undefined {
  if (error instanceof TrueConfRefusal) return error;
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  if (typeof status !== 'number' || status >= 500) return undefined;
  return new TrueConfRefusal('invalidParameter', error instanceof Error ? error.message : 'Bad Request');
}

let traces = 3_904_405_107;

/** Answers with an error of the API. */
export function sendApiError(reply: FastifyReply, family: 'v3' | 'v4', error: unknown, quirks: TrueConfQuirks): void {
  const refusal = refusalOf(error);
  const code = refusal ? statusOf(refusal.reason, family) : 500;
  const message = STATUS_TEXT[code] ?? 'Error';
  const reason = refusal?.reason ?? 'internalError';
  const text = refusal?.message ?? (error instanceof Error ? error.message : String(error));
  switch (quirks.errorBody) {
    case 'empty':
      reply.code(code).send();
      return;
    case 'html':
      reply
        .code(code)
        .type('text/html; charset=utf-8')
        .send(
          `<!DOCTYPE html><html><head><title>${code}</title></head><body><h1>${code} ${message}</h1></body></html>`,
        );
      return;
    case 'string':
      reply
        .code(code)
        .type('application/json')
        .send(JSON.stringify({ error: reason, message: text }));
      return;
    case 'object': {
      const hidden = reason === 'incompleteSchedule';
      const errors = hidden
        ? []
        : [
            {
              reason,
              message: text,
              locationType: refusal?.locationType ?? 'parameter',
              location: refusal?.location ?? '',
            },
          ];
      const trace = family === 'v4' || reason === 'routeNotFound' ? { trace_id: nextTraceId() } : {};
      reply
        .code(code)
        .type('application/json')
        .send(JSON.stringify({ error: { code, message, ...trace, errors } }));
    }
  }
}

/** Answers with an error of a token endpoint. */
export function sendOAuthError(
  reply: FastifyReply,
  quirks: TrueConfQuirks,
  error: 'invalid_client' | 'invalid_grant' | 'invalid_request' | 'unsupported_grant_type' | 'unauthorized_client',
  description: string,
): void {
  const status = error === 'invalid_client' ? 401 : 400;
  const body =
    quirks.oauthErrorBody === 'string'
      ? { error, error_description: description }
      : {
          error: {
            code: status,
            message: STATUS_TEXT[status],
            errors: [{ reason: 'InvalidCredentials', message: description, locationType: 'parameter', location: '' }],
          },
        };
  reply.code(status).type('application/json').send(JSON.stringify(body));
}

function nextTraceId(): string {
  traces += 1;
  return String(traces);
}
