/**
 * Join links of other vendors: shown to people, never acted upon. Add a row to teach another one.
 * A path prefix keeps home and help pages of a vendor from passing for a meeting.
 */
import type { HttpUrl } from './http-url.ts';

interface VendorRow {
  readonly vendor: string;
  /** the host itself or, with a leading dot, any host below it (and the domain itself) */
  readonly hosts: readonly string[];
  /** prefixes of the path, lower case; `/` with anything behind it when empty */
  readonly paths: readonly string[];
}

const VENDORS: readonly VendorRow[] = [
  { vendor: 'zoom', hosts: ['.zoom.us', '.zoomgov.com', '.zoom.com'], paths: ['/j/', '/my/', '/w/', '/s/', '/wc/'] },
  { vendor: 'teams', hosts: ['teams.microsoft.com', 'teams.live.com'], paths: ['/l/meetup-join/', '/meet/'] },
  {
    vendor: 'webex',
    hosts: ['.webex.com'],
    paths: ['/meet/', '/join/', '/m/', '/wbxmjs/', '/webappng/', '/j.php', '/l.php', '/e.php'],
  },
  { vendor: 'meet', hosts: ['meet.google.com'], paths: [] },
  { vendor: 'jitsi', hosts: ['meet.jit.si', '8x8.vc'], paths: [] },
  { vendor: 'skype', hosts: ['join.skype.com', 'meet.lync.com', '.online.lync.com'], paths: [] },
  { vendor: 'goto', hosts: ['meet.goto.com', '.gotomeet.me', 'gotomeet.me'], paths: [] },
  { vendor: 'goto', hosts: ['global.gotomeeting.com', '.gotomeeting.com'], paths: ['/join/'] },
  { vendor: 'bluejeans', hosts: ['bluejeans.com', 'meet.bluejeans.com'], paths: [] },
  { vendor: 'whereby', hosts: ['whereby.com', '.whereby.com'], paths: [] },
  { vendor: 'chime', hosts: ['chime.aws'], paths: [] },
  { vendor: 'ringcentral', hosts: ['v.ringcentral.com'], paths: ['/join/'] },
  { vendor: 'telemost', hosts: ['telemost.yandex.ru', 'telemost.360.yandex.ru'], paths: ['/j/'] },
  { vendor: 'ktalk', hosts: ['.ktalk.ru'], paths: [] },
  { vendor: 'jazz', hosts: ['jazz.sber.ru', 'salutejazz.ru', '.salutejazz.ru'], paths: [] },
  { vendor: 'vk', hosts: ['vk.com', 'vk.ru'], paths: ['/call/join/'] },
  { vendor: 'mts-link', hosts: ['.mts-link.ru', '.webinar.ru'], paths: ['/j/', '/'] },
  { vendor: 'dion', hosts: ['dion.vc', '.dion.vc'], paths: ['/event/'] },
];

/** The vendor whose meeting the URL joins; a TrueConf Server outside the whitelist counts as `trueconf`. */
export function joinLinkVendor(url: HttpUrl): string | undefined {
  const path = url.path.toLowerCase();
  if (path.length < 2) return undefined;
  const row = VENDORS.find((candidate) => hostMatches(candidate.hosts, url.host) && pathMatches(candidate.paths, path));
  return row?.vendor ?? (isForeignTrueConf(url.host, path) ? 'trueconf' : undefined);
}

function hostMatches(hosts: readonly string[], host: string): boolean {
  return hosts.some((known) =>
    known.startsWith('.') ? host.endsWith(known) || host === known.slice(1) : host === known,
  );
}

function pathMatches(prefixes: readonly string[], path: string): boolean {
  if (prefixes.length === 0) return true;
  return prefixes.some((prefix) => path.startsWith(prefix) && (path.length > prefix.length || prefix.endsWith('.php')));
}

function isForeignTrueConf(host: string, path: string): boolean {
  if (!/^\/(?:c|webrtc)\/[a-z0-9_]{1,128}\/?$/.test(path)) return false;
  return host.split('.').some((label) => label.startsWith('trueconf'));
}
