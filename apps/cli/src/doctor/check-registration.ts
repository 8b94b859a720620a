/** 18: the licence holds; the free edition reaches its registration server. */
import { type Check, type CheckFinding, failed, fine, warned } from './check.ts';
import type { DoctorContext } from './context.ts';
import type { Endpoint } from './endpoint-probe.ts';

const SOON_MS = 30 * 86_400_000;

export const checkRegistration: Check = {
  id: 'registration',
  title: { en: 'Registration', ru: 'Регистрация' },
  needs: ['config'],
  run: async (context) => {
    const { licenceSentence } = await import('@calendar-connector/licensing');
    const { entitlements, licence } = await context.licence();
    const { fault, state } = entitlements;
    if (fault) {
      const [en, ru] = [licenceSentence(fault, 'en'), licenceSentence(fault, 'ru')];
      const [cause, fix] = [
        { en: en.cause, ru: ru.cause },
        { en: en.cure, ru: ru.cure },
      ];
      return [state === 'stopped' ? failed(cause, fix) : warned(cause, fix)];
    }
    const held = fine(
      `${licence?.edition} edition, ${entitlements.accounts} accounts`,
      `редакция ${licence?.edition}, учётных записей: ${entitlements.accounts}`,
    );
    const ending = endingSoon(licence?.expiresAt ?? null, context.call.io.now());
    const link = licence?.edition === 'free' ? await lookAtServer(context) : [];
    return [ending ?? held, ...link];
  },
};

function endingSoon(expiresAt: number | null, now: number): CheckFinding | undefined {
  if (expiresAt === null || expiresAt - now > SOON_MS) return undefined;
  const day = new Date(expiresAt).toISOString().slice(0, 10);
  return warned({ en: `the licence ends on ${day}`, ru: `лицензия заканчивается ${day}` }, RENEW);
}

async function lookAtServer(context: DoctorContext): Promise<readonly CheckFinding[]> {
  const { scheme, host, port, ca } = context.config.registration;
  const endpoint: Endpoint = { label: `${host}:${port}`, scheme, host, port, path: '/', ...(ca ? { ca: ca.pem } : {}) };
  const { connected, certificate, dnsError, tcpError, tlsError } = await context.probe(endpoint);
  const problem = dnsError ?? tcpError ?? tlsError ?? certificate?.problem;
  if (connected && problem === undefined) return [];
  const cause = {
    en: `no trusted link to the registration server (${problem}); the free edition stops without it`,
    ru: `нет надёжной связи с сервером регистрации (${problem}); без неё бесплатная редакция остановится`,
  };
  return [warned(cause, OPEN, endpoint.label)];
}

const RENEW = {
  en: 'renew it and register again: tc_calendar --register KEY',
  ru: 'продлите её и зарегистрируйтесь снова: tc_calendar --register КЛЮЧ',
};
const OPEN = {
  en: 'open the way to the registration server, TCP 443; for your own one set registration.caFile',
  ru: 'откройте доступ к серверу регистрации, TCP 443; для собственного укажите registration.caFile',
};
