/**
 * The installation: an Ed25519 key pair made on first use, bound to the machine.
 * Its id is a hash over public key and machine id. A licence names that id, so files copied to another machine
 * give another id there, and altering the id needs the issuer's signature.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { CompactSign, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { z } from 'zod';
import { LicenceError } from './fault.ts';
import { readMachineId } from './machine-id.ts';
import { readState, stateFiles, writeState } from './state-files.ts';

const EXPOSED_MODE = 0o077;
const keyPart = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const installationFile = z.object({
  version: z.literal(1),
  privateKey: z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: keyPart, d: keyPart }),
});

interface PublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
}

export interface Installation {
  readonly id: string;
  readonly publicKey: PublicKey;
  /** compact JWS by the installation's key */
  sign(payload: object): Promise<string>;
}

export interface InstallationPlace {
  /** var/lib/calendar */
  readonly directory: string;
  /** default: the machine's own */
  readonly machineId?: string | undefined;
}

/** The installation of this directory, or undefined when it has none yet; throws LicenceError. */
export async function findInstallation(place: InstallationPlace): Promise<Installation | undefined> {
  const path = stateFiles(place.directory).installation;
  const file = await readState(path, installationFile);
  if (!file) return undefined;
  await refuseExposed(path);
  return await installationOf(file.privateKey, place.machineId ?? readMachineId(), path);
}

/** The installation of this directory, made when there is none; throws LicenceError. */
export async function openInstallation(place: InstallationPlace): Promise<Installation> {
  const found = await findInstallation(place);
  if (found) return found;
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const { kty, crv, x, d } = await exportJWK(privateKey);
  const path = stateFiles(place.directory).installation;
  await writeState(path, { version: 1, privateKey: { kty, crv, x, d } });
  return await installationOf({ kty, crv, x, d } as JWK, place.machineId ?? readMachineId(), path);
}

async function installationOf(jwk: JWK, machineId: string, path: string): Promise<Installation> {
  const publicKey: PublicKey = { kty: 'OKP', crv: 'Ed25519', x: String(jwk.x) };
  const key = await importJWK({ ...jwk, alg: 'EdDSA' }, 'EdDSA').catch(() => {
    throw new LicenceError({ code: 'fileDamaged', path });
  });
  return {
    id: installationId(publicKey, machineId),
    publicKey,
    sign: async (payload) =>
      await new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
        .setProtectedHeader({ alg: 'EdDSA' })
        .sign(key),
  };
}

function installationId({ x }: PublicKey, machineId: string): string {
  return createHash('sha256').update(`tc_calendar installation\0${x}\0${machineId}`).digest('base64url');
}

async function refuseExposed(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const mode = (await stat(path)).mode & 0o777;
  if ((mode & EXPOSED_MODE) === 0) return;
  throw new LicenceError({ code: 'keyExposed', path, mode: mode.toString(8).padStart(4, '0') });
}
