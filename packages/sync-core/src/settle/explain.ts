/**
 * A plan in words, for `explain`, dry runs and traces. Says what, by which rule and why; names no subject, body or person.
 */
import type { Decision, Plan } from '../model/decision.ts';
import { REASONS, RULES } from '../model/rule.ts';
import type { Language } from '../model/settings.ts';

const WORDS = {
  en: {
    nothing: 'Nothing to do.',
    again: 'Looks again at',
    start: 'Starts at',
    cancelStart: 'No start any more at',
    removal: 'Items whose removal is believed now:',
    blocked: 'Blocked:',
    anomaly: 'Anomaly:',
    because: 'because',
  },
  ru: {
    nothing: 'Делать нечего.',
    again: 'Следующая проверка:',
    start: 'Запуск:',
    cancelStart: 'Запуск отменён:',
    removal: 'Подтверждено удаление событий:',
    blocked: 'Остановлено:',
    anomaly: 'Аномалия:',
    because: 'потому что',
  },
} as const;

/** The plan as lines of text. */
export function explain(plan: Plan, language: Language): string {
  const words = WORDS[language];
  const decisions = plan.decisions.map((decision, index) => `${index + 1}. ${sentence(decision, language)}`);
  const quiet = plan.fired
    .filter((firing) => !plan.decisions.some((d) => d.rule === firing.rule && d.why === firing.why))
    .map((firing) => `- ${firing.rule} ${RULES[firing.rule][language]}: ${REASONS[firing.why][language]}`);
  return [
    `${plan.key} (${plan.version})`,
    ...(decisions.length === 0 ? [words.nothing] : decisions),
    ...quiet,
    ...plan.startsToSchedule.map((job) => `- ${words.start} ${time(job.at)}`),
    ...plan.startsToCancel.map((job) => `- ${words.cancelStart} ${time(job.occurrenceStart)}`),
    ...(plan.removals.length > 0 ? [`- ${words.removal} ${plan.removals.length}`] : []),
    ...plan.anomalies.map((anomaly) => `- ${words.anomaly} ${anomaly.kind}`),
    ...(plan.blocked
      ? [`- ${words.blocked} ${REASONS[plan.blocked.reason][language]} (${time(plan.blocked.since)})`]
      : []),
    ...(plan.planAgainAt === undefined ? [] : [`- ${words.again} ${time(plan.planAgainAt)}`]),
  ].join('\n');
}

function sentence(decision: Decision, language: Language): string {
  const rule = `${decision.rule} ${RULES[decision.rule][language]}`;
  return `${rule}${facts(decision)} — ${WORDS[language].because} ${REASONS[decision.why][language]}`;
}

/** Ids, names of fields and counts. */
function facts(decision: Decision): string {
  switch (decision.kind) {
    case 'wait':
      return ` [${decision.fields.join(', ')}]`;
    case 'writeJoinLink':
      return ` [${decision.url}]`;
    case 'updateConference':
      return ` [${decision.conferenceId}: ${Object.keys(decision.patch).join(', ')}]`;
    case 'addParticipants':
    case 'removeParticipants':
    case 'ringParticipants':
      return ` [${decision.conferenceId}: ${decision.participants.length}]`;
    default:
      return ` [${decision.conferenceId}]`;
  }
}

function time(instant: number): string {
  return Number.isFinite(instant) ? new Date(instant).toISOString() : String(instant);
}
