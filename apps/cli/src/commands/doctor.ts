/** `doctor`: the twenty checks of one installation (feature E1). Exit code 0 all well, 1 warnings, 2 failures. */
import { CHECKS } from '../doctor/checks.ts';
import type { DoctorContext } from '../doctor/context.ts';
import { openContext } from '../doctor/open-context.ts';
import { type CheckReport, runChecks } from '../doctor/run-checks.ts';
import { type Call, hasFlag } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';
import type { Language } from '../program/language.ts';

const TEXTS = {
  en: {
    skip: 'needs',
    nothing: 'nothing to look at; see the failures',
    fix: 'fix',
    summary: (ok: number, warn: number, fail: number, skip: number) =>
      `${ok} ok, ${warn} warnings, ${fail} failures, ${skip} skipped`,
  },
  ru: {
    skip: 'нужна проверка',
    nothing: 'проверять нечего; см. ошибки',
    fix: 'что делать',
    summary: (ok: number, warn: number, fail: number, skip: number) =>
      `в порядке ${ok}, предупреждений ${warn}, ошибок ${fail}, пропущено ${skip}`,
  },
} as const;

export async function run(call: Call): Promise<number> {
  const context = openContext(call);
  refuseMixedUp(call, context);
  try {
    const reports = await runChecks(CHECKS, context);
    const code = exitCodeOf(reports);
    if (hasFlag(call, 'json')) call.io.out(JSON.stringify(asJson(reports, call.language, code), null, 2));
    else call.io.out(asText(reports, call.language).join('\n'));
    return code;
  } finally {
    await context.close();
  }
}

/** A mailbox that no provider lists leaves the checks of mailboxes nothing to look at; a listed one proves no limit. */
function refuseMixedUp({ language }: Call, { loaded, options }: DoctorContext): void {
  const { mailbox, outside } = options;
  if (!loaded.ok) return;
  const listed = new Set<string>(loaded.config.calendarProviders.flatMap(({ users }) => users));
  if (outside !== undefined && listed.has(outside)) {
    const inside = {
      en: `${outside} is in calendarProviders[].users and must be open; --outside takes a mailbox that is in none`,
      ru: `${outside} есть в calendarProviders[].users и должен быть открыт; для --outside нужен ящик не из списка`,
    };
    throw new CommandFault(EXIT.usage, inside[language]);
  }
  if (mailbox === undefined || listed.has(mailbox)) return;
  const text = {
    en: `${mailbox} is in no calendarProviders[].users; to check that it is refused use --outside`,
    ru: `${mailbox} нет ни в одном calendarProviders[].users; чтобы проверить, что доступ к нему закрыт, укажите --outside`,
  };
  throw new CommandFault(EXIT.usage, text[language]);
}

export function exitCodeOf(reports: readonly CheckReport[]): number {
  if (reports.some(({ verdict }) => verdict === 'fail')) return EXIT.checksFailed;
  return reports.some(({ verdict }) => verdict === 'warn') ? EXIT.failed : EXIT.ok;
}

export function asJson(reports: readonly CheckReport[], language: Language, exitCode: number) {
  return {
    exitCode,
    checks: reports.map(({ number, id, title, verdict, ms, findings, because }) => ({
      number,
      id,
      title: title[language],
      verdict,
      ms,
      ...(because === undefined ? {} : { because }),
      findings: findings.map(({ verdict: own, subject, cause, fix }) => ({
        verdict: own,
        ...(subject === undefined ? {} : { subject }),
        cause: cause[language],
        ...(fix === undefined ? {} : { fix: fix[language] }),
      })),
    })),
  };
}

function asText(reports: readonly CheckReport[], language: Language): string[] {
  const say = TEXTS[language];
  const lines = reports.flatMap((report) => {
    const head = `${report.verdict.padEnd(4)} ${String(report.number).padStart(2)} ${report.title[language]} (${report.id}, ${report.ms} ms)`;
    if (report.because !== undefined) return [`${head}: ${say.skip} ${report.because}`];
    if (report.verdict === 'skip') return [`${head}: ${say.nothing}`];
    return [head, ...report.findings.flatMap((finding) => findingLines(finding, language))];
  });
  const count = (verdict: CheckReport['verdict']): number =>
    reports.filter((report) => report.verdict === verdict).length;
  return [...lines, '', say.summary(count('ok'), count('warn'), count('fail'), count('skip'))];
}

function findingLines(finding: CheckReport['findings'][number], language: Language): string[] {
  const subject = finding.subject === undefined ? '' : `${finding.subject}: `;
  const mark = finding.verdict === 'ok' ? '-' : finding.verdict === 'warn' ? '!' : '✗';
  const cause = `        ${mark} ${subject}${finding.cause[language]}`;
  return finding.fix === undefined ? [cause] : [cause, `          ${TEXTS[language].fix}: ${finding.fix[language]}`];
}
