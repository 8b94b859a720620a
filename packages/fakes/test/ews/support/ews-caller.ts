/**
 * What a test needs to talk to a fake Exchange over a real socket: a server around a manual clock, calls in plain SOAP, answers
 * as trees, and every answer checked against the published schemas at the end when they are there.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type FakeExchange, type FakeExchangeOptions, startFakeExchange } from '../../../src/ews/index.ts';
import { MESSAGES_NS, SOAP_NS, TYPES_NS } from '../../../src/ews/wire/names.ts';
import { WorldClock } from '../../../src/world/clock.ts';
import { ExchangeWorld, type ExchangeWorldOptions } from '../../../src/world/exchange-world.ts';
import { parseXml, type XmlElement } from '../../../src/xml/xml-element.ts';

export const SHARED = path.resolve(import.meta.dirname, '../../../../../../shared');
const SCHEMA = path.join(SHARED, 'ews-schema/ews-envelope.xsd');
export const PASSWORD = 'Passw0rd!';

/**
 * What real servers write although the XSD has it otherwise. Source: facts "Notifications" (ews-managed-api
 * GetStreamingEventsResponse.cs reads the messages name space; a capture of Exchange 2016).
 */
const KNOWN_DIFFERENCES = [
  /messages\}Notification': This element is not expected\. Expected is \( \{[^}]*types\}Notification \)/,
  /messages\}SubscriptionId': This element is not expected\. Expected is \( \{[^}]*types\}SubscriptionId \)/,
];

const recorded: { readonly operation: string; readonly body: string }[] = [];
const servers: FakeExchange[] = [];

export interface Caller {
  readonly world: ExchangeWorld;
  readonly exchange: FakeExchange;
  /** Sends one operation; `user` is impersonated by the service account. */
  call(body: string, options?: CallOptions): Promise<Reply>;
}

export interface CallOptions {
  readonly user?: string;
  /** login without impersonation */
  readonly login?: string;
  readonly password?: string;
  readonly version?: string;
  readonly timeZone?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly raw?: boolean;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** root of the answer; throws when it is no XML */
  readonly root: XmlElement;
  /** codes of all response messages, or of the fault */
  readonly codes: readonly string[];
  /** all elements of a local name, anywhere */
  all(name: string): XmlElement[];
  /** text of the first element of that name */
  first(name: string): string | undefined;
}

/** A server of the test file's own, closed at its end. */
export async function openExchange(
  options: Partial<Omit<FakeExchangeOptions, 'world'>> & {
    readonly world?: ExchangeWorld;
    readonly worldOptions?: ExchangeWorldOptions;
  } = {},
): Promise<Caller> {
  const {
    world = new ExchangeWorld({ clock: WorldClock.manual(), mailboxes: 10, ...options.worldOptions }),
    worldOptions: _own,
    ...rest
  } = options;
  const exchange = await startFakeExchange({ world, onResponse: (record) => void recorded.push(record), ...rest });
  servers.push(exchange);
  return { world, exchange, call: (body, callOptions = {}) => call(exchange, body, callOptions) };
}

export function basic(login: string, password = PASSWORD): string {
  return `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`;
}

/** A SOAP request as clients send it. */
export function envelope(body: string, options: CallOptions = {}): string {
  const { user, login, version = 'Exchange2016', timeZone } = options;
  const impersonated = login === undefined ? (user ?? 'user1@example.test') : user;
  const impersonation =
    impersonated === undefined
      ? ''
      : `<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>${impersonated}</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>`;
  const zone =
    timeZone === undefined ? '' : `<t:TimeZoneContext><t:TimeZoneDefinition Id="${timeZone}"/></t:TimeZoneContext>`;
  return `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="${SOAP_NS}" xmlns:t="${TYPES_NS}" xmlns:m="${MESSAGES_NS}"><s:Header><t:RequestServerVersion Version="${version}"/>${impersonation}${zone}</s:Header><s:Body>${body}</s:Body></s:Envelope>`;
}

async function call(exchange: FakeExchange, body: string, options: CallOptions): Promise<Reply> {
  const response = await fetch(exchange.ewsUrl, {
    method: 'POST',
    headers: {
      'content-type': 'text/xml; charset=utf-8',
      authorization: basic(options.login ?? 'svc@example.test', options.password),
      ...options.headers,
    },
    body: options.raw === true ? body : envelope(body, options),
  });
  return toReply(response.status, await response.text(), response.headers);
}

export function toReply(status: number, text: string, headers = new Headers()): Reply {
  let tree: XmlElement | undefined;
  const root = (): XmlElement => (tree ??= parseXml(text));
  const all = (name: string): XmlElement[] => [...walk(root())].filter((element) => element.name === name);
  return {
    status,
    text,
    headers,
    get root() {
      return root();
    },
    get codes() {
      return all('ResponseCode').map((element) => element.text);
    },
    all,
    first: (name) => all(name)[0]?.text,
  };
}

function* walk(element: XmlElement): IterableIterator<XmlElement> {
  yield element;
  for (const child of element.children) yield* walk(child);
}

/** Registers closing of the servers, and a last test that validates everything they answered. */
export function closeAndValidate(): void {
  afterAll(async () => {
    for (const server of servers.splice(0)) {
      await server.close();
      server.world.clock.stop();
    }
  });
  const isThere = existsSync(SCHEMA);
  if (!isThere) console.warn(`SKIPPED: answers are not checked against the schemas, ${SCHEMA} is not there`);
  it.skipIf(!isThere)(
    'every answer of these tests is valid by the published schemas, but for the documented differences',
    { timeout: 60_000 },
    async () => {
      const problems = await validate(
        recorded.filter(({ operation, body }) => body !== '' && !operation.startsWith('Autodiscover')),
      );
      expect(problems).toEqual([]);
    },
  );
}

/** One xmllint over all of them. */
async function validate(bodies: readonly { readonly operation: string; readonly body: string }[]): Promise<string[]> {
  expect(bodies.length, 'answers to check').toBeGreaterThan(0);
  const folder = await mkdtemp(path.join(tmpdir(), 'ews-answers-'));
  try {
    await Promise.all(
      bodies.map(({ operation, body }, index) => writeFile(path.join(folder, `${index}-${operation}.xml`), body)),
    );
    const output = await xmllint(
      folder,
      bodies.map(({ operation }, index) => `${index}-${operation}.xml`),
    );
    const lines = output
      .split('\n')
      .filter((line) => line !== '' && !line.endsWith(' validates') && !line.endsWith(' fails to validate'));
    return lines.filter((line) => !KNOWN_DIFFERENCES.some((known) => known.test(line)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function xmllint(cwd: string, files: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      'xmllint',
      ['--noout', '--nonet', '--schema', SCHEMA, ...files],
      { cwd, maxBuffer: 1 << 28 },
      (error, _stdout, stderr) => {
        if (error !== null && 'code' in error && error.code === 'ENOENT') reject(new Error('xmllint is not installed'));
        else resolve(stderr);
      },
    );
  });
}
