/** 16: the database: version, rights, migrations, durability, room on the disk. */
import { statfs } from 'node:fs/promises';
import { connectionOf } from '../commands/database.ts';
import { type Check, type CheckFinding, failed, fine, warned } from './check.ts';
import type { DoctorContext } from './context.ts';
import { databaseFinding } from './database-findings.ts';
import { isReached } from './endpoint-probe.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const WARN_BYTES = GIB;
const FAIL_BYTES = 100 * MIB;

export const checkDatabase: Check = {
  id: 'database',
  title: { en: 'Database', ru: 'База данных' },
  needs: ['config'],
  run: async (context) => {
    const endpoint = context.endpoints().find(({ label }) => label === 'PostgreSQL');
    if (endpoint && !isReached(await context.probe(endpoint))) return [];
    return [...(await askServer(context)), ...(await lookAtDisk(context.paths.data))];
  },
};

async function askServer({ config }: DoctorContext): Promise<readonly CheckFinding[]> {
  const external = config.dbConnectionConfig;
  if (!external) return [fine('the embedded database is used', 'используется встроенная база данных')];
  const { openStore } = await import('@calendar-connector/storage-kysely');
  const store = openStore({ connection: connectionOf(external), applicationName: 'tc_calendar doctor', poolSize: 1 });
  try {
    const probe = await store.probe();
    return probe.findings.map((finding) => databaseFinding(finding, probe));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return [failed({ en: text, ru: text }, FIX, `${external.host}:${external.port}`)];
  } finally {
    await store.close();
  }
}

const FIX = {
  en: 'check user, password and database in dbConnectionConfig; the password may be encrypted with tc_calendar --hash_pass',
  ru: 'проверьте user, password и database в dbConnectionConfig; пароль можно зашифровать командой tc_calendar --hash_pass',
};

async function lookAtDisk(folder: string): Promise<readonly CheckFinding[]> {
  const found = await statfs(folder).catch(() => undefined);
  if (!found) return [];
  const free = found.bavail * found.bsize;
  const text = { en: `${Math.floor(free / MIB)} MiB free`, ru: `свободно МиБ: ${Math.floor(free / MIB)}` };
  const fix = { en: 'make room on this file system', ru: 'освободите место на этой файловой системе' };
  if (free < FAIL_BYTES) return [failed(text, fix, folder)];
  return [free < WARN_BYTES ? warned(text, fix, folder) : { verdict: 'ok', cause: text, subject: folder }];
}
