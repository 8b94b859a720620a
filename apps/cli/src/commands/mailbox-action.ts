/** `mailbox resync|pause|resume ADDRESS`: asks the daemon; it does the work in its own time. */
import { adminClient } from '../daemon/admin-client.ts';
import { argument, type Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { foundOrFault } from './found.ts';

export type MailboxAction = 'resync' | 'pause' | 'resume';

const DONE = {
  resync: {
    en: (name: string) => `${name} is being read from scratch.`,
    ru: (name: string) => `${name}: ящик перечитывается заново.`,
  },
  pause: {
    en: (name: string) => `${name} is paused.`,
    ru: (name: string) => `${name}: работа с ящиком приостановлена.`,
  },
  resume: {
    en: (name: string) => `${name} is followed again.`,
    ru: (name: string) => `${name}: работа с ящиком возобновлена.`,
  },
} as const;

export async function runAction(call: Call, action: MailboxAction): Promise<number> {
  const address = argument(call, 'address').trim().toLowerCase();
  foundOrFault(call, await adminClient(call).post('mailboxes', address, action), 'mailbox', address);
  call.io.out(DONE[action][call.language](address));
  return EXIT.ok;
}
