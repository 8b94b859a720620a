/** 5: certificates: trusted, for this name, not expired and not about to, TLS 1.2 or newer. */
import type { Text } from '../program/language.ts';
import { type Check, type CheckFinding, failed, fine, warned } from './check.ts';
import type { CertificateFacts } from './endpoint-probe.ts';

const SOON_DAYS = 30;
const DAY_MS = 86_400_000;

export const checkTls: Check = {
  id: 'tls',
  title: { en: 'Certificates', ru: 'Сертификаты' },
  needs: ['config'],
  run: async (context) => {
    const all = await Promise.all(context.endpoints().map((endpoint) => context.probe(endpoint)));
    const findings = all.flatMap(({ endpoint, certificate, tlsError }) => {
      if (certificate) return [judge(endpoint.label, certificate, context.call.io.now())];
      if (tlsError === undefined) return [];
      const cause = { en: `no TLS connection (${tlsError})`, ru: `нет TLS-соединения (${tlsError})` };
      return [failed(cause, OLD_TLS, endpoint.label)];
    });
    const isPlain = all.every(({ endpoint }) => endpoint.scheme !== 'https');
    return isPlain ? [fine('no server is spoken to over TLS', 'соединений по TLS нет')] : findings;
  },
};

function judge(label: string, certificate: CertificateFacts, now: number): CheckFinding {
  const { problem, validTo, issuer, protocol } = certificate;
  const end = new Date(validTo).toISOString().slice(0, 10);
  if (problem !== undefined) return failed(causeOf(problem, end, issuer), fixOf(problem), label);
  const days = Math.floor((validTo - now) / DAY_MS);
  if (days < SOON_DAYS) {
    const cause = {
      en: `the certificate ends in ${days} days, on ${end}`,
      ru: `сертификат заканчивается через ${days} дн., ${end}`,
    };
    return warned(cause, { en: 'renew it in time', ru: 'продлите его заранее' }, label);
  }
  return fine(
    `${protocol}, valid until ${end}, by ${issuer}`,
    `${protocol}, действует до ${end}, выдан ${issuer}`,
    label,
  );
}

const OLD_TLS: Text = {
  en: 'the server must speak TLS 1.2 or newer at this port; check the port and the server’s TLS settings',
  ru: 'сервер должен поддерживать на этом порту TLS 1.2 или новее; проверьте порт и настройки TLS сервера',
};

function causeOf(problem: string, end: string, issuer: string): Text {
  if (problem === 'CERT_HAS_EXPIRED') return { en: `the certificate expired on ${end}`, ru: `сертификат истёк ${end}` };
  if (problem === 'CERT_NOT_YET_VALID')
    return { en: 'the certificate is not valid yet', ru: 'сертификат ещё не действует' };
  if (problem === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return { en: 'the certificate is for another name', ru: 'сертификат выдан на другое имя' };
  }
  return {
    en: `the certificate is not trusted (${problem}, issued by ${issuer})`,
    ru: `сертификату нет доверия (${problem}, издатель ${issuer})`,
  };
}

function fixOf(problem: string): Text {
  if (problem === 'CERT_HAS_EXPIRED') return { en: 'renew the certificate', ru: 'продлите сертификат' };
  if (problem === 'CERT_NOT_YET_VALID')
    return { en: 'check the clock of this machine', ru: 'проверьте часы этой машины' };
  if (problem === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      en: 'use in config.json the name that stands in the certificate, or have it issued for this name',
      ru: 'укажите в config.json имя из сертификата или выпустите сертификат на это имя',
    };
  }
  return {
    en: 'name the file of the issuing authority in caFile of this server in config.json',
    ru: 'укажите файл издавшего центра в caFile этого сервера в config.json',
  };
}
