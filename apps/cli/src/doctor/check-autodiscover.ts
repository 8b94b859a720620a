/** 10: autodiscover knows where the mailboxes live and how they may be grouped. */
import { mailboxAddress } from '@calendar-connector/calendar-model';
import type { Text } from '../program/language.ts';
import { type Check, type CheckFinding, failed, fine, warned } from './check.ts';
import type { DoctorContext } from './context.ts';
import { allMailboxes, type Tried } from './resolved-mailboxes.ts';

export const checkAutodiscover: Check = {
  id: 'autodiscover',
  title: { en: 'Autodiscover', ru: 'Автообнаружение' },
  needs: ['config'],
  run: async (context) => await Promise.all((await allMailboxes(context)).map((one) => judge(context, one))),
};

async function judge(context: DoctorContext, tried: Tried): Promise<CheckFinding> {
  const { address } = tried;
  if (!tried.ok) {
    const { kind, code } = tried.failure;
    if (kind === 'impersonationDenied') return fine('not needed to tell', 'проверяется ниже', address);
    const cause: Text =
      kind === 'mailboxNotFound'
        ? { en: `Exchange knows no such mailbox (${code})`, ru: `Exchange не знает такого ящика (${code})` }
        : { en: `the mailbox could not be found (${code})`, ru: `ящик не удалось найти (${code})` };
    return failed(cause, kind === 'mailboxNotFound' ? USERS : PATH, address);
  }
  const settings = await tried.source.getUserSettings(mailboxAddress(address), context.signal).catch(() => undefined);
  if (settings === undefined) return warned(SILENT, PATH, address);
  const { endpoint, affinityGroup } = tried.resolved;
  return fine(
    `lives at ${endpoint}, group ${affinityGroup}`,
    `находится на ${endpoint}, группа ${affinityGroup}`,
    address,
  );
}

const SILENT: Text = {
  en: 'autodiscover gives no answer; the configured server is used, a move to another one would not be noticed',
  ru: 'автообнаружение не отвечает; используется указанный сервер, переезд ящика на другой замечен не будет',
};
const PATH: Text = {
  en: 'check autodiscoverPath of this provider (normally /autodiscover/autodiscover.svc) and trustedHosts',
  ru: 'проверьте autodiscoverPath этого провайдера (обычно /autodiscover/autodiscover.svc) и trustedHosts',
};
const USERS: Text = {
  en: 'correct the address in calendarProviders[].users, or remove it',
  ru: 'исправьте адрес в calendarProviders[].users или уберите его',
};
