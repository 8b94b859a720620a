/** `anomaly release|discard ID`: an administrator's decision on an anomaly; asks the daemon, which acts on it at once. */
import { adminClient } from '../daemon/admin-client.ts';
import { at } from '../daemon/rendering.ts';
import { argument, type Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { foundOrFault } from './found.ts';

export type AnomalyDecision = 'release' | 'discard';

const DONE = {
  release: {
    en: (id: string) => `Anomaly ${id}: the events are really gone; their removal is carried out.`,
    ru: (id: string) => `Аномалия ${id}: события действительно удалены; удаление выполняется.`,
  },
  discard: {
    en: (id: string) => `Anomaly ${id}: the events stay until the mailbox is next read from scratch.`,
    ru: (id: string) => `Аномалия ${id}: события остаются до следующего полного чтения ящика.`,
  },
} as const;
const ALREADY = {
  en: (id: string) => `Anomaly ${id} was decided before; nothing was changed.`,
  ru: (id: string) => `По аномалии ${id} решение уже принято; ничего не изменено.`,
} as const;

export async function runDecision(call: Call, decision: AnomalyDecision): Promise<number> {
  const id = argument(call, 'id').trim();
  const answer = foundOrFault(call, await adminClient(call).post('anomalies', id, decision), 'anomaly', id);
  const isNew = at(answer, 'outcome') !== 'already';
  call.io.out((isNew ? DONE[decision] : ALREADY)[call.language](id));
  return isNew ? EXIT.ok : EXIT.failed;
}
