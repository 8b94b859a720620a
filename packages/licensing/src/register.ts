/**
 * Registration: online, or offline by two files. Contract, section 7; guide, sections 2.3.2–2.3.3.
 * A licence is stored only after it was verified as ours; a failed attempt changes nothing of what was there.
 */
import { rm } from 'node:fs/promises';
import type { Instant } from '@calendar-connector/calendar-model';
import { z } from 'zod';
import type { LicencePlace } from './check-licence.ts';
import { entitlements } from './entitlements.ts';
import { asOutcome, LicenceError, type Outcome } from './fault.ts';
import { findInstallation, type Installation, openInstallation } from './installation.ts';
import { type IssuerKey, loadIssuerKeys } from './issuer-keys.ts';
import { saveLastSeen, saveLicence } from './licence-state.ts';
import { type Licence, offlineReplyPayload } from './payloads.ts';
import { signRequest } from './registration-request.ts';
import { type RegistrationServer, sendRegister } from './registration-server.ts';
import { readAs, verifiedPayload, verifyLicence } from './signed-text.ts';
import { readState, readText, stateFiles, writeState, writeText } from './state-files.ts';

export interface RegisterOptions extends LicencePlace {
  readonly key: string;
  /** version of the program */
  readonly version: string;
  readonly now: Instant;
}

export interface OnlineOptions extends RegisterOptions {
  readonly server: RegistrationServer;
  readonly signal?: AbortSignal | undefined;
}

const pendingFile = z.object({ version: z.literal(1), nonces: z.array(z.string().min(1)).min(1) });
/** Replies to this many of the latest offline requests are accepted: people send the file twice. */
const MAX_PENDING = 5;

/** Registers with the server and stores the licence. A `noLink` fault means: offer the offline way. */
export async function registerOnline(options: OnlineOptions): Promise<Outcome<{ readonly licence: Licence }>> {
  return await asOutcome(async () => {
    const keys = await loadIssuerKeys(options.issuerKeyFile, options.builtInKeys);
    const installation = await openInstallation(options);
    const request = await signRequest(installation, options.key, options.version, options.now);
    const text = await sendRegister(options.server, { request: request.text }, options.signal);
    return { licence: await accept(options, installation, text, keys) };
  });
}

/** Writes regoffline.crg beside the licence and remembers what was asked. */
export async function createOfflineRequest(options: RegisterOptions): Promise<Outcome<{ readonly path: string }>> {
  return await asOutcome(async () => {
    const files = stateFiles(options.directory);
    const installation = await openInstallation(options);
    const request = await signRequest(installation, options.key, options.version, options.now);
    const earlier = await readState(files.pendingRequest, pendingFile).catch(() => undefined);
    const nonces = [request.nonce, ...(earlier?.nonces ?? [])].slice(0, MAX_PENDING);
    await writeState(files.pendingRequest, { version: 1, nonces });
    await writeText(files.offlineRequest, `${request.text}\n`, 0o640);
    return { path: files.offlineRequest };
  });
}

export interface OfflineReplyOptions extends LicencePlace {
  /** regoffline2.crg */
  readonly file: string;
  readonly now: Instant;
}

/** Verifies the manager's reply and stores the licence. */
export async function applyOfflineReply(options: OfflineReplyOptions): Promise<Outcome<{ readonly licence: Licence }>> {
  return await asOutcome(async () => {
    const keys = await loadIssuerKeys(options.issuerKeyFile, options.builtInKeys);
    const text = await readText(options.file);
    if (text === undefined) throw new LicenceError({ code: 'fileMissing', path: options.file });
    const reply = readAs(offlineReplyPayload, await verifiedPayload(text, keys));
    const files = stateFiles(options.directory);
    const licenceText = typeof reply.licence === 'string' ? reply.licence : text.trim();
    const licence = await verifyLicence(licenceText, keys);
    const installation = await findInstallation(options);
    if (!installation) throw new LicenceError({ code: 'noRequest', path: files.pendingRequest });
    if (licence.installationId !== installation.id) throw new LicenceError({ code: 'otherMachine' });
    if (licence.edition === 'free') throw new LicenceError({ code: 'freeOffline' });
    const pending = await readState(files.pendingRequest, pendingFile);
    if (!pending) throw new LicenceError({ code: 'noRequest', path: files.pendingRequest });
    if (!pending.nonces.includes(reply.nonce)) throw new LicenceError({ code: 'otherRequest' });
    const accepted = await accept(options, installation, licenceText, keys);
    await rm(files.pendingRequest, { force: true });
    await rm(files.offlineRequest, { force: true });
    return { licence: accepted };
  });
}

/** Stores a licence that is genuine, for this installation, and allows work now. */
async function accept(
  place: LicencePlace & { readonly now: Instant },
  installation: Installation,
  text: string,
  keys: readonly IssuerKey[],
): Promise<Licence> {
  const licence = await verifyLicence(text, keys);
  if (licence.installationId !== installation.id) throw new LicenceError({ code: 'otherMachine' });
  const { fault, maySync } = entitlements(licence, undefined, place.now);
  if (!maySync && fault) throw new LicenceError(fault);
  await saveLicence(place.directory, { licence: text.trim(), registeredAt: place.now });
  await saveLastSeen(place.directory, place.now);
  return licence;
}
