/** From config.json to what the engine's parts want to know. Read anew at each use, so that a reload takes effect at once. */
import type { ConnectorConfig } from '@calendar-connector/config';
import type { PlanSettings } from '@calendar-connector/sync-core';
import { needsPlan, planSettings, serverHosts } from '@calendar-connector/sync-core';
import type { AdmissionRules } from '../channel/admission.ts';
import type { SupervisorSettings } from '../engine/mailboxes/mailbox-supervisor.ts';
import type { MirrorWorkerSettings } from '../engine/servers/mirror-worker.ts';

const MINUTE_MS = 60_000;
/** A vanished item is held this long: a move (Delete + Create) shows both halves well within it. */
const HOLD_MS = 3_000;

export function planSettingsOf(config: ConnectorConfig): PlanSettings {
  const servers = config.trueConfServers.map((server) => ({
    id: server.id,
    hosts: serverHosts(server.id, server.url),
  }));
  const first = config.trueConfServers[0];
  const { keyword, mode, access, unknownAttendees } = config.conferences;
  const fallbackOwner = first?.fallbackOwner;
  return planSettings({
    servers,
    launchConference: config.launchConference,
    syncConferenceParticipants: config.syncConferenceParticipants,
    ...(keyword.enabled && first ? { keyword: { text: keyword.word, serverId: first.id, mode, access } } : {}),
    unknownAttendees,
    ownerless: fallbackOwner ? 'fallback' : 'skip',
    ...(fallbackOwner ? { fallbackOwner: fallbackOwner as NonNullable<PlanSettings['fallbackOwner']> } : {}),
    access: config.access,
    language: config.language,
    defaultMode: mode,
    defaultAccess: access,
    timing: { holdMs: HOLD_MS },
  });
}

export function supervisorSettingsOf(config: ConnectorConfig): SupervisorSettings {
  const { massDisappearancePercent, minimumEvents } = config.guard;
  const settings = planSettingsOf(config);
  return {
    language: config.language,
    autoSync: config.cache.autoSync,
    holdMs: HOLD_MS,
    sweepMs: config.sync.sweepMinutes * MINUTE_MS,
    pollMs: config.sync.pollSeconds * 1000,
    judgeDisappearance: ({ live, vanished }) =>
      vanished >= minimumEvents && vanished * 100 > live * massDisappearancePercent ? 'quarantine' : 'hold',
    needsPlan: (item) => needsPlan(item, settings),
  };
}

export function mirrorSettingsOf(config: ConnectorConfig, maySync: boolean): MirrorWorkerSettings {
  const { enabled, mail } = config.mirrorConferences;
  return {
    enabled: enabled && maySync && config.access === 'full',
    access: config.access,
    attendees: true,
    mail: mail === 'attendees' ? 'all' : 'none',
    instance: config.instance.name,
  };
}

/** Pages of the TrueConf Servers, our own pages, and what the administrator adds may open the client socket. */
export function admissionRulesOf(config: ConnectorConfig): AdmissionRules {
  const servers = config.trueConfServers.map((server) => new URL(server.url).origin);
  const named = config.productWhitelist.tcs.map((id) => `https://${id.split('#')[0]}`);
  const { host, port } = config.http;
  const own = [host, 'localhost', '127.0.0.1'].map(
    (name) => `http://${name.includes(':') ? `[${name}]` : name}:${port}`,
  );
  return {
    allowedOrigins: new Set(
      [...servers, ...named, ...own, ...config.allowedOrigins].map((origin) => origin.toLowerCase()),
    ),
    trustedProxies: new Set(config.trustedProxies),
    maxConnections: config.limits.connections,
    maxPerAddress: config.limits.connectionsPerAddress,
    maxPerUser: config.limits.connectionsPerUser,
  };
}
