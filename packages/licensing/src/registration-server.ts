/** The registration server over HTTPS: two calls, named time limits, every failure classified. Contract, section 7. */
import { getCACertificates } from 'node:tls';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { LicenceError, type LicenceFault, type LinkFailure } from './fault.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 256 * 1024;
const MAX_SAID_CHARACTERS = 200;

export interface RegistrationServer {
  readonly scheme?: 'https' | 'http' | undefined;
  readonly host: string;
  readonly port: number;
  /** PEM, trusted besides the system's authorities */
  readonly ca?: string | undefined;
  readonly connectTimeoutMs?: number | undefined;
  readonly answerTimeoutMs?: number | undefined;
}

const registerAnswer = z.object({ licence: z.string().min(1) });
const leaseAnswer = z.object({ lease: z.string().min(1) });
const errorAnswer = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Asks for a licence; the text of its JWS. Throws LicenceError. */
export async function sendRegister(
  server: RegistrationServer,
  body: { readonly request: string },
  signal?: AbortSignal,
): Promise<string> {
  return (await post(server, 'register', body, registerAnswer, signal)).licence;
}

/** Asks for a lease; the text of its JWS. Throws LicenceError. */
export async function sendLease(
  server: RegistrationServer,
  body: { readonly licenceId: string; readonly installationId: string; readonly signature: string },
  signal?: AbortSignal,
): Promise<string> {
  return (await post(server, 'lease', body, leaseAnswer, signal)).lease;
}

/** `reg.trueconf.com:443` */
function serverName({ host, port }: Pick<RegistrationServer, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function post<T extends z.ZodType>(
  server: RegistrationServer,
  call: string,
  body: object,
  schema: T,
  signal?: AbortSignal,
): Promise<z.output<T>> {
  const agent = openAgent(server);
  try {
    const { status, text } = await exchange(server, agent, call, body, signal);
    if (status !== 200) throw new LicenceError(refusal(server, status, text));
    const answer = schema.safeParse(parseJson(text));
    if (!answer.success) throw new LicenceError({ code: 'badAnswer', server: serverName(server) });
    return answer.data;
  } finally {
    await agent.destroy();
  }
}

function openAgent(server: RegistrationServer): Agent {
  const ca = server.ca === undefined ? {} : { ca: [...authorities(), server.ca] };
  const timeout = server.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  return new Agent({ connections: 1, connect: { timeout, minVersion: 'TLSv1.2', ...ca } });
}

function authorities(): string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
}

async function exchange(server: RegistrationServer, agent: Agent, call: string, body: object, signal?: AbortSignal) {
  const url = `${server.scheme ?? 'https'}://${serverName(server)}/api/calendar/v1/${call}`;
  const limit = AbortSignal.timeout(server.answerTimeoutMs ?? ANSWER_TIMEOUT_MS);
  try {
    const response = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    return { status: response.statusCode, text: await boundedText(response.body, server) };
  } catch (error) {
    if (error instanceof LicenceError) throw error;
    if (signal?.aborted) throw signal.reason;
    const { failure, detail } = classify(error, limit.aborted);
    throw new LicenceError({ code: 'noLink', server: serverName(server), failure, detail });
  }
}

async function boundedText(body: AsyncIterable<Uint8Array>, server: RegistrationServer): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new LicenceError({ code: 'badAnswer', server: serverName(server) });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const REFUSALS: Readonly<Record<string, LicenceFault>> = {
  unknownKey: { code: 'unknownKey' },
  alreadyUsed: { code: 'alreadyUsed' },
  revoked: { code: 'keyRevoked' },
  expired: { code: 'keyExpired' },
  editionNotAllowedOffline: { code: 'freeOffline' },
};

function refusal(server: RegistrationServer, status: number, text: string): LicenceFault {
  const answer = errorAnswer.safeParse(parseJson(text));
  if (!answer.success) return { code: 'badAnswer', server: serverName(server) };
  const { code, message } = answer.data.error;
  const known = status >= 400 && status < 500 && Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined;
  return known ?? { code: 'serverRefused', status, said: printable(message) };
}

/** The server's words go to a terminal: no control characters, no novels. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, ' ').trim().slice(0, MAX_SAID_CHARACTERS);
}

const FAILURES: readonly (readonly [RegExp, LinkFailure])[] = [
  [/^(ENOTFOUND|EAI_)/, 'dns'],
  [/^ECONNREFUSED$/, 'refused'],
  [/TIMEOUT|^ETIMEDOUT$/, 'timeout'],
  [/^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ENETDOWN|EHOSTDOWN)$/, 'unreachable'],
  [/CERT|^UNABLE_TO_|SIGNED|^ERR_TLS|^ERR_SSL|^EPROTO$/, 'certificate'],
];

function classify(error: unknown, isLate: boolean): { failure: LinkFailure; detail: string } {
  const detail = codesOf(error)[0] ?? 'unknown';
  if (isLate) return { failure: 'timeout', detail: 'ETIMEDOUT' };
  const failure = FAILURES.find(([pattern]) => pattern.test(detail))?.[1] ?? 'broken';
  return { failure, detail };
}

/** Codes of an error, of its causes and of the parts of an aggregate (several addresses tried). */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const parts = error instanceof AggregateError ? error.errors.flatMap(codesOf) : [];
  return [...own, ...parts, ...codesOf(error.cause)];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
