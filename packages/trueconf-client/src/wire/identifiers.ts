/**
 * Forms of TrueConf identifiers (facts/trueconf.md §2.7): short id `user`, TrueConf ID `user@server`, instance
 * `user@server/…`, domain style `sub1.trust1.loc\user`, e-mail guests, devices `#sip:…`.
 * The short id is the canonical one of API paths and invitations.
 */
import { type TrueConfUserId, trueConfUserId } from '@calendar-connector/calendar-model';

/** Server name of an endpoint id: `server.trueconf.name#vcs` is on `server.trueconf.name`. */
export function serverName(serverId: string): string {
  const hash = serverId.indexOf('#');
  return (hash < 0 ? serverId : serverId.slice(0, hash)).toLowerCase();
}

/** The short id, if the id belongs to this server; guests, devices and users of other servers stay as they are. */
export function shortUserId(id: string, server: string): TrueConfUserId {
  const suffix = `@${server}`;
  const slash = id.indexOf('/', id.indexOf('@'));
  const bare = id.includes('@') && slash > 0 && !id.startsWith('#') ? id.slice(0, slash) : id;
  return trueConfUserId(bare.toLowerCase().endsWith(suffix) ? bare.slice(0, -suffix.length) : bare);
}

/** One path segment; dots alone would climb. */
export function segment(text: string): string {
  return encodeURIComponent(text).replace(/^\.+$/, (dots) => '%2E'.repeat(dots.length));
}
