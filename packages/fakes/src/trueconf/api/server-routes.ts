/** What v4 offers around a conference (server, links, calendars, roles) and v3's sessions and history. Source: facts/trueconf.md §2.4. */
import type { ConferenceRecord, SessionRecord } from '../world/conference-record.ts';
import { CAPACITY } from '../world/conference-rules.ts';
import { type ApiCall, type ApiRoute, integerOfQuery, pageSizeOf } from './api-routes.ts';
import { demandRead, demandServerWide, mayRead } from './caller.ts';
import { idOf } from './conference-routes.ts';
import { conferenceUrls, type Dialect, writeUser } from './dialect.ts';
import { typeOfMode } from './dialect-v3.ts';
import { conferenceIcs } from './ics.ts';

export function serverRoutesV4(dialect: Dialect): readonly ApiRoute[] {
  const { world } = dialect;
  const read = 'conferences:read';
  const get = (
    path: string,
    operation: string,
    work: (conference: ConferenceRecord, call: ApiCall) => unknown,
  ): ApiRoute => ({
    method: 'GET',
    path: `/conferences/:id${path}`,
    operation,
    scope: read,
    work: (call) => work(demandRead(call.caller, world.getConference(idOf(call))), call),
  });
  return [
    { method: 'GET', path: '/server', operation: 'getServer', scope: null, work: () => writeServer(dialect) },
    {
      method: 'GET',
      path: '/endpoints/connects',
      operation: 'getConnects',
      scope: null,
      work: () => ({ connects: [`${world.domain}:4307`] }),
    },
    {
      method: 'GET',
      path: '/calculate/conferences',
      operation: 'calculateConferences',
      scope: read,
      work: () => writeCapacity(),
    },
    get('/participants', 'listParticipants', (conference, call) => listParticipants(dialect, conference, call)),
    {
      method: 'POST',
      path: '/conferences/:id/join',
      operation: 'joinConference',
      scope: 'conferences.participants:write',
      work: (call) => {
        const conference = demandRead(call.caller, world.getConference(idOf(call)));
        world.join(conference.id, call.caller.userId ?? conference.owner);
        return { state: world.getConference(conference.id).state };
      },
    },
    get('/me', 'getMyRoles', (conference, { caller }) => {
      const invitation = conference.invitations.find(({ id }) => id === caller.userId);
      const isOwner = conference.owner === caller.userId;
      const roles = { owner: isOwner, moderator: isOwner || invitation?.isModerator === true, operator: false };
      return { conference: { ...roles, participant: invitation !== undefined } };
    }),
    get('/owner', 'getOwner', (conference) => ({ owner: writeUser(world, world.users.get(conference.owner)) })),
    get('/ics', 'getIcs', (conference, { reply }) => {
      reply.type('text/calendar; charset=utf-8');
      return conferenceIcs(conference, conferenceUrls(world, conference.id).page, world.clock.now());
    }),
    get('/calendars', 'getCalendarLinks', (conference) => {
      const google = new URL('https://calendar.google.com/calendar/render?action=TEMPLATE');
      google.searchParams.set('text', conference.topic);
      const other = `https://${world.domain}/api/${dialect.apiVersion}/conferences/${conference.id}/ics`;
      return { calendars: { google: google.href, other } };
    }),
    get('/deeplinks', 'getDeepLinks', (conference) => {
      const target = `trueconf:\\c\\${conference.id}@${world.domain}`;
      return {
        deeplinks: { android: `intent://${conference.id}@${world.domain}#Intent;scheme=trueconf;end`, default: target },
      };
    }),
    get('/shared', 'getSharedLinks', (conference) => ({
      embedded: { webrtc: conferenceUrls(world, conference.id).webClient },
      rtsp_url: `rtsp://${world.domain}/c/${conference.id}`,
    })),
    get('/registrations', 'listRegistrations', () => ({ cnt: 0, list: [] })),
    get('/translations', 'listTranslations', () => ({ translations: [] })),
  ];
}

