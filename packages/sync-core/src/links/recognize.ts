/**
 * Which conference an event belongs to, read from what people and plug-ins left in the item. Feature C3; facts on link
 * carriers. Order: marker property, location, the server's own link fields, body. Only whitelisted servers count; links of
 * other vendors are reported to be shown and never acted upon. Mode and access are not in a link: the conference has them.
 */
import {
  type CalendarItem,
  type ConferenceId,
  conferenceId,
  type TrueConfServerId,
} from '@calendar-connector/calendar-model';
import type { ServerSettings } from '../model/settings.ts';
import { linkCandidates } from './candidates.ts';
import { type HttpUrl, parseHttpUrl, percentDecode } from './http-url.ts';
import { joinLinkVendor } from './vendors.ts';
import { unwrapLink } from './wrappers.ts';

/** Where in the item the link stands, the most trusted first. */
export type LinkSource = 'marker' | 'location' | 'links' | 'body';

/** A conference of a whitelisted server, as an item names it. */
export interface ConferenceLink {
  readonly serverId: TrueConfServerId;
  readonly conferenceId: ConferenceId;
  /** `https://host/c/<id>` on the host the item used */
  readonly url: string;
  readonly source: LinkSource;
}

/** A join link of another vendor. */
export interface OtherJoinLink {
  readonly vendor: string;
  readonly url: string;
  readonly source: LinkSource;
}

/** What an item says about joining: a conference of ours, or somebody else's service. */
export interface LinkFinding {
  readonly conference?: ConferenceLink;
  readonly other?: OtherJoinLink;
  /** false: the body was not there to be read, so that a missing link proves nothing */
  readonly complete: boolean;
}

/** The parts of an item that can carry a link. */
export type LinkCarrier = Pick<CalendarItem, 'location' | 'links' | 'marker'> & Partial<Pick<CalendarItem, 'body'>>;

/** Wrappers inside wrappers that are opened. */
const MAX_UNWRAPPING = 4;

/** Finds the conference an item links to on one of the whitelisted servers, and the first join link of another vendor. */
export function recognizeConferenceLink(item: LinkCarrier, servers: readonly ServerSettings[]): LinkFinding {
  const complete = item.body !== undefined;
  let other: OtherJoinLink | undefined;
  for (const { source, text } of carriers(item)) {
    for (const candidate of linkCandidates(text)) {
      const found = examine(candidate, source, servers);
      if (found && 'serverId' in found) return { conference: found, ...(other && { other }), complete };
      other ??= found;
    }
  }
  return other ? { other, complete } : { complete };
}

function* carriers(item: LinkCarrier): Generator<{ readonly source: LinkSource; readonly text: string }> {
  if (item.marker.conferenceUrl) yield { source: 'marker', text: item.marker.conferenceUrl };
  yield { source: 'location', text: item.location };
  for (const link of item.links) yield { source: 'links', text: link };
  if (item.body) yield { source: 'body', text: item.body.content };
}

function examine(
  candidate: string,
  source: LinkSource,
  servers: readonly ServerSettings[],
): ConferenceLink | OtherJoinLink | undefined {
  if (/^trueconf:/i.test(candidate)) return fromTrueConfUri(candidate, source, servers);
  if (candidate.startsWith('\\')) return fromCallString(candidate, source, servers);
  let text: string | undefined = candidate;
  for (let depth = 0; depth <= MAX_UNWRAPPING && text !== undefined; depth += 1) {
    const url = parseHttpUrl(text);
    if (!url) return undefined;
    const conference = fromPage(url, source, servers);
    if (conference) return conference;
    const vendor = joinLinkVendor(url);
    if (vendor) return { vendor, url: text, source };
    text = unwrapLink(url);
  }
  return undefined;
}

/** `https://host/c/<id>` (page) and `https://host/webrtc/<id>` (browser client). */
function fromPage(url: HttpUrl, source: LinkSource, servers: readonly ServerSettings[]): ConferenceLink | undefined {
  const server = servers.find((candidate) => candidate.hosts.includes(url.host));
  if (!server) return undefined;
  const id = /^\/+(?:c|webrtc)\/([A-Za-z0-9_]{1,128})\/?$/i.exec(percentDecode(url.path))?.[1];
  if (id === undefined) return undefined;
  return link(server.id, id, url.port === '' ? url.host : `${url.host}:${url.port}`, source);
}

/** `\c\<id>@<server>#vcs`; without a server it names the only whitelisted one. */
function fromCallString(
  text: string,
  source: LinkSource,
  servers: readonly ServerSettings[],
): ConferenceLink | undefined {
  const parts = /^\\c\\([A-Za-z0-9_]{1,128})(?:@([A-Za-z0-9.-]{1,253})(?:#vcs)?)?$/i.exec(text);
  if (!parts?.[1]) return undefined;
  const server = serverNamed(parts[2], servers);
  return server && link(server.id, parts[1], server.hosts[0] ?? '', source);
}

/** `trueconf:\c\<id>@<server>#vcs&param=value`; a target without `\c\` is a person and no conference. */
function fromTrueConfUri(
  text: string,
  source: LinkSource,
  servers: readonly ServerSettings[],
): ConferenceLink | undefined {
  const target = percentDecode(text.slice('trueconf:'.length)).split('&', 1)[0] ?? '';
  return fromCallString(target.replace(/^\/\//, ''), source, servers);
}

function serverNamed(host: string | undefined, servers: readonly ServerSettings[]): ServerSettings | undefined {
  if (host === undefined) return servers.length === 1 ? servers[0] : undefined;
  const name = host.toLowerCase();
  return servers.find((server) => server.id.toLowerCase() === `${name}#vcs` || server.hosts.includes(name));
}

function link(serverId: TrueConfServerId, id: string, authority: string, source: LinkSource): ConferenceLink {
  return { serverId, conferenceId: conferenceId(id), url: `https://${authority}/c/${id}`, source };
}
