/** 6: proxies on the way: NTLM ties a login to one connection, which many of them share or change. */
import { type Check, fine, warned } from './check.ts';

const TRACES = ['via', 'x-forwarded-for', 'x-cache', 'x-proxy-id'] as const;

export const checkProxy: Check = {
  id: 'proxy',
  title: { en: 'Proxies', ru: 'Прокси' },
  needs: ['config'],
  run: async (context) => {
    const { env } = context.call.io;
    const set = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].filter((name) => env[name]);
    const ignored = set.map((name) => warned(IGNORED.cause, IGNORED.fix, name));
    const seen = await Promise.all(
      context.exchangeEndpoints().map(async ({ provider, endpoint }) => {
        const { http } = await context.probe(endpoint);
        const trace = TRACES.find((name) => http?.headers[name] !== undefined);
        return trace === undefined || provider.auth === 'basic' ? [] : [warned(ON_THE_WAY(trace), FIX, endpoint.label)];
      }),
    );
    const findings = [...ignored, ...seen.flat()];
    return findings.length > 0 ? findings : [fine('none seen', 'не замечены')];
  },
};

const IGNORED = {
  cause: {
    en: 'the variable is set, but the service connects directly',
    ru: 'переменная задана, но служба соединяется напрямую',
  },
  fix: {
    en: 'open the way to the servers for this machine; remove the variable to silence this',
    ru: 'откройте этой машине прямой доступ к серверам; уберите переменную, чтобы не было предупреждения',
  },
} as const;
const ON_THE_WAY = (header: string) => ({
  en: `answers pass a proxy (header ${header}); NTLM logins may fail behind it`,
  ru: `ответы проходят через прокси (заголовок ${header}); вход по NTLM за ним может не работать`,
});
const FIX = {
  en: 'connect to Exchange directly, or use "auth": "basic" for this provider',
  ru: 'соединяйтесь с Exchange напрямую или задайте этому провайдеру "auth": "basic"',
};
