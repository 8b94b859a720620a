/** 13: the calendar of a listed mailbox can be read. */
import { type Check, failed, fine } from './check.ts';
import { signedInMailboxes } from './resolved-mailboxes.ts';

const WINDOW_MS = 14 * 86_400_000;

export const checkCalendar: Check = {
  id: 'calendar',
  title: { en: 'Reading a calendar', ru: 'Чтение календаря' },
  needs: ['config'],
  run: async (context) => {
    const now = context.call.io.now();
    const window = { from: now - WINDOW_MS, to: now + WINDOW_MS };
    const tried = await signedInMailboxes(context);
    const findings = tried.map(async (one) => {
      if (!one.ok) return [];
      try {
        const items = await one.source.readCalendarView(one.resolved, window, context.signal);
        const count = items.length;
        return [fine(`${count} events within two weeks`, `событий за две недели в обе стороны: ${count}`, one.address)];
      } catch (error) {
        if ((error as { readonly kind?: string }).kind === 'throttled') return [];
        const code = (error as { readonly code?: string }).code ?? String(error);
        return [failed({ en: `it cannot be read (${code})`, ru: `его нельзя прочесть (${code})` }, FIX, one.address)];
      }
    });
    return (await Promise.all(findings)).flat();
  },
};

const FIX = {
  en: 'open the calendar of this mailbox in Outlook on the web; if it works there, give the service account the role anew',
  ru: 'откройте календарь этого ящика в Outlook в браузере; если там всё в порядке, назначьте роль служебной записи заново',
};
