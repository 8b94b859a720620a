/** 8: the service account may log in. One attempt per provider: a wrong password must not lock the account. */
import type { Text } from '../program/language.ts';
import { type Check, failed, fine } from './check.ts';
import { firstMailboxes } from './resolved-mailboxes.ts';

export const checkAuth: Check = {
  id: 'auth',
  title: { en: 'Login to Exchange', ru: 'Вход в Exchange' },
  needs: ['config'],
  run: async (context) => {
    const tried = await firstMailboxes(context);
    return tried.map((one) => {
      const { provider } = one;
      const subject = `${provider.name}: ${provider.credentials[0]?.login ?? ''}`;
      if (one.ok) return fine('accepted', 'вход выполнен', subject);
      const { kind, code } = one.failure;
      if (kind === 'authFailed')
        return failed({ en: `refused (${code})`, ru: `отказано (${code})` }, PASSWORD, subject);
      if (kind === 'extendedProtection') return failed(PROTECTION.cause, PROTECTION.fix, subject);
      if (kind === 'unavailable' || kind === 'timeout') {
        const cause = {
          en: `no answer to a signed-in request (${code})`,
          ru: `нет ответа на запрос после входа (${code})`,
        };
        return failed(cause, SERVER, subject);
      }
      return fine('accepted', 'вход выполнен', subject);
    });
  },
};

const PASSWORD: Text = {
  en: 'check login and password of the service account (has it expired, is it locked?); encrypt the new one: tc_calendar --hash_pass',
  ru: 'проверьте логин и пароль служебной учётной записи (не истёк ли срок, не заблокирована ли она); новый пароль зашифруйте: tc_calendar --hash_pass',
};
const PROTECTION = {
  cause: {
    en: 'Extended Protection is required on EWS and the connection cannot give it',
    ru: 'на EWS требуется расширенная защита, а соединение её не обеспечивает',
  },
  fix: {
    en: 'connect to Exchange without TLS offloading on the way, or set Extended Protection of the EWS virtual directory to Allow',
    ru: 'соединяйтесь с Exchange без разгрузки TLS на пути или задайте в виртуальном каталоге EWS значение Allow',
  },
} as const;
const SERVER: Text = {
  en: 'look at the event log of Exchange and at its application pool for EWS',
  ru: 'смотрите журнал событий Exchange и его пул приложений EWS',
};
