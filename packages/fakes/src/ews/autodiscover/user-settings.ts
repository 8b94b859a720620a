/** What autodiscover tells about a mailbox (MS-OXWSADISC; facts "Autodiscover"). */
import { legacyDn } from '../../world/directory.ts';
import type { ExchangeWorld } from '../../world/exchange-world.ts';
import type { Mailbox } from '../../world/mailbox.ts';
import { hashText } from '../../world/random.ts';
import type { AutodiscoverOptions } from '../server-options.ts';
import { BUILD } from '../wire/names.ts';

export interface SettingsSource {
  readonly world: ExchangeWorld;
  readonly options: AutodiscoverOptions;
  /** EWS address as the client should use it */
  readonly ewsUrl: string;
  readonly backEndOf: (address: string) => string;
}

const DEFAULT_GROUPS = 3;

/** A setting by its name; undefined when this server does not have it. */
export function settingOf(source: SettingsSource, box: Mailbox, name: string): string | undefined {
  const { world, options, ewsUrl } = source;
  switch (name) {
    case 'UserDisplayName':
      return box.profile.name;
    case 'UserDN':
      return legacyDn(box.address);
    case 'UserDeploymentId':
      return box.profile.guid;
    case 'InternalEwsUrl':
    case 'ExternalEwsUrl':
      return options.ewsUrl ?? ewsUrl;
    case 'EwsSupportedSchemas':
      return 'Exchange2007, Exchange2007_SP1, Exchange2010, Exchange2010_SP1, Exchange2010_SP2, Exchange2013, Exchange2013_SP1, Exchange2015, Exchange2016';
    case 'CasVersion':
    case 'InternalServerVersion':
      return `${BUILD.major}.${BUILD.minor}.${String(BUILD.majorBuild).padStart(4, '0')}.${String(BUILD.minorBuild).padStart(3, '0')}`;
    case 'AutoDiscoverSMTPAddress':
      return box.address;
    case 'GroupingInformation':
      return `Default-First-Site-Name-${hashText(box.address) % (options.groups ?? DEFAULT_GROUPS)}`;
    case 'InternalMailboxServer':
    case 'ActiveDirectoryServer':
      return `${source.backEndOf(box.address)}.${world.domain}`;
    case 'MailboxDN':
      return legacyDn(box.address);
    case 'EwsPartnerUrl':
      return ewsUrl;
    default:
      return undefined;
  }
}
