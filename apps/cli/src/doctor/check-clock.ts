/** 2: this machine's clock against the clocks of the servers: starts happen by it, licences and certificates are judged by it. */
import { type Check, type CheckFinding, failed, fine, warned } from './check.ts';

const WARN_MS = 5_000;
const FAIL_MS = 300_000;

export const checkClock: Check = {
  id: 'clock',
  title: { en: 'Clock', ru: 'Часы' },
  needs: ['config'],
  run: async (context) => {
    const all = await Promise.all(context.endpoints().map((endpoint) => context.probe(endpoint)));
    return all.flatMap(({ endpoint, http }) =>
      http?.clockOffsetMs === undefined ? [] : [judge(endpoint.label, http.clockOffsetMs)],
    );
  },
};

function judge(label: string, offsetMs: number): CheckFinding {
  const seconds = Math.round(offsetMs / 1000);
  const size = Math.abs(offsetMs);
  if (size <= WARN_MS) return fine('clocks agree', 'часы совпадают', label);
  const cause = {
    en: `its clock is ${seconds} s away from this machine's`,
    ru: `часы сервера расходятся с часами этой машины на ${seconds} с`,
  };
  const fix = {
    en: 'synchronise both with NTP: timedatectl set-ntp true',
    ru: 'синхронизируйте обе машины по NTP: timedatectl set-ntp true',
  };
  return size > FAIL_MS ? failed(cause, fix, label) : warned(cause, fix, label);
}
