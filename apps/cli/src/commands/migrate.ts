/** `migrate [--plan]`: brings the tables to this version, or says which steps wait. The service does it itself at start. */
import { type Call, hasFlag } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { withStore } from './database.ts';

const TEXTS = {
  en: {
    plan: (current: number, steps: readonly string[]) =>
      steps.length === 0
        ? `The database is up to date (version ${current}).`
        : [`The database has version ${current}. These steps wait:`, ...steps].join('\n'),
    done: (count: number) => (count === 0 ? 'The database was up to date.' : `${count} steps were applied.`),
  },
  ru: {
    plan: (current: number, steps: readonly string[]) =>
      steps.length === 0
        ? `База данных обновления не требует (версия ${current}).`
        : [`Версия базы данных: ${current}. Ожидают шаги:`, ...steps].join('\n'),
    done: (count: number) => (count === 0 ? 'База данных обновления не требовала.' : `Выполнено шагов: ${count}.`),
  },
} as const;

export async function run(call: Call): Promise<number> {
  const say = TEXTS[call.language];
  const text = await withStore(call, async (store) => {
    if (!hasFlag(call, 'plan')) return say.done((await store.migrate()).length);
    const { current, pending } = await store.planMigration();
    return say.plan(current, pending.map(describe));
  });
  call.io.out(text);
  return EXIT.ok;
}

function describe(
  step: { readonly version?: unknown; readonly id?: unknown; readonly name?: unknown } | number,
): string {
  if (typeof step === 'number') return `  ${step}`;
  return `  ${[step.version ?? step.id, step.name]
    .filter((part) => part !== undefined)
    .map(String)
    .join(' ')}`;
}
