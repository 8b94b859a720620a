/** Conferences: list, create, read, update, delete, run, stop; both versions. Source: facts/trueconf.md §2.4. */
import type { ConferenceRecord } from '../world/conference-record.ts';
import { TrueConfRefusal } from '../world/refusal.ts';
import type { TrueConfWorld } from '../world/trueconf-world.ts';
import { type ApiCall, type ApiRoute, integerOfQuery, pageSizeOf } from './api-routes.ts';
import { demandRead, demandWrite, mayRead } from './caller.ts';
import type { Dialect } from './dialect.ts';
import { modeName } from './dialect-v4.ts';

type Query = Readonly<Record<string, string>>;

export function conferenceRoutes(dialect: Dialect): readonly ApiRoute[] {
  const { world } = dialect;
  const one = '/conferences/:id';
  const read = 'conferences:read';
  const write = 'conferences:write';
  const wrapped = (conference: ConferenceRecord): unknown => ({ conference: dialect.writeConference(conference) });
  const writable = (call: ApiCall): string => demandWrite(call.caller, world.getConference(idOf(call))).id;
  return [
    {
      method: 'GET',
      path: '/conferences',
      operation: 'listConferences',
      scope: read,
      work: (call) => (dialect.family === 'v3' ? listV3(dialect, call) : listV4(dialect, call)),
    },
    {
      method: 'POST',
      path: '/conferences',
      operation: 'createConference',
      scope: write,
      work: (call) => {
        const input = dialect.readNewConference(call.body);
        const { userId } = call.caller;
        if (userId !== undefined && world.users.find(input.owner)?.id !== userId) {
          throw new TrueConfRefusal('forbidden', 'A user can create conferences of its own only.', 'owner');
        }
        return wrapped(world.createConference(input));
      },
    },
    {
      method: 'GET',
      path: one,
      operation: 'getConference',
      scope: read,
      work: (call) => wrapped(demandRead(call.caller, world.getConference(idOf(call)))),
    },
    {
      method: dialect.family === 'v3' ? 'PUT' : 'PATCH',
      path: one,
      operation: 'updateConference',
      scope: write,
      work: (call) => {
        const present = world.getConference(writable(call));
        return wrapped(world.updateConference(present.id, dialect.readConferenceChange(call.body, present)));
      },
    },
    {
      method: 'DELETE',
      path: one,
      operation: 'deleteConference',
      scope: write,
      work: (call) => {
        const id = writable(call);
        world.deleteConference(id);
        const status = dialect.family === 'v3' ? world.quirks.v3DeleteStatus : world.quirks.v4DeleteStatus;
        return status === 204 ? undefined : { id };
      },
    },
    {
      method: 'POST',
      path: `${one}/run`,
      operation: 'runConference',
      scope: write,
      work: (call) => ({ state: world.runConference(writable(call)).state }),
    },
    {
      method: 'POST',
      path: `${one}/stop`,
      operation: 'stopConference',
      scope: write,
      work: (call) => ({ state: world.stopConference(writable(call)).state }),
    },
  ];
}

export function idOf(call: ApiCall): string {
  return call.params.id ?? '';
}

/** 1-based `page_id`; `cnt` counts all that fit. */
function listV3(dialect: Dialect, call: ApiCall): unknown {
  const { state, tag } = call.query;
  const fitting = dialect.world
    .listConferences()
    .filter((conference) => mayRead(call.caller, conference))
    .filter((conference) => (state ?? '') === '' || conference.state === state)
    .filter((conference) => (tag ?? '') === '' || conference.tags.includes(tag ?? ''));
  const page = onePage(fitting, Math.max(1, integerOfQuery(call.query, 'page_id', 1)), pageSizeOf(call.query));
  return { cnt: fitting.length, conferences: page.map((conference) => dialect.writeConferenceInList(conference)) };
}

/** 1-based `page`; `results` counts all that fit. Unknown filters are ignored; there is none by tag. */
function listV4(dialect: Dialect, call: ApiCall): unknown {
  const fitting = dialect.world
    .listConferences()
    .filter((conference) => mayRead(call.caller, conference) && fitsV4(conference, call.query, dialect.world));
  sortV4(fitting, call.query);
  const page = onePage(fitting, Math.max(1, integerOfQuery(call.query, 'page', 1)), pageSizeOf(call.query));
  return { results: fitting.length, conferences: page.map((conference) => dialect.writeConferenceInList(conference)) };
}

function onePage<T>(all: readonly T[], page: number, size: number): readonly T[] {
  return all.slice((page - 1) * size, page * size);
}

function fitsV4(conference: ConferenceRecord, query: Query, world: TrueConfWorld): boolean {
  const contains = (text: string, part: string): boolean => text.toLowerCase().includes(part.toLowerCase());
  const start = conference.schedule.type === 'none' ? undefined : conference.schedule.startSeconds;
  const {
    topic,
    owner,
    state,
    access,
    mode,
    topic_cid_contains: either,
    invitation,
    registration_enabled: registration,
  } = query;
  const personOf = (id: string): string => world.users.find(id)?.id ?? id;
  const after = integerOfQuery(query, 'after', Number.NEGATIVE_INFINITY);
  const before = integerOfQuery(query, 'before', Number.POSITIVE_INFINITY);
  return (
    (topic === undefined || contains(conference.topic, topic)) &&
    (owner === undefined || conference.owner === personOf(owner)) &&
    (state === undefined || conference.state === state) &&
    (access === undefined || conference.access === access) &&
    (mode === undefined || modeName(conference.mode) === mode) &&
    (either === undefined || contains(conference.topic, either) || contains(conference.id, either)) &&
    (invitation === undefined || conference.invitations.some(({ id }) => id === personOf(invitation))) &&
    (registration === undefined || hasRegistration(conference) === (registration === 'true' || registration === '1')) &&
    ((query.after === undefined && query.before === undefined) ||
      (start !== undefined && start >= after && start <= before))
  );
}

function hasRegistration(conference: ConferenceRecord): boolean {
  return (conference.options.registration as { enabled?: unknown } | undefined)?.enabled === true;
}

const SORT_KEYS: Readonly<Record<string, (conference: ConferenceRecord) => string | number>> = {
  id: ({ id }) => id,
  topic: ({ topic }) => topic.toLowerCase(),
  owner: ({ owner }) => owner,
  state: ({ state }) => state,
  created_at: ({ createdAt }) => createdAt,
  start_time: ({ schedule }) => (schedule.type === 'none' ? 0 : (schedule.startSeconds ?? 0)),
};

/** `sort_order` 0 ascending, 1 descending. */
function sortV4(conferences: ConferenceRecord[], query: Query): void {
  const sortKey = SORT_KEYS[query.sort_field ?? ''];
  if (!sortKey) return;
  const sign = integerOfQuery(query, 'sort_order', 0) === 1 ? -1 : 1;
  conferences.sort((a, b) => {
    const [left, right] = [sortKey(a), sortKey(b)];
    return left === right ? 0 : left < right ? -sign : sign;
  });
}
