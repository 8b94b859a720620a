/** Runs the checks as early as what they need allows, side by side; gives them back in their order. */
import type { Check, CheckFinding, Verdict } from './check.ts';
import type { DoctorContext } from './context.ts';

export interface CheckReport {
  readonly number: number;
  readonly id: string;
  readonly title: Check['title'];
  readonly verdict: Verdict;
  readonly ms: number;
  readonly findings: readonly CheckFinding[];
  /** the failed check that made this one pointless */
  readonly because?: string;
}

const LIMIT_MS = 10_000;

export async function runChecks(checks: readonly Check[], context: DoctorContext): Promise<readonly CheckReport[]> {
  const reports = new Map<string, Promise<CheckReport>>();
  for (const [index, check] of checks.entries()) {
    const before = check.needs.map((id) => {
      const needed = reports.get(id);
      if (!needed) throw new Error(`the check ${check.id} needs ${id}, which does not stand before it`);
      return needed;
    });
    reports.set(check.id, runOne(check, index + 1, before, context));
  }
  return await Promise.all(reports.values());
}

async function runOne(
  check: Check,
  number: number,
  before: readonly Promise<CheckReport>[],
  context: DoctorContext,
): Promise<CheckReport> {
  const needed = await Promise.all(before);
  const { id, title } = check;
  const broken = needed.find(({ verdict, because }) => verdict === 'fail' || because !== undefined);
  if (broken) return { number, id, title, verdict: 'skip', ms: 0, findings: [], because: broken.because ?? broken.id };
  const startedAt = performance.now();
  const findings = await limited(check, context);
  const ms = Math.round(performance.now() - startedAt);
  return { number, id, title, verdict: worst(findings), ms, findings };
}

async function limited(check: Check, context: DoctorContext): Promise<readonly CheckFinding[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly CheckFinding[]>((resolve) => {
    timer = setTimeout(() => resolve([TOO_LATE]), LIMIT_MS);
  });
  try {
    return await Promise.race([check.run(context), late]);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return [{ verdict: 'fail', cause: { en: text, ru: text }, fix: UNEXPECTED }];
  } finally {
    clearTimeout(timer);
  }
}

const TOO_LATE: CheckFinding = {
  verdict: 'fail',
  cause: { en: 'the check did not end in time', ru: 'проверка не закончилась вовремя' },
  fix: {
    en: 'see which server answers slowly; packets may be dropped by a firewall',
    ru: 'выясните, какой сервер отвечает медленно; возможно, пакеты отбрасывает межсетевой экран',
  },
};
const UNEXPECTED = {
  en: 'if the cause is not clear, send a support bundle: tc_calendar support-bundle FILE',
  ru: 'если причина неясна, отправьте данные для поддержки: tc_calendar support-bundle FILE',
};

function worst(findings: readonly CheckFinding[]): Verdict {
  if (findings.length === 0) return 'skip';
  if (findings.some(({ verdict }) => verdict === 'fail')) return 'fail';
  return findings.some(({ verdict }) => verdict === 'warn') ? 'warn' : 'ok';
}
