/** `job retry ID`: gives work that was given up all its attempts again, now. */
import { adminClient } from '../daemon/admin-client.ts';
import { argument, type Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { foundOrFault } from './found.ts';

const DONE = {
  en: (id: string) => `Job ${id} is tried again.`,
  ru: (id: string) => `Задание ${id} выполняется снова.`,
} as const;

export async function run(call: Call): Promise<number> {
  const id = argument(call, 'id').trim();
  foundOrFault(call, await adminClient(call).post('jobs', id, 'retry'), 'job', id);
  call.io.out(DONE[call.language](id));
  return EXIT.ok;
}
