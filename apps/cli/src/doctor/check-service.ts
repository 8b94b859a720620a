/** 19: the service can run here: folders, its port, limits of open files, the unit's hardening. */
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
    const findings = await Promise.all([lookAtFolders(context), lookAtPort(context), lookAtUnit()]);
    return findings.flat();
  },
};

async function lookAtFolders({ paths }: DoctorContext): Promise<readonly CheckFinding[]> {
  const findings = [paths.data, paths.logs].map(async (folder) => {
    try {
      await access(folder, constants.W_OK);
      return [];
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      const cause = { en: `the folder cannot be written (${code})`, ru: `в папку нельзя писать (${code})` };
      const fix = {
        en: 'make it and give it to the user of the service: install -d -o trueconf-calendar',
        ru: 'создайте её и отдайте пользователю службы: install -d -o trueconf-calendar',
      };
      return [warned(cause, fix, folder)];
    }
  });
  return (await Promise.all(findings)).flat();
}

/** Taken by our own running daemon is well; taken by anything else is not. */
async function lookAtPort({ config, call, signal }: DoctorContext): Promise<readonly CheckFinding[]> {
  const { wsPort, wsHost } = config;
  const problem = await tryPort(wsPort, wsHost);
  const subject = `${wsHost}:${wsPort}`;
  if (problem === undefined)
    return [fine('the service does not run; its port is free', 'служба не работает; её порт свободен', subject)];
  if (problem !== 'EADDRINUSE') {
    const cause = { en: `the port may not be used (${problem})`, ru: `порт использовать нельзя (${problem})` };
    return [failed(cause, { en: 'check wsHost and wsPort', ru: 'проверьте wsHost и wsPort' }, subject)];
  }
  try {
    await new AdminClient(config.http, call.language, signal).get('status');
    return [fine('the service runs', 'служба работает', subject)];
  } catch (error) {
    if (error instanceof CommandFault && error.exitCode !== 69)
      return [fine('the service runs', 'служба работает', subject)];
    const cause = { en: 'the port is taken by another program', ru: 'порт занят другой программой' };
    const fix = {
      en: `end that program (ss -ltnp 'sport = :${wsPort}') or change wsPort`,
      ru: `завершите её (ss -ltnp 'sport = :${wsPort}') или измените wsPort`,
    };
    return [failed(cause, fix, subject)];
  }
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
