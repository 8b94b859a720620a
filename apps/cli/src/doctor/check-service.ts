/** 19: the service can run here: folders, its ports, limits of open files, the unit's hardening. */
import { execFile } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { AdminClient } from '../daemon/admin-client.ts';
import { CommandFault } from '../program/fault.ts';
import { type Check, type CheckFinding, failed, fine, warned } from './check.ts';
import type { DoctorContext } from './context.ts';

const UNIT = 'trueconf-calendar.service';
const FILES_WANTED = 4096;
const PROPERTIES = ['LoadState', 'NoNewPrivileges', 'ProtectSystem', 'LimitNOFILE'] as const;

export const checkService: Check = {
  id: 'service',
  title: { en: 'Service', ru: 'Служба' },
  needs: ['config'],
  run: async (context) => {
    const findings = await Promise.all([lookAtFolders(context), lookAtPorts(context), lookAtUnit()]);
    return findings.flat();
  },
};

/** The folder for logs matters only to a service that writes them into files. */
async function lookAtFolders({ paths, config }: DoctorContext): Promise<readonly CheckFinding[]> {
  const folders = [paths.data, ...(config.log.to === 'file' ? [paths.logs] : [])];
  const findings = folders.map(async (folder) => {
    try {
      await access(folder, constants.W_OK);
      return [];
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      const cause = { en: `the folder cannot be written (${code})`, ru: `в папку нельзя писать (${code})` };
      const command = `install -d -o trueconf-calendar -g trueconf-calendar -m 0750 ${folder}`;
      const fix = {
        en: `make it and give it to the user of the service: ${command}`,
        ru: `создайте её и отдайте пользователю службы: ${command}`,
      };
      return [warned(cause, fix, folder)];
    }
  });
  return (await Promise.all(findings)).flat();
}

/** Taken by our own running daemon is well; taken by anything else is not. */
async function lookAtPorts(context: DoctorContext): Promise<readonly CheckFinding[]> {
  const { wsPort, wsHost, http } = context.config;
  const subject = `${wsHost}:${wsPort}, ${http.host}:${http.port}`;
  if (await isServing(context)) return [fine('the service runs', 'служба работает', subject)];
  const findings = await Promise.all([
    lookAtPort(wsPort, wsHost, 'wsHost', 'wsPort'),
    lookAtPort(http.port, http.host, 'http.host', 'http.port'),
  ]);
  const problems = findings.flat();
  return problems.length > 0
    ? problems
    : [fine('the service does not run; its ports are free', 'служба не работает; её порты свободны', subject)];
}

/** Only our daemon says at this address that it lives; no token is needed to hear it. */
async function isServing({ config, call, signal }: DoctorContext): Promise<boolean> {
  try {
    return (await new AdminClient(config.http, call.language, signal).text('/livez'))?.startsWith('ok: ') === true;
  } catch (error) {
    if (error instanceof CommandFault) return false;
    throw error;
  }
}

async function lookAtPort(
  port: number,
  host: string,
  hostKey: string,
  portKey: string,
): Promise<readonly CheckFinding[]> {
  const problem = await tryPort(port, host);
  const subject = `${host}:${port}`;
  if (problem === undefined) return [];
  if (problem === 'EADDRINUSE') {
    const cause = { en: 'the port is taken by another program', ru: 'порт занят другой программой' };
    const fix = {
      en: `end that program (ss -ltnp 'sport = :${port}') or change ${portKey}`,
      ru: `завершите её (ss -ltnp 'sport = :${port}') или измените ${portKey}`,
    };
    return [failed(cause, fix, subject)];
  }
  const cause = { en: `the port may not be used (${problem})`, ru: `порт использовать нельзя (${problem})` };
  const fix = { en: `check ${hostKey} and ${portKey}`, ru: `проверьте ${hostKey} и ${portKey}` };
  return [failed(cause, fix, subject)];
}

async function tryPort(port: number, host: string): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

async function lookAtUnit(): Promise<readonly CheckFinding[]> {
  const unit = await unitProperties();
  if (unit.get('LoadState') !== 'loaded') return [...(await lookAtLimits())];
  const findings: CheckFinding[] = [];
  if (unit.get('NoNewPrivileges') !== 'yes' || unit.get('ProtectSystem') === 'no') {
    findings.push(warned(SOFT.cause, SOFT.fix, UNIT));
  }
  if (Number(unit.get('LimitNOFILE')) < FILES_WANTED) findings.push(warned(FILES.cause, FILES.fix, UNIT));
  return findings.length > 0 ? findings : [fine('the unit is hardened', 'юнит защищён', UNIT)];
}

async function unitProperties(): Promise<ReadonlyMap<string, string>> {
  try {
    const args = ['show', UNIT, ...PROPERTIES.map((name) => `--property=${name}`)];
    const { stdout } = await promisify(execFile)('systemctl', args, { timeout: 2_000 });
    return new Map(
      stdout.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
  } catch {
    return new Map();
  }
}

/** Without a unit the service inherits the limits of whoever starts it: ours. */
async function lookAtLimits(): Promise<readonly CheckFinding[]> {
  const text = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(text)?.[1];
  const isLow = hard !== undefined && hard !== 'unlimited' && Number(hard) < FILES_WANTED;
  return isLow
    ? [warned(FILES.cause, FILES.fix)]
    : [fine('not installed as a systemd unit here', 'юнит systemd здесь не установлен')];
}

const SOFT = {
  cause: { en: 'the hardening of the unit is switched off', ru: 'защитные настройки юнита отключены' },
  fix: { en: `remove the override: systemctl revert ${UNIT}`, ru: `уберите переопределение: systemctl revert ${UNIT}` },
} as const;
const FILES = {
  cause: {
    en: `fewer than ${FILES_WANTED} open files are allowed`,
    ru: `разрешено меньше ${FILES_WANTED} открытых файлов`,
  },
  fix: { en: 'raise LimitNOFILE of the unit (or ulimit -n)', ru: 'увеличьте LimitNOFILE юнита (или ulimit -n)' },
} as const;
