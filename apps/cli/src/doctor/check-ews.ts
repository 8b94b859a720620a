/** 7: what answers at `path` is EWS, and it offers a way to log in that the configuration allows. */
import type { CalendarProviderConfig } from '@calendar-connector/config';
import type { Text } from '../program/language.ts';
import { type Check, type CheckFinding, failed, fine } from './check.ts';
import { type EndpointFacts, isReached } from './endpoint-probe.ts';
import { canLogIn, offeredSchemes } from './login-schemes.ts';

export const checkEws: Check = {
  id: 'ews',
  title: { en: 'Exchange Web Services', ru: 'Веб-службы Exchange' },
  needs: ['config'],
  run: async (context) =>
    (
      await Promise.all(
        context.exchangeEndpoints().map(async ({ provider, endpoint }) => {
          const facts = await context.probe(endpoint);
          return isReached(facts) ? [judge(provider, facts)] : [];
        }),
      )
    ).flat(),
};

function judge(provider: CalendarProviderConfig, { endpoint, http, httpError }: EndpointFacts): CheckFinding {
  const { label } = endpoint;
  if (http === undefined) {
    const code = httpError ?? '';
    return failed({ en: `no HTTP answer (${code})`, ru: `нет ответа по HTTP (${code})` }, CHECK_PATH, label);
  }
  if (http.status !== 401) {
    const cause = {
      en: `${endpoint.path} answers ${http.status} instead of asking for a login`,
      ru: `${endpoint.path} отвечает ${http.status}, а не запрашивает вход`,
    };
    return failed(cause, http.status >= 500 ? SERVER : CHECK_PATH, label);
  }
  const list = offeredSchemes(http).join(', ');
  if (!canLogIn(provider, http)) {
    const wanted = provider.auth;
    const cause = {
      en: `the server offers ${list || 'no login'}, the configuration wants ${wanted}`,
      ru: `сервер предлагает ${list || 'ничего'}, а в конфигурации указано ${wanted}`,
    };
    return failed(cause, AUTH, label);
  }
  return fine(`answers, offers ${list}`, `отвечает, предлагает ${list}`, label);
}

const CHECK_PATH: Text = {
  en: 'check host, port and path of this provider in config.json; the path is normally /EWS/Exchange.asmx',
  ru: 'проверьте host, port и path этого провайдера в config.json; обычно path — /EWS/Exchange.asmx',
};
const SERVER: Text = {
  en: 'Exchange itself reports a fault: look at its event log and the application pool of EWS',
  ru: 'сбой на стороне Exchange: смотрите его журнал событий и пул приложений EWS',
};
const AUTH: Text = {
  en: 'enable the scheme on the EWS virtual directory, or change "auth" of this provider (auto, basic, ntlm)',
  ru: 'включите схему в виртуальном каталоге EWS или измените "auth" этого провайдера (auto, basic, ntlm)',
};
