/**
 * How a mailbox's state looks to people: a light, and advice that names the cure. A passing disturbance is not shouted
 * about: three minutes of grace before amber (facts: bridges' "transient disconnect"). SPEC.md §7.3.
 */
import type { Instant } from '@calendar-connector/calendar-model';
import type { Language } from '../model/settings.ts';
import type { MailboxMachine, MailboxState } from './states.ts';

/** A mailbox's state in one colour; grey is switched off on purpose. */
export type Light = 'green' | 'amber' | 'red' | 'grey';

/** Disturbances shorter than this do not show. */
export const GRACE_MS = 3 * 60_000;

type Kind = 'working' | 'transient' | 'broken' | 'off';

const KIND: Readonly<Record<MailboxState, Kind>> = {
  starting: 'working',
  resolving: 'working',
  snapshotting: 'working',
  live: 'working',
  livePolling: 'transient',
  throttled: 'transient',
  retrying: 'transient',
  moved: 'transient',
  authFailed: 'broken',
  protectionRequired: 'broken',
  noImpersonation: 'broken',
  notFound: 'broken',
  outOfLicence: 'off',
  suspended: 'off',
};

/** green: in order or passing. amber: lasting disturbance. red: a person must act. grey: switched off. */
export function mailboxLight(machine: MailboxMachine, now: Instant): Light {
  switch (KIND[machine.state]) {
    case 'broken':
      return 'red';
    case 'off':
      return 'grey';
    case 'transient':
      return now - (machine.troubledSince ?? machine.since) < GRACE_MS ? 'green' : 'amber';
    case 'working':
      return machine.troubledSince !== undefined && now - machine.troubledSince >= GRACE_MS ? 'amber' : 'green';
  }
}

/** What a person should do, by state. */
export const MAILBOX_ADVICE: Readonly<Record<MailboxState, Readonly<Record<Language, string>>>> = {
  starting: { en: 'Nothing to do: the mailbox is being taken over.', ru: 'Ничего делать не нужно: ящик подключается.' },
  resolving: {
    en: 'Nothing to do: the mailbox’s server is being looked up.',
    ru: 'Ничего делать не нужно: определяется сервер ящика.',
  },
  snapshotting: { en: 'Nothing to do: the calendar is being read.', ru: 'Ничего делать не нужно: календарь читается.' },
  live: { en: 'Nothing to do.', ru: 'Ничего делать не нужно.' },
  livePolling: {
    en: 'Changes arrive by polling. If it lasts, check that a proxy does not cut long connections to Exchange.',
    ru: 'Изменения приходят опросом. Если это не проходит, проверьте, не обрывает ли прокси долгие соединения с Exchange.',
  },
  throttled: {
    en: 'Exchange asked for a pause; it ends by itself. If it returns often, give the service account a throttling policy.',
    ru: 'Exchange попросил паузу, она закончится сама. Если повторяется часто, назначьте служебной учётной записи политику регулирования.',
  },
  retrying: {
    en: 'Exchange did not answer properly; the next attempt is scheduled. Check the network and the Exchange server if it lasts.',
    ru: 'Exchange не ответил как следует, попытка повторится. Если это не проходит, проверьте сеть и сервер Exchange.',
  },
  authFailed: {
    en: 'Login or password of the service account is wrong or expired. Correct calendarProviders[].credentials and reload. No further attempts are made, so that the account is not locked out.',
    ru: 'Неверный или просроченный логин или пароль служебной учётной записи. Исправьте calendarProviders[].credentials и перечитайте конфигурацию. Попытки прекращены, чтобы учётную запись не заблокировало.',
  },
  protectionRequired: {
    en: 'Exchange requires Extended Protection. Use https straight to the server, or let the EWS front end accept clients without channel binding.',
    ru: 'Exchange требует Extended Protection. Подключайтесь по https напрямую или разрешите на внешнем интерфейсе EWS клиентов без привязки канала.',
  },
  noImpersonation: {
    en: 'The service account may not open this mailbox. Check the ApplicationImpersonation role and its scope.',
    ru: 'Служебной учётной записи нельзя открыть этот ящик. Проверьте роль ApplicationImpersonation и её область.',
  },
  notFound: {
    en: 'Exchange knows no such mailbox. Check the address in calendarProviders[].users.',
    ru: 'Exchange не знает такого ящика. Проверьте адрес в calendarProviders[].users.',
  },
  moved: {
    en: 'Nothing to do: the mailbox moved to another server and is being looked up there.',
    ru: 'Ничего делать не нужно: ящик перенесён на другой сервер и ищется там.',
  },
  outOfLicence: {
    en: 'The licence has no free slot for this mailbox. Extend it or put the mailbox into priorityUsers.',
    ru: 'В лицензии нет места для этого ящика. Расширьте лицензию или внесите ящик в priorityUsers.',
  },
  suspended: { en: 'The mailbox was paused; resume it.', ru: 'Ящик приостановлен; возобновите его.' },
};

/** What a person can do about the state a mailbox is in. */
export function mailboxAdvice(machine: MailboxMachine, language: Language): string {
  return MAILBOX_ADVICE[machine.state][language];
}
