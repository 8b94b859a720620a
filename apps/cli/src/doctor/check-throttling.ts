/** 15: Exchange lets a few calls at once through. Three light calls: enough to see a policy that is too tight, too few to hurt; after the others, so that they are not the ones refused. */
import { type Check, fine, warned } from './check.ts';
import { signedInMailboxes } from './resolved-mailboxes.ts';

const CALLS = 3;

export const checkThrottling: Check = {
  id: 'throttling',
  title: { en: 'Throttling policy', ru: 'Политика регулирования' },
  needs: ['config', 'scope', 'calendar', 'streaming'],
  run: async (context) => {
    const now = context.call.io.now();
    const [first] = await signedInMailboxes(context);
    if (!first?.ok) return [];
    const window = { from: now, to: now + 3_600_000 };
    const calls = Array.from({ length: CALLS }, () =>
      first.source.readCalendarView(first.resolved, window, context.signal),
    );
    const outcomes = await Promise.allSettled(calls);
    const refused = outcomes.filter((one) => one.status === 'rejected' && one.reason?.kind === 'throttled').length;
    if (refused === 0) return [fine(`${CALLS} calls at once went through`, `прошли одновременные вызовы: ${CALLS}`)];
    const cause = {
      en: `${refused} of ${CALLS} calls at once were refused as too many`,
      ru: `из ${CALLS} одновременных вызовов отклонено как лишние: ${refused}`,
    };
    return [warned(cause, FIX, first.provider.name)];
  },
};

const FIX = {
  en: 'give the service account its own policy: New-ThrottlingPolicy with EwsMaxConcurrency of at least 10, then Set-Mailbox -ThrottlingPolicy',
  ru: 'дайте служебной учётной записи свою политику: New-ThrottlingPolicy с EwsMaxConcurrency не меньше 10, затем Set-Mailbox -ThrottlingPolicy',
};
