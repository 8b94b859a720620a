/** What goes into a support bundle. Each file stands for itself: what cannot be had says why instead of failing the bundle. */
import { execFile } from 'node:child_process';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ConnectorConfig, DEFAULT_ROOT, formatFinding, redact } from '@calendar-connector/config';
import { checkLicence, licenceMessage } from '@calendar-connector/licensing';
import { pathsOf, readConfig } from '../commands/config-file.ts';
import { asJson, exitCodeOf } from '../commands/doctor.ts';
import { AdminClient } from '../daemon/admin-client.ts';
import { CHECKS } from '../doctor/checks.ts';
import { openContext } from '../doctor/open-context.ts';
import { runChecks } from '../doctor/run-checks.ts';
import type { Call } from '../program/command.ts';
import { programVersion } from '../program/version.ts';
import { Redactor } from './redactor.ts';
import type { ArchiveFile } from './tar-archive.ts';

const LOG_TAIL_BYTES = 2 * 1024 * 1024;
const MAX_LOGS = 5;
/** The last of the service's journal, as much as a log file's end. */
const JOURNAL = [
  '--unit=trueconf-calendar.service',
  '--lines=10000',
  '--output=short-iso-precise',
  '--no-pager',
  '--quiet',
];

export async function bundleFiles(call: Call): Promise<readonly ArchiveFile[]> {
  const loaded = readConfig(call);
  const config = loaded.ok ? loaded.config : undefined;
  const redactor = new Redactor(config);
  const attempt = async (name: string, make: () => Promise<unknown>): Promise<ArchiveFile> => {
    try {
      const value = await make();
      return { name, text: typeof value === 'string' ? redactor.text(value) : redactor.json(value) };
    } catch (error) {
      return {
        name,
        text: redactor.text(`not available: ${error instanceof Error ? error.message : String(error)}\n`),
      };
    }
  };
  const files = [
    await attempt('version.json', async () => ({
      ...programVersion(),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      timeZoneRules: process.versions.tz,
      made: new Date(call.io.now()).toISOString(),
    })),
    await attempt('config-findings.txt', async () =>
      loaded.findings.map((finding) => `${formatFinding(finding)}\n`).join(''),
    ),
    await attempt('doctor.json', async () => await doctorReport(call)),
    ...(config ? await filesOf(call, config, attempt) : []),
    ...(await logFiles(call, redactor)),
    // the unit of the packages runs the installation at its usual place, no other
    ...(pathsOf(call).root === DEFAULT_ROOT ? [await attempt('log/journal.txt', readJournal)] : []),
  ];
  return [...files, { name: 'CONTENTS.txt', text: files.map(({ name, text }) => `${name} ${text.length}\n`).join('') }];
}

type Attempt = (name: string, make: () => Promise<unknown>) => Promise<ArchiveFile>;

async function filesOf(call: Call, config: ConnectorConfig, attempt: Attempt): Promise<readonly ArchiveFile[]> {
  const client = new AdminClient(config.http, call.language, call.io.signal);
  const page = (name: string, ...path: readonly string[]) =>
    attempt(`service/${name}.json`, async () => {
      const answer = await client.get(...path);
      return answer.found ? answer.value : 'not offered by the running version\n';
    });
  return [
    await attempt('config.json', async () => redact(config)),
    await attempt('licence.json', async () => await licenceReport(call, config)),
    await page('status', 'status'),
    await page('mailboxes', 'mailboxes'),
    await page('anomalies', 'anomalies'),
    await page('jobs', 'jobs', 'dead'),
    await attempt('service/metrics.txt', async () => (await client.text('/metrics')) ?? 'not available\n'),
  ];
}

async function doctorReport(call: Call): Promise<unknown> {
  const context = openContext({ ...call, options: {} });
  try {
    const reports = await runChecks(CHECKS, context);
    return asJson(reports, 'en', exitCodeOf(reports));
  } finally {
    await context.close();
  }
}

async function licenceReport(call: Call, config: ConnectorConfig): Promise<unknown> {
  const { issuerKeyFile } = config.registration;
  const place = { directory: pathsOf(call).data, ...(issuerKeyFile === undefined ? {} : { issuerKeyFile }) };
  const { licence, lease, entitlements } = await checkLicence(place, call.io.now());
  const fault = entitlements.fault ? licenceMessage(entitlements.fault, 'en') : undefined;
  const known = licence
    ? { edition: licence.edition, accounts: licence.accounts, expiresAt: licence.expiresAt }
    : undefined;
  return { licence: known, lease, state: entitlements.state, fault };
}

/** The ends of the newest logs; subjects and bodies are never in them. */
async function logFiles(call: Call, redactor: Redactor): Promise<readonly ArchiveFile[]> {
  const { logs } = pathsOf(call);
  const names = (await readdir(logs).catch(() => [])).filter(
    (name) => /^[\w.-]{1,80}$/.test(name) && !name.endsWith('.gz'),
  );
  const newest = names.toSorted().slice(-MAX_LOGS);
  return await Promise.all(
    newest.map(async (name) => ({ name: `log/${name}`, text: redactor.text(await tail(join(logs, name))) })),
  );
}

async function readJournal(): Promise<string> {
  const { stdout } = await promisify(execFile)('journalctl', JOURNAL, { maxBuffer: 64 * 1024 * 1024 });
  return stdout.slice(-LOG_TAIL_BYTES);
}

async function tail(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const length = Math.min(size, LOG_TAIL_BYTES);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
      const text = buffer.toString('utf8', 0, bytesRead);
      return length < size ? text.slice(text.indexOf('\n') + 1) : text;
    } finally {
      await handle.close();
    }
  } catch (error) {
    return `not available: ${error instanceof Error ? error.message : String(error)}\n`;
  }
}
