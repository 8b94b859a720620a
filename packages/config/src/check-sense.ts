/** Second pass: does the configuration make sense as a whole? Everything one key cannot know about another. */
import { isLoopbackHost } from './loopback.ts';
import type { Reporter } from './reporter.ts';
import type { ConfigFile } from './schema/config-file.ts';

export function checkSense(file: ConfigFile, report: Reporter): void {
  checkProviders(file, report);
  checkUsers(file, report);
  checkServers(file, report);
  checkListeners(file, report);
  checkRegistration(file.registration, report);
}

/** The section `registration`, which is also read alone. */
export function checkRegistration({ scheme, host }: ConfigFile['registration'], report: Reporter): void {
  if (scheme === 'http' && !isLoopbackHost(host))
    report.error(['registration', 'scheme'], report.say.httpNotLocal(host));
}

/** The name a provider goes by. */
export function providerName(provider: ConfigFile['calendarProviders'][number]): string {
  return provider.name ?? provider.host;
}

function checkProviders(file: ConfigFile, report: Reporter): void {
  const names = new Set<string>();
  for (const [index, provider] of file.calendarProviders.entries()) {
    const path = ['calendarProviders', index] as const;
    const name = providerName(provider);
    if (names.has(name)) report.error([...path, provider.name ? 'name' : 'host'], report.say.duplicateProvider(name));
    names.add(name);
    if (provider.scheme === 'http' && !isLoopbackHost(provider.host)) {
      report.error([...path, 'scheme'], report.say.httpNotLocal(provider.host));
    }
    if (provider.users.length === 0) report.warn([...path, 'users'], report.say.noUsers());
  }
}

function checkUsers(file: ConfigFile, report: Reporter): void {
  const owners = new Map<string, string>();
  for (const [index, provider] of file.calendarProviders.entries()) {
    const name = providerName(provider);
    for (const [position, user] of provider.users.entries()) {
      const path = ['calendarProviders', index, 'users', position] as const;
      const owner = owners.get(user.toLowerCase());
      if (owner === name) report.warn(path, report.say.duplicateUser(user));
      else if (owner !== undefined) report.error(path, report.say.sharedUser(user, owner));
      else owners.set(user.toLowerCase(), name);
    }
  }
  for (const [position, user] of file.priorityUsers.entries()) {
    if (!owners.has(user.toLowerCase())) report.warn(['priorityUsers', position], report.say.unknownPriorityUser(user));
  }
}

function checkServers(file: ConfigFile, report: Reporter): void {
  const described = new Set<string>();
  const listed = new Set(file.productWhitelist.tcs.map((id) => id.toLowerCase()));
  for (const [index, server] of file.trueConfServers.entries()) {
    const path = ['trueConfServers', index] as const;
    const id = server.id.toLowerCase();
    if (described.has(id)) report.error([...path, 'id'], report.say.duplicateServer(server.id));
    else if (!listed.has(id)) report.warn([...path, 'id'], report.say.serverNotListed(server.id));
    described.add(id);
    const { protocol, hostname } = new URL(server.url);
    if (protocol === 'http:' && !isLoopbackHost(hostname))
      report.error([...path, 'url'], report.say.httpNotLocal(hostname));
  }
  if (listed.size === 0) report.warn(['productWhitelist', 'tcs'], report.say.emptyWhitelist());
  for (const [index, id] of file.productWhitelist.tcs.entries()) {
    if (!described.has(id.toLowerCase())) report.warn(['productWhitelist', 'tcs', index], report.say.noServerEntry(id));
  }
}

function checkListeners(file: ConfigFile, report: Reporter): void {
  const { host, port, adminToken } = file.http;
  if (!isLoopbackHost(host) && adminToken === undefined) report.error(['http', 'host'], report.say.tokenNeeded(host));
  if (port === file.wsPort) report.error(['http', 'port'], report.say.samePort(port));
}
