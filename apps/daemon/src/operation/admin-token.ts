/**
 * The token for actions when `http.adminToken` is not configured: made at the first start, readable by the service's own
 * user and root only, so that `tc_calendar mailbox resync` works on the machine itself without further set-up.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

export const ADMIN_TOKEN_FILE = 'admin.token';

export async function adminToken(dataFolder: string): Promise<string> {
  const file = path.join(dataFolder, ADMIN_TOKEN_FILE);
  const present = await readFile(file, 'utf8').catch(() => '');
  if (/^[A-Za-z0-9_-]{43}\n?$/.test(present)) return present.trim();
  const token = randomBytes(32).toString('base64url');
  await mkdir(dataFolder, { recursive: true, mode: 0o750 });
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return token;
}