export function serverRoutesV3(dialect: Dialect): readonly ApiRoute[] {
  const { world } = dialect;
  return [
    {
      method: 'GET',
      path: '/conference-sessions/:sid/participants',
      operation: 'listSessionParticipants',
      scope: 'conferences.sessions.participants:read',
      work: (call) => {
        world.settle();
        const session = world.sessions.get(call.params.sid ?? '');
        const conference = world.findConference(session.conferenceId);
        if (conference) demandRead(call.caller, conference);
        else demandServerWide(call.caller);
        const present = session.participants.filter((one) => one.leftAt === undefined);
        const participants = present.map(({ id, displayName, role }) => ({ id, display_name: displayName, role }));
        return { count: participants.length, participants };
      },
    },
    {
      method: 'GET',
      path: '/software/clients',
      operation: 'getSoftwareClients',
      scope: null,
      work: (call) => ({
        clients: [
          {
            id: 'windows',
            url: `trueconf:${call.query.call_id ?? ''}`,
            download_url: `https://${world.domain}/clients`,
          },
        ],
      }),
    },
    {
      method: 'GET',
      path: '/logs/calls',
      operation: 'listCalls',
      scope: 'logs.calls:read',
      work: (call) => listCalls(dialect, call),
    },
  ];
}

/** Needs no token: this is how a client learns which version it may use and whose server it is. */
function writeServer({ world }: Dialect): unknown {
  return {
    product: {
      display_name: world.domain,
      id: 'server',
      name: 'TrueConf Server',
      version: world.quirks.serverVersion,
      platform: 'linux',
    },
    links: { documentation: 'https://trueconf.com/docs/server/', site_url: `https://${world.domain}` },
    web_config: { url: `https://${world.domain}` },
  };
}

function writeCapacity(): unknown {
  const limits = ({ participants, podiums }: { participants: number; podiums: number }) => ({
    max_participants: participants,
    max_podiums: podiums,
  });
  return {
    symmetric: CAPACITY.allOnScreen.participants,
    asymmetric: CAPACITY.videoLecture.participants,
    role_based: [limits(CAPACITY.moderated)],
    smart_meeting: [limits(CAPACITY.smartMeeting)],
  };
}

function listParticipants({ world }: Dialect, conference: ConferenceRecord, { query }: ApiCall): unknown {
  const session = conference.sessionId === undefined ? undefined : world.sessions.find(conference.sessionId);
  const present = query.is_in_conf;
  const fitting = (session?.participants ?? [])
    .filter((one) => present === undefined || (one.leftAt === undefined) === (present === 'true' || present === '1'))
    .filter((one) => query.call_id === undefined || one.callId === query.call_id)
    .filter((one) => one.displayName.toLowerCase().includes((query.display_name ?? '').toLowerCase()));
  const size = pageSizeOf(query);
  const page = Math.max(1, integerOfQuery(query, 'page', 1));
  return {
    cnt: fitting.length,
    list: fitting.slice((page - 1) * size, page * size).map((one) => ({
      id: one.id,
      display_name: one.displayName,
      flag: one.role,
      duration: Math.floor(((one.leftAt ?? world.clock.now()) - one.joinedAt) / 1000),
      join_time: new Date(one.joinedAt).toISOString(),
      leave_time: one.leftAt === undefined ? null : new Date(one.leftAt).toISOString(),
      app_id: 'fake-client',
      call_id: one.callId,
    })),
  };
}

/** History: one line per session; its `conference_id` is the session's, `named_conf_id` the conference's. */
function listCalls(dialect: Dialect, { query, caller }: ApiCall): unknown {
  const { world } = dialect;
  world.settle();
  const mine = (session: SessionRecord): boolean => {
    if (caller.userId === undefined || session.owner === caller.userId) return true;
    const conference = world.findConference(session.conferenceId);
    return conference !== undefined && mayRead(caller, conference);
  };
  const named = query.named_conf_id;
  const fitting = world.sessions.list(named === '' ? undefined : named).filter(mine);
  const sorted = integerOfQuery(query, 'sort_order', 0) === 1 ? fitting.toReversed() : fitting;
  const size = pageSizeOf(query);
  const page = Math.max(1, integerOfQuery(query, 'page_id', 1));
  return {
    cnt: sorted.length,
    list: sorted.slice((page - 1) * size, page * size).map((session) => ({
      conference_id: session.id,
      named_conf_id: session.conferenceId,
      topic: session.topic,
      class: 2,
      type: typeOfMode(session.mode, world),
      owner: session.owner,
      participant_count: session.participants.length,
      start_time: Math.floor(session.startedAt / 1000),
      end_time: session.endedAt === undefined ? null : Math.floor(session.endedAt / 1000),
      duration: Math.floor(((session.endedAt ?? world.clock.now()) - session.startedAt) / 1000),
    })),
  };
}
