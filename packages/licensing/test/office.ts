/** A registration office and an installation for tests: the fake server over real sockets, a folder, a clock. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeRegistration, type FakeRegistrationOptions, startFakeRegistration } from '@calendar-connector/fakes';
import {
  checkLicence,
  type LicenceFault,
  type LicencePlace,
  licenceMessage,
  type Outcome,
  type RegistrationServer,
  registerOnline,
} from '../src/index.ts';

export const START = Date.parse('2026-03-02T08:00:00Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export interface Office {
  readonly fake: FakeRegistration;
  readonly server: RegistrationServer;
  /** time of the server */
  now: number;
  /** a fresh installation that knows the office's key */
  newPlace(machineId?: string): LicencePlace;
  /** a text signed by the office */
  sign(payload: object): Promise<string>;
  close(): Promise<void>;
}

export async function openOffice(options: FakeRegistrationOptions = {}, ca?: string): Promise<Office> {
  const folder = mkdtempSync(join(tmpdir(), 'tc-licensing-'));
  const issuerKeyFile = join(folder, 'issuer.jwk.json');
  const time = { now: START };
  const clock = { now: () => time.now };
  const fake = await startFakeRegistration({ clock, ...options });
  writeFileSync(issuerKeyFile, JSON.stringify(fake.issuerPublicJwk));
  const office: Office = {
    fake,
    server: { scheme: options.tls ? 'https' : 'http', host: '127.0.0.1', port: fake.port, ca },
    get now() {
      return time.now;
    },
    set now(instant) {
      time.now = instant;
    },
    newPlace: (machineId = '0123456789abcdef0123456789abcdef') => {
      const directory = mkdtempSync(join(folder, 'installation-'));
      return { directory, machineId, issuerKeyFile };
    },
    sign: async (payload) => await fake.registrar.issuer.sign(payload),
    close: async () => {
      await fake.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return office;
}

/** Moments of a licence on the wire. */
export function iso(instant: number): string {
  return new Date(instant).toISOString();
}

/** Registration keys the fake server knows, one per edition. */
export const FREE = 'FREE-0000-0000-0001';
export const STANDARD = 'STND-0000-0000-0001';
export const ENTERPRISE = 'ENTR-0000-0000-0001';

/** What an installation asks of the office that is open at the time of asking. */
export function counterOf(open: () => Office) {
  function register(place: LicencePlace, key: string, server: RegistrationServer = open().server) {
    return registerOnline({ ...place, key, version: '1.2.3', now: open().now, server });
  }
  return {
    register,
    async registered(key: string, place = open().newPlace()): Promise<LicencePlace> {
      const outcome = await register(place, key);
      if (!outcome.ok) throw new Error(licenceMessage(outcome.fault));
      return place;
    },
    async stateOf(place: LicencePlace, now = open().now) {
      return (await checkLicence(place, now)).entitlements;
    },
  };
}

export function faultOf(outcome: Outcome<object>): LicenceFault {
  if (outcome.ok) throw new Error('it was accepted');
  return outcome.fault;
}
