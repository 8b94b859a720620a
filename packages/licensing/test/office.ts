/** A registration office and an installation for tests: the fake server over real sockets, a folder, a clock. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FakeRegistration, type FakeRegistrationOptions, startFakeRegistration } from '@calendar-connector/fakes';
import type { LicencePlace, RegistrationServer } from '../src/index.ts';

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
