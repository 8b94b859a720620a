/**
 * Takes secrets and names out of any text before it leaves the machine: the values of all configured secrets, sealed
 * texts and bearer tokens become `***`; people become pseudonyms that stay the same within one bundle and mean nothing
 * outside it. Domains stay: support needs them.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { type ConnectorConfig, Secret } from '@calendar-connector/config';

const MASK = '***';
const ADDRESS = /[\p{L}\p{N}._%+'-]{1,64}@([\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+)/gu;
const SEALED = /dGNf[A-Za-z0-9+/]{16,}={0,2}/g;
const BEARER = /\b(Bearer|Basic|NTLM|Negotiate)\s+[A-Za-z0-9._~+/=-]{8,}/gi;
const JWS = /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g;
/** Shorter ones would blacken half the bundle; such passwords are no secret anyway, but never stand in a log alone. */
const MIN_SECRET = 3;

export class Redactor {
  readonly #salt = randomBytes(16);
  readonly #secrets: readonly string[];
  readonly #logins: readonly string[];

  constructor(config: ConnectorConfig | undefined) {
    this.#secrets = config ? secretsIn(config) : [];
    this.#logins = config
      ? config.calendarProviders.flatMap(({ credentials }) => credentials.map(({ login }) => login))
      : [];
  }

  text(text: string): string {
    let safe = text;
    for (const secret of this.#secrets) safe = safe.replaceAll(secret, MASK);
    for (const login of this.#logins) safe = safe.replaceAll(login, this.#pseudonym(login, 'account'));
    return safe
      .replace(SEALED, MASK)
      .replace(BEARER, (_, scheme: string) => `${scheme} ${MASK}`)
      .replace(JWS, MASK)
      .replace(ADDRESS, (address, domain: string) => `${this.#pseudonym(address, 'person')}@${domain}`);
  }

  json(value: unknown): string {
    return `${this.text(JSON.stringify(value, null, 2) ?? 'null')}\n`;
  }

  #pseudonym(name: string, kind: string): string {
    return `${kind}-${createHmac('sha256', this.#salt).update(name.toLowerCase()).digest('hex').slice(0, 8)}`;
  }
}

/** As written and as it would stand inside JSON; longest first, so that one within another does not spoil it. */
function secretsIn(value: unknown): string[] {
  const found = new Set<string>();
  collect(value, found);
  return [...found].filter((text) => text.length >= MIN_SECRET).toSorted((one, other) => other.length - one.length);
}

function collect(value: unknown, found: Set<string>): void {
  if (value instanceof Secret) {
    found.add(value.reveal());
    found.add(JSON.stringify(value.reveal()).slice(1, -1));
  } else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) collect(inner, found);
  }
}
