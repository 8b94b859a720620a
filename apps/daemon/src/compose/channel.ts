/** Wires the client channel to store, engine and servers. */

import type { TrueConfServerId } from '@calendar-connector/calendar-model';
import { encodePush } from '@calendar-connector/client-protocol';
import type { ConnectorConfig } from '@calendar-connector/config';
import { licenceMessage } from '@calendar-connector/licensing';
import type { PostgresStore } from '@calendar-connector/storage-kysely';
import { type ConferenceWish, conferenceIdFor, wishingUrl } from '@calendar-connector/sync-core';
import type { Admission } from '../channel/admission.ts';
import { Authority } from '../channel/authority.ts';
import { ChangeHub } from '../channel/change-hub.ts';
import { type ChannelServer, openChannel } from '../channel/channel-server.ts';
import type { ConferenceLinks } from '../channel/join-link.ts';
import { OncePerKey } from '../channel/once-per-key.ts';
import { Refusal } from '../channel/refusal.ts';
import { type Clock, waitFor } from '../engine/clock.ts';
import type { MailboxSupervisor } from '../engine/mailboxes/mailbox-supervisor.ts';
import type { LicenceKeeper } from './licence-keeper.ts';
import type { Observers } from './observers.ts';
import { ConfiguredPresenter } from './presenter.ts';
import type { Targets } from './targets.ts';

export interface ChannelWiring {
  readonly config: () => ConnectorConfig;
  readonly clock: Clock;
  readonly store: PostgresStore;
  readonly targets: Targets;
  readonly supervisor: MailboxSupervisor;
  readonly admission: Admission;
  readonly licence: LicenceKeeper;
  readonly observers: Observers;
}

export async function openChannelFor(wiring: ChannelWiring): Promise<ChannelServer> {
  const { config, clock, store, supervisor, observers } = wiring;
  const never = new AbortController().signal;
  const presenter = new ConfiguredPresenter(config, clock);
  const hub = new ChangeHub({
    store,
    render: (mailbox, calendarId, page, kind) => presenter.push(mailbox, calendarId, page, kind),
    encode: (calendarId, revision, { changed, removed }) =>
      encodePush({ method: 'eventsChanged', calendarId, revision, changed: changed as never, removed: [...removed] }),
    delivered: (page) => presenter.pushed(page),
    onPushed: (mailbox, revision, receivers) => observers.channel.pushed(mailbox, revision, receivers),
    onError: (mailbox, error) => observers.channel.pushFailed(mailbox, error),
  });
  const authority = new Authority({
    clock,
    store,
    target: (id) => wiring.targets.find(id),
    isConfigured: (mailbox) => usersOf(config()).has(mailbox),
    fetchDelegates: async (mailbox) => {
      const place = await supervisor.locate(mailbox, never);
      return place ? place.source.fetchDelegates(place.resolved, never) : [];
    },
  });
  const follower = await store.followChanges({
    onChange: (mailbox, revision) => hub.changed(mailbox, revision),
    onLost: () => hub.lookAgain(),
  });
  const channel = await openChannel({
    host: config().wsHost,
    port: config().wsPort,
    maxMessageBytes: config().limits.messageBytes,
    admission: wiring.admission,
    onRefusedHandshake: (reason) => observers.channel.handshakeRefused(reason),
    context: {
      clock,
      store,
      once: new OncePerKey(store),
      authority,
      presenter,
      loadCopies: async (key) => (await store.loadMeeting(key)).copies,
      hub,
      admission: wiring.admission,
      limits: () => config().limits,
      observer: observers.channel,
      locate: supervisor.locate.bind(supervisor),
      lookNow: (mailbox) => supervisor.lookNow(mailbox),
      wait: (ms) => waitFor(clock, ms, never),
      writeBan: () => writeBan(wiring),
      linksOf: (server) => (write, wish) => conferenceLink(config(), server, write, wish),
      audit: (mailbox, what, outcome) => observers.channel.wrote(mailbox, what, outcome),
    },
  }).catch(async (error: unknown) => {
    await follower.close();
    throw error;
  });
  return {
    port: channel.port,
    get clients() {
      return channel.clients;
    },
    close: async () => {
      await channel.close();
      await follower.close();
    },
  };
}

const USERS = new WeakMap<ConnectorConfig, ReadonlySet<string>>();

/** Every configured mailbox; read once per configuration. */
function usersOf(config: ConnectorConfig): ReadonlySet<string> {
  const known = USERS.get(config);
  if (known) return known;
  const users = new Set(config.calendarProviders.flatMap(({ users: list }) => list.map((user) => user.toLowerCase())));
  USERS.set(config, users);
  return users;
}

/** Why clients may not write now, if so: the access level, or a licence that has ended. */
function writeBan({ config, licence }: ChannelWiring): Refusal | undefined {
  if (config().access !== 'full') return new Refusal('forbidden', 'the administrator allows reading only');
  const { maySync, fault } = licence.check.entitlements;
  if (maySync) return undefined;
  return new Refusal(
    'licenceLimit',
    fault ? licenceMessage(fault, config().language) : 'the licence does not allow writing',
  );
}

/** The conference a client asked for is named in the event's marker from the start; planning then makes it, once. */
function conferenceLink(
  config: ConnectorConfig,
  serverId: TrueConfServerId,
  { mailbox, key }: Parameters<ConferenceLinks>[0],
  wish: ConferenceWish,
): ReturnType<ConferenceLinks> {
  const server = config.trueConfServers.find(({ id }) => id.toLowerCase() === serverId.toLowerCase());
  if (!server) return undefined;
  const id = conferenceIdFor(`client:${mailbox}/${key}` as Parameters<typeof conferenceIdFor>[0]);
  const url = `https://${server.id.split('#')[0]}/c/${id}`;
  return { url, marker: { conferenceUrl: wishingUrl(url, wish) } };
}
