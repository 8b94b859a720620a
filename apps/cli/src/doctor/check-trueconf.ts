/** 17: each TrueConf Server answers, accepts the credentials, and is the one that is meant. */
import type { TrueConfServerConfig } from '@calendar-connector/config';
import type { Failure } from '@calendar-connector/sync-core';
import type { Text } from '../program/language.ts';
import { type Check, type CheckFinding, failed, fine, warned } from './check.ts';
import { isReached } from './endpoint-probe.ts';
import { labelOf } from './open-context.ts';

export const checkTrueConf: Check = {
  id: 'trueconf',
  title: { en: 'TrueConf Server', ru: 'TrueConf Server' },
  needs: ['config'],
  run: async (context) => {
    const { config, signal } = context;
    const findings = config.trueConfServers.map(async (server) => {
      const endpoint = context.endpoints().find(({ label }) => label === labelOf(server.id));
      const isThere = endpoint !== undefined && isReached(await context.probe(endpoint));
      return isThere ? [await judge(server, signal)] : [];
    });
    return (await Promise.all(findings)).flat();
  },
};

async function judge(server: TrueConfServerConfig, signal: AbortSignal): Promise<CheckFinding> {
  const { createTrueConfServer } = await import('@calendar-connector/trueconf-client');
  const { id, url, apiVersion, clientId, clientSecret, ca } = server;
  const target = createTrueConfServer({
    id,
    url,
    apiVersion,
    clientId,
    clientSecret: () => clientSecret.reveal(),
    maxConnections: 2,
    ...(ca ? { ca: ca.pem } : {}),
  });
  try {
    const { name, version, api } = await target.probe(signal);
    if (name.toLowerCase() !== (id.split('#')[0] ?? '').toLowerCase()) return warned(otherName(name), NAME, id);
    return fine(`version ${version}, API ${api}`, `версия ${version}, API ${api}`, id);
  } catch (error) {
    return refused(error as Failure & Error, id);
  } finally {
    await target.close();
  }
}

function refused(failure: Failure & Error, id: string): CheckFinding {
  const code = failure.code ?? failure.message;
  if (failure.kind === 'authFailed') {
    return failed(
      { en: `clientId or clientSecret is refused (${code})`, ru: `clientId или clientSecret не подходит (${code})` },
      SECRET,
      id,
    );
  }
  if (failure.kind === 'forbidden') {
    return failed(
      { en: `the application lacks rights (${code})`, ru: `приложению не хватает прав (${code})` },
      SCOPES,
      id,
    );
  }
  return failed(
    { en: `the API does not answer as it should (${code})`, ru: `API отвечает не так, как должно (${code})` },
    API,
    id,
  );
}

function otherName(name: string): Text {
  return { en: `the server at this url calls itself ${name}`, ru: `сервер по этому url называет себя ${name}` };
}

const NAME: Text = {
  en: 'correct id or url in trueConfServers: users of another server would not be recognised',
  ru: 'исправьте id или url в trueConfServers: пользователи другого сервера не будут узнаны',
};
const SECRET: Text = {
  en: 'compare both with the OAuth application in the control panel of TrueConf Server (API, OAuth2)',
  ru: 'сверьте оба значения с приложением OAuth в панели управления TrueConf Server (API, OAuth2)',
};
const SCOPES: Text = {
  en: 'tick conferences, conferences.invitations, conferences.participants and users for the OAuth application',
  ru: 'отметьте у приложения OAuth права conferences, conferences.invitations, conferences.participants и users',
};
const API: Text = {
  en: 'check url in trueConfServers; the API needs HTTPS set up on TrueConf Server and version 5.5.0 or newer',
  ru: 'проверьте url в trueConfServers; для API на TrueConf Server должен быть настроен HTTPS и версия не ниже 5.5.0',
};
