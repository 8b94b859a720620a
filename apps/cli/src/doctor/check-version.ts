/**
 * 9: the version of Exchange is one that is supported: 2016 and newer. Asked as the service account would, since every
 * answer of EWS names its build; before a login only some servers tell it, in a header.
 */
import type { CalendarProviderConfig } from '@calendar-connector/config';
import type { ServerBuild } from '@calendar-connector/ews-client';
import type { Text } from '../program/language.ts';
import { type Check, type CheckFinding, failed, fine, warned } from './check.ts';
import type { DoctorContext } from './context.ts';
import type { Endpoint } from './endpoint-probe.ts';
import { signedInMailboxes } from './resolved-mailboxes.ts';

const HEADERS = ['x-owa-version', 'x-exchange-version'] as const;
const CALL_MS = 5_000;
/** By the minor number of version 15. */
const PRODUCTS: readonly string[] = ['Exchange 2013', 'Exchange 2016', 'Exchange 2019 / SE'];

export const checkVersion: Check = {
  id: 'version',
  title: { en: 'Exchange version', ru: 'Версия Exchange' },
  needs: ['config'],
  run: async (context) => {
    const signedIn = await signedInMailboxes(context);
    return await Promise.all(
      context.exchangeEndpoints().map(async ({ provider, endpoint }) => {
        const mailbox = signedIn.find((one) => one.ok && one.provider === provider)?.address;
        const build = mailbox === undefined ? undefined : await askBuild(context, provider, mailbox);
        return judge(endpoint.label, build ?? (await headerOf(context, endpoint)));
      }),
    );
  },
};

/** A build that is not told is no fault of this check's: what is in the way has its own. */
async function askBuild(
  { signal }: DoctorContext,
  provider: CalendarProviderConfig,
  mailbox: string,
): Promise<string | undefined> {
  const { fetchServerBuild } = await import('@calendar-connector/ews-client');
  const { scheme, host, port, path, credentials, auth, ca } = provider;
  const [credential] = credentials;
  if (credential === undefined) return undefined;
  const { login, password } = credential;
  const asked = fetchServerBuild(
    {
      endpoint: { scheme, host, port, path },
      credential: { login, password: () => password.reveal() },
      auth,
      mailbox,
      timeoutMs: CALL_MS,
      ...(ca ? { ca: [ca.pem] } : {}),
    },
    signal,
  );
  return versionOf(await asked.catch(() => undefined));
}

function versionOf(build: ServerBuild | undefined): string | undefined {
  return build && [build.major, build.minor, build.build, build.revision].join('.');
}

async function headerOf(context: DoctorContext, endpoint: Endpoint): Promise<string | undefined> {
  const { http } = await context.probe(endpoint);
  return HEADERS.map((name) => http?.headers[name]).find((value) => typeof value === 'string');
}

function judge(label: string, version: string | undefined): CheckFinding {
  const [, major, minor] = /^(\d+)\.(\d+)\./.exec(version ?? '') ?? [];
  if (major === undefined || minor === undefined)
    return fine('the server does not tell its version', 'сервер не сообщает версию', label);
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
  const product = major === '15' ? PRODUCTS[Number(minor)] : undefined;
  const text = product === undefined ? String(version) : `${version} (${product})`;
  return fine(text, text, label);
}

const FIX: Text = {
  en: 'upgrade to Exchange 2016, 2019 or Subscription Edition',
  ru: 'обновите до Exchange 2016, 2019 или Subscription Edition',
};
