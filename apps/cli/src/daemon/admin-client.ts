/**
 * Talks to the running daemon over its HTTP address (design/contracts.md §6). Nobody there, wrong token, not our daemon:
 * each ends the command with its own sentence.
 */
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import path from 'node:path';
import type { ConnectorConfig } from '@calendar-connector/config';
import { pathsOf, requireConfig } from '../commands/config-file.ts';
import type { Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';
import type { Language } from '../program/language.ts';

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const EVERYWHERE = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

export type Answer = { readonly found: true; readonly value: unknown } | { readonly found: false };

interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

export class AdminClient {
  readonly #http: ConnectorConfig['http'];
  readonly #language: Language;
  readonly #signal: AbortSignal;
  readonly #ownToken: string;

  /** `ownToken`: what the service made for this machine, used when none is configured. */
  constructor(http: ConnectorConfig['http'], language: Language, signal: AbortSignal, ownToken = '') {
    this.#ownToken = ownToken;
    this.#http = http;
    this.#language = language;
    this.#signal = signal;
  }

  /** `GET /api/v1/…`; not found is an answer. */
  async get(...path: readonly string[]): Promise<Answer> {
    return await this.#ask('GET', path);
  }

  async post(...path: readonly string[]): Promise<Answer> {
    return await this.#ask('POST', path);
  }

  /** Another page of the daemon as text, e.g. `/metrics`. */
  async text(path: string): Promise<string | undefined> {
    const { status, text } = await this.#exchange('GET', path);
    return status === 200 ? text : undefined;
  }

  async #ask(method: 'GET' | 'POST', path: readonly string[]): Promise<Answer> {
    const raw = await this.#exchange(method, `/api/v1/${path.map(encodeURIComponent).join('/')}`);
    if (raw.status === 404) return { found: false };
    if (raw.status === 401 || raw.status === 403) throw this.#fault(EXIT.failed, 'token');
    if (raw.status === 503) throw this.#fault(EXIT.unavailable, 'notReady', messageOf(raw.text));
    if (raw.status !== 200) throw this.#fault(EXIT.failed, 'refused', `HTTP ${raw.status}`);
    try {
      return { found: true, value: JSON.parse(raw.text) as unknown };
    } catch {
      throw this.#fault(EXIT.failed, 'foreign');
    }
  }

  async #exchange(method: string, path: string): Promise<RawAnswer> {
    const { host, port, adminToken } = this.#http;
    const token = adminToken && !adminToken.isEmpty ? adminToken.reveal() : this.#ownToken;
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      return await new Promise<RawAnswer>((resolve, reject) => {
        const options = { host: EVERYWHERE.get(host) ?? host, port, path, method, headers, signal };
        const sent = request(options, (response) => collect(response).then(resolve, reject));
        sent.on('error', reject);
        sent.end();
      });
    } catch (error) {
      throw this.#fault(EXIT.unavailable, 'silent', reasonOf(error));
    }
  }

  #fault(exitCode: number, what: keyof (typeof TEXTS)['en'], detail = ''): CommandFault {
    const { host, port } = this.#http;
    return new CommandFault(exitCode, TEXTS[this.#language][what](`${host}:${port}`, detail));
  }
}

/** The client for the configured address. */
export function adminClient(call: Call): AdminClient {
  const { http } = requireConfig(call);
  return new AdminClient(http, call.language, call.io.signal, ownToken(call));
}

async function collect(response: IncomingMessage): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return (error as NodeJS.ErrnoException).code ?? error.message;
}

/** Why the service is not ready, in its own words. */
function messageOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly message?: unknown } };
    return String(error?.message ?? 'HTTP 503');
  } catch {
    return 'HTTP 503';
  }
}

type Sentence = (address: string, detail: string) => string;
const TEXTS: Readonly<
  Record<Language, Readonly<Record<'silent' | 'notReady' | 'token' | 'refused' | 'foreign', Sentence>>>
> = {
  en: {
    silent: (address, detail) =>
      `the service does not answer at ${address} (${detail}); start it: systemctl start trueconf-calendar, or check http in config.json`,
    notReady: (address, detail) => `${address}: ${detail}`,
    token: (address) =>
      `the service at ${address} wants the administrator's token, for actions always; call the command as root, or set http.adminToken in config.json and apply it: systemctl reload trueconf-calendar`,
    refused: (address, detail) => `the service at ${address} refused (${detail}); the reason is in its log`,
    foreign: (address) => `what answers at ${address} is not this service; check http.port in config.json`,
  },
  ru: {
    silent: (address, detail) =>
      `служба не отвечает по адресу ${address} (${detail}); запустите её: systemctl start trueconf-calendar, или проверьте http в config.json`,
    notReady: (address, detail) => `служба по адресу ${address} ещё не готова: ${detail}`,
    token: (address) =>
      `служба по адресу ${address} требует токен администратора (для действий — всегда); выполните команду от имени root или задайте http.adminToken в config.json и примените его: systemctl reload trueconf-calendar`,
    refused: (address, detail) => `служба по адресу ${address} отказала (${detail}); причина в её журнале`,
    foreign: (address) => `по адресу ${address} отвечает не эта служба; проверьте http.port в config.json`,
  },
};

/**
 * The token that the running service keeps in its data folder for commands on the same machine. Readable by the service's
 * user and root only; whoever may not read it is told so.
 */
function ownToken(call: Call): string {
  try {
    return readFileSync(path.join(pathsOf(call).data, 'admin.token'), 'utf8').trim();
  } catch {
    return '';
  }
}
