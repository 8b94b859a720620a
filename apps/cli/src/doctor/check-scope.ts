/** 12: a mailbox outside the list must be refused: an unlimited role opens the whole organisation to whoever gets the password. */
import { type CalendarItem, mailboxAddress } from '@calendar-connector/calendar-model';
import { type Check, fine, warned } from './check.ts';
import type { DoctorContext } from './context.ts';
import { signedInMailboxes, type Tried } from './resolved-mailboxes.ts';

const LOOK_BACK_MS = 30 * 86_400_000;

export const checkScope: Check = {
  id: 'scope',
  title: { en: 'Limit of that right', ru: 'Ограничение этого права' },
  needs: ['config'],
  run: async (context) => {
    const findings = await Promise.all(
      (await signedInMailboxes(context)).filter(({ ok }) => ok).map((one) => judge(context, one)),
    );
    return findings.flat();
  },
};

async function judge(context: DoctorContext, tried: Tried) {
  const outsider = context.options.outside ?? (await findOutsider(context, tried));
  if (outsider === undefined) return [fine(UNKNOWN.en, UNKNOWN.ru, tried.provider.name)];
  const answer = await context.resolve(tried.provider, outsider);
  if (answer.ok) return [warned(TOO_WIDE, fixFor(tried), tried.provider.name)];
  const { kind } = answer.failure;
  if (kind === 'impersonationDenied')
    return [fine('a mailbox outside the list is refused', 'ящик не из списка закрыт', tried.provider.name)];
  // Anything else says nothing about rights: a mailbox that does not exist is refused to everybody.
  if (kind === 'mailboxNotFound' && context.options.outside !== undefined)
    return [warned(NO_SUCH(outsider), NAME_ANOTHER, tried.provider.name)];
  return [fine(UNKNOWN.en, UNKNOWN.ru, tried.provider.name)];
}

const NO_SUCH = (address: string) => ({
  en: `Exchange knows no mailbox ${address}: whether others are refused was not tried`,
  ru: `Exchange не знает ящика ${address}: закрыт ли доступ к чужим ящикам, не проверено`,
});
const NAME_ANOTHER = {
  en: 'name a mailbox that exists and is not in the list: tc_calendar doctor --outside ADDRESS',
  ru: 'назовите существующий ящик не из списка: tc_calendar doctor --outside АДРЕС',
};

const UNKNOWN = {
  en: 'no mailbox outside the list is known; name one to check: tc_calendar doctor --outside ADDRESS',
  ru: 'ящик не из списка неизвестен; чтобы проверить, назовите его: tc_calendar doctor --outside АДРЕС',
};
const TOO_WIDE = {
  en: 'the service account may open mailboxes that are not in the list',
  ru: 'служебная учётная запись может открывать ящики не из списка',
};

function fixFor(tried: Tried) {
  const login = tried.provider.credentials[0]?.login ?? '';
  const commands =
    'New-ManagementScope -Name "Calendar connector" -RecipientRestrictionFilter {MemberOfGroup -eq "<DN of a group with these mailboxes>"}; ' +
    `New-ManagementRoleAssignment -Role ApplicationImpersonation -User "${login}" -CustomRecipientWriteScope "Calendar connector"`;
  return {
    en: `limit the role in the Exchange Management Shell: ${commands}`,
    ru: `ограничьте роль в командной консоли Exchange: ${commands}`,
  };
}

/** Somebody of the same domain who meets the people of the list but is not in it. */
async function findOutsider(context: DoctorContext, tried: Tried): Promise<string | undefined> {
  if (!tried.ok) return undefined;
  const now = context.call.io.now();
  const window = { from: now - LOOK_BACK_MS, to: now + LOOK_BACK_MS };
  const items = await tried.source.readCalendarView(tried.resolved, window, context.signal).catch(() => []);
  const domain = tried.address.slice(tried.address.indexOf('@'));
  const listed = new Set(context.config.calendarProviders.flatMap(({ users }) => users));
  return addressesOf(items).find((address) => address.endsWith(domain) && !listed.has(mailboxAddress(address)));
}

function addressesOf(items: readonly CalendarItem[]): string[] {
  return items.flatMap(({ organizer }) => (organizer?.address === undefined ? [] : [organizer.address]));
}
