/** 9: the version of Exchange is one that is supported: 2016 and newer. */
import type { Text } from '../program/language.ts';
import { type Check, type CheckFinding, failed, fine, warned } from './check.ts';

const HEADERS = ['x-owa-version', 'x-exchange-version'] as const;

export const checkVersion: Check = {
  id: 'version',
  title: { en: 'Exchange version', ru: 'Версия Exchange' },
  needs: ['config'],
  run: async (context) =>
    await Promise.all(
      context.exchangeEndpoints().map(async ({ endpoint }) => {
        const { http } = await context.probe(endpoint);
        const header = HEADERS.map((name) => http?.headers[name]).find((value) => typeof value === 'string');
        return judge(endpoint.label, typeof header === 'string' ? header : undefined);
      }),
    ),
};

function judge(label: string, version: string | undefined): CheckFinding {
  const [, major = '', minor = ''] = /^(\d+)\.(\d+)\./.exec(version ?? '') ?? [];
  if (major === '')
    return fine('the server does not tell its version before login', 'до входа сервер версию не сообщает', label);
  const number = Number(major) * 100 + Number(minor);
  if (number < 1500)
    return failed({ en: `${version} is older than Exchange 2013`, ru: `${version} старше Exchange 2013` }, FIX, label);
  if (number === 1500)
    return warned(
      {
        en: `${version} is Exchange 2013, which is not supported any more`,
        ru: `${version} — Exchange 2013, он больше не поддерживается`,
      },
      FIX,
      label,
    );
  return fine(String(version), String(version), label);
}

const FIX: Text = {
  en: 'upgrade to Exchange 2016, 2019 or Subscription Edition',
  ru: 'обновите до Exchange 2016, 2019 или Subscription Edition',
};
