/**
 * SOAP autodiscover (GetUserSettings): which server serves a mailbox and which mailboxes share one.
 * Redirects are followed only over https and only to allowed hosts, at most ten; credentials go nowhere else.
 * What it cannot say is not an error: the configured URL still stands.
 */
import { type MailboxAddress, mailboxAddress } from '@calendar-connector/calendar-model';
import { childOf, childrenOf, type TreeNode, textOf } from '../decoder/tree.ts';
import { EwsError } from '../errors/ews-error.ts';
import { autodiscoverUrl, endpointUrl, isAllowedHost } from '../transport/endpoint.ts';
import { getUserSettings } from '../wire/subscription-requests.ts';
import type { OperationContext } from './context.ts';

/** What autodiscover says about one mailbox. */
export interface UserSettings {
  /** primary address as the directory has it */
  readonly address: MailboxAddress;
  /** EWS URL on an allowed host; absent when none was named */
  readonly url?: string;
  /** mailboxes of one group share a server (GroupingInformation and URL) */
  readonly group?: string;
  /** the owner's name in the directory */
  readonly displayName?: string;
}

const MAX_REDIRECTS = 10;
const MAX_KEPT = 50_000;

export class Autodiscover {
  readonly #context: OperationContext;
  readonly #kept = new Map<string, { readonly until: number; readonly settings: UserSettings | undefined }>();

  constructor(context: OperationContext) {
    this.#context = context;
  }

  /** Settings of a mailbox; undefined when autodiscover is not configured or not answering. */
  async find(address: MailboxAddress, signal: AbortSignal): Promise<UserSettings | undefined> {
    const { clock, observer, timings } = this.#context.options;
    const start = autodiscoverUrl(this.#context.options.endpoint);
    if (start === undefined) return undefined;
    const known = this.#kept.get(address);
    if (known !== undefined && known.until > clock.now()) return known.settings;
    let settings: UserSettings | undefined;
    try {
      settings = await this.#ask(address, start.href, signal);
    } catch (error) {
      if (!(error instanceof EwsError) || isFinal(error)) throw error;
      observer.warning?.({ code: error.code, message: `autodiscover: ${error.message}`, mailbox: address });
      return known?.settings;
    }
    if (this.#kept.size >= MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value ?? '');
    this.#kept.set(address, { until: clock.now() + timings.autodiscoverTtlMs, settings });
    return settings;
  }

  /** What was believed about a mailbox may be wrong: ask again next time. */
  forget(address: string): void {
    this.#kept.delete(address);
  }

  async #ask(address: MailboxAddress, startUrl: string, signal: AbortSignal): Promise<UserSettings> {
    let url = startUrl;
    let mailbox = address;
    const seen = new Set<string>();
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      if (seen.has(`${url} ${mailbox}`)) break;
      seen.add(`${url} ${mailbox}`);
      const user = await this.#userResponse(url, mailbox, signal).catch((error: unknown) => locationOf(error, url));
      if (typeof user === 'string') {
        url = this.#redirect(user, mailbox);
        continue;
      }
      const code = textOf(user, 'ErrorCode') ?? 'NoError';
      const target = textOf(user, 'RedirectTarget') ?? '';
      if (code === 'RedirectAddress') mailbox = mailboxAddress(target);
      else if (code === 'RedirectUrl') url = this.#redirect(target, mailbox);
      else if (code === 'NoError') return this.#settingsOf(user, mailbox);
      else throw discoverError(code, textOf(user, 'ErrorMessage') ?? '', mailbox);
    }
    throw discoverError('RedirectLoop', 'autodiscover redirects in a circle', address);
  }

  async #userResponse(url: string, mailbox: string, signal: AbortSignal): Promise<TreeNode | undefined> {
    const request = getUserSettings(await this.#context.facade(), url, [mailbox]);
    const target = { url, mailbox };
    const state = await this.#context.transport.call(request, target, signal);
    const response = state.trees.find((tree) => tree.name === 'Response');
    const code = textOf(response, 'ErrorCode') ?? 'NoError';
    if (code !== 'NoError') throw discoverError(code, textOf(response, 'ErrorMessage') ?? '', mailbox);
    return childOf(response, 'UserResponses', 'UserResponse');
  }

