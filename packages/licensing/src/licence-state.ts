/** licence.json and licence-clock.json: what was registered, the last lease, a revocation, the latest time seen. */
import type { Instant } from '@calendar-connector/calendar-model';
import { z } from 'zod';
import { readState, stateFiles, writeState } from './state-files.ts';

const stored = z.object({
  version: z.literal(1),
  licence: z.string().min(1),
  lease: z.string().min(1).optional(),
  registeredAt: z.number(),
  revokedAt: z.number().optional(),
});
const clockFile = z.object({ version: z.literal(1), lastSeen: z.number() });

export type StoredLicence = Readonly<z.output<typeof stored>>;

export async function findStoredLicence(directory: string): Promise<StoredLicence | undefined> {
  return await readState(stateFiles(directory).licence, stored);
}

export async function saveLicence(directory: string, licence: Omit<StoredLicence, 'version'>): Promise<void> {
  await writeState(stateFiles(directory).licence, { version: 1, ...licence });
}

/** The latest time this installation has seen, as far as it is written down. */
export async function findLastSeen(directory: string): Promise<Instant | undefined> {
  return (await readState(stateFiles(directory).clock, clockFile))?.lastSeen;
}

export async function saveLastSeen(directory: string, lastSeen: Instant): Promise<void> {
  await writeState(stateFiles(directory).clock, { version: 1, lastSeen });
}