  #redirect(target: string, mailbox: string): string {
    const url = URL.canParse(target) ? new URL(target) : undefined;
    const isSafe = url?.protocol === 'https:' || url?.origin === endpointUrl(this.#context.options.endpoint).origin;
    if (url === undefined || !isSafe) {
      throw discoverError(
        'RedirectUrlRefused',
        `autodiscover redirects to "${target.slice(0, 200)}", which is not https`,
        mailbox,
      );
    }
    if (isAllowedHost(this.#context.options.endpoint, url)) return url.href;
    throw discoverError(
      'HostNotAllowed',
      `autodiscover redirects to ${url.hostname}, which is not among the allowed hosts`,
      mailbox,
    );
  }

  #settingsOf(user: TreeNode | undefined, mailbox: MailboxAddress): UserSettings {
    const values = new Map<string, string>();
    for (const setting of childrenOf(childOf(user, 'UserSettings'), 'UserSetting')) {
      values.set(textOf(setting, 'Name') ?? '', textOf(setting, 'Value') ?? '');
    }
    const url = this.#chooseUrl(values, mailbox);
    const group = values.get('GroupingInformation');
    const displayName = values.get('UserDisplayName');
    return {
      address: mailboxAddress(values.get('AutoDiscoverSMTPAddress') || mailbox),
      ...(url === undefined ? {} : { url }),
      ...(group ? { group: `${group} ${url ?? ''}`.trim() } : {}),
      ...(displayName ? { displayName } : {}),
    };
  }

  /** Of the URLs named: one on the configured host, else the internal, else the external one; only on allowed hosts. */
  #chooseUrl(values: ReadonlyMap<string, string>, mailbox: string): string | undefined {
    const { endpoint, observer } = this.#context.options;
    const configured = endpointUrl(endpoint);
    const named = ['InternalEwsUrl', 'ExternalEwsUrl']
      .map((name) => values.get(name) ?? '')
      .filter((text) => URL.canParse(text))
      .map((text) => new URL(text));
    const safe = named.filter((url) => url.protocol === 'https:' || url.origin === configured.origin);
    const allowed = safe.filter((url) => isAllowedHost(endpoint, url));
    if (allowed.length === 0 && named.length > 0) {
      const hosts = named.map((url) => url.hostname).join(', ');
      const message = `autodiscover names ${hosts}, not among the allowed hosts; the configured URL is used`;
      observer.warning?.({ code: 'HostNotAllowed', message, mailbox });
    }
    const same = allowed.find((url) => url.host === configured.host);
    return (same ?? allowed[0])?.href;
  }
}

/** A password refused here would be refused at EWS too. That nobody can log in this way here says nothing about EWS. */
function isFinal({ code, kind }: EwsError): boolean {
  return code !== 'NoCommonScheme' && ['aborted', 'authFailed', 'extendedProtection'].includes(kind);
}

/** Where an HTTP redirect leads; any other failure is thrown on. */
function locationOf(error: unknown, from: string): string {
  const location = error instanceof EwsError ? error.values?.['Location'] : undefined;
  if (location === undefined || !URL.canParse(location, from)) throw error;
  return new URL(location, from).href;
}

function discoverError(code: string, text: string, mailbox: string): EwsError {
  const kind = /InvalidUser|InvalidDomain/.test(code)
    ? 'mailboxNotFound'
    : /ServerBusy/.test(code)
      ? 'throttled'
      : 'unavailable';
  const message = `autodiscover for ${mailbox}: ${code}${text === '' ? '' : `: ${text.slice(0, 300)}`}`;
  return new EwsError({ kind, code, message, mailbox });
}
