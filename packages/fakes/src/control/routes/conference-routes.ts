/** Conferences as people on the TrueConf side handle them, free of any API version, and what came of them. */
import { z } from 'zod';
import type { ConferenceRecord, SessionRecord, StoredSchedule } from '../../trueconf/world/conference-record.ts';
import { DAY_NAMES } from '../../trueconf/world/conference-record.ts';
import { type ControlRoute, controlRoute } from '../control-route.ts';
import { instantOf, momentOf, momentOutSchema, momentSchema } from '../schemas/moments.ts';
import type { ControlContext } from './control-context.ts';

const tag = 'conferences';
const idParams = z.object({ id: z.string() });
const mode = z.enum(['smartMeeting', 'moderated', 'allOnScreen', 'videoLecture']);
const access = z.enum(['private', 'public']);
const durationSeconds = z.int().min(1);
const days = z.array(z.enum(DAY_NAMES)).min(1);
const time = z
  .string()
  .regex(/^\d{2}:\d{2}$/)
  .describe('HH:MM, UTC');

const scheduleInSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('none') }),
  z.object({ type: z.literal('once'), start: momentSchema, durationSeconds }),
  z.object({ type: z.literal('week'), days, time, durationSeconds }),
]);
const scheduleOutSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('none') }),
  z.object({ type: z.literal('once'), start: momentOutSchema, durationSeconds }),
  z.object({ type: z.literal('week'), days, time, durationSeconds }),
]);
const changeShape = {
  topic: z.string().optional(),
  description: z.string().optional(),
  owner: z.string().optional(),
  mode: mode.optional(),
  access: access.optional(),
  schedule: scheduleInSchema.optional(),
  participants: z.array(z.string()).optional().describe('user ids; for public conferences also e-mail addresses'),
  tags: z.array(z.string()).optional(),
  autoInvite: z.int().optional(),
  autoTermination: z.boolean().optional().describe('a scheduled run ends by itself after its duration'),
};
const newSchema = z.object({ ...changeShape, id: z.string().optional(), topic: z.string(), owner: z.string() });
const changeSchema = z.object(changeShape);

const conferenceSchema = z.object({
  id: z.string(),
  topic: z.string(),
  description: z.string(),
  owner: z.string(),
  mode,
  access,
  state: z.enum(['running', 'stopped']),
  sessionId: z.string().optional(),
  schedule: scheduleOutSchema,
  participants: z.array(z.object({ id: z.string(), displayName: z.string(), isModerator: z.boolean() })),
  tags: z.array(z.string()),
  url: z.string(),
  createdAt: momentOutSchema,
  revision: z.int(),
});
const sessionSchema = z.object({
  id: z.string(),
  conferenceId: z.string(),
  startedBy: z.enum(['api', 'schedule']),
  startedAt: momentOutSchema,
  endedAt: momentOutSchema.optional(),
  participants: z.array(z.object({ id: z.string(), joinedAt: momentOutSchema, leftAt: momentOutSchema.optional() })),
});
const noticeSchema = z.object({
  kind: z.enum(['ring', 'notify']),
  conferenceId: z.string(),
  to: z.string(),
  at: momentOutSchema,
  cause: z.string(),
});

export function conferenceRoutes({ trueconfWorld: world }: ControlContext): readonly ControlRoute[] {
  const shown = (one: ConferenceRecord) => writeConference(one, world.domain);
  return [
    controlRoute({
      method: 'GET',
      path: '/conferences',
      operationId: 'listConferences',
      tag,
      summary: 'All conferences of the TrueConf Server.',
      query: z.object({ state: z.enum(['running', 'stopped']).optional(), tag: z.string().optional() }),
      answer: z.object({ conferences: z.array(conferenceSchema) }),
      work: ({ query }) => ({
        conferences: world
          .listConferences()
          .filter(
            ({ state, tags }) =>
              state === (query.state ?? state) && (query.tag === undefined || tags.includes(query.tag)),
          )
          .map(shown),
      }),
    }),
    controlRoute({
      method: 'POST',
      path: '/conferences',
      operationId: 'createConference',
      tag,
      summary: 'Plans a conference, as its owner would in the personal area.',
      body: newSchema,
      answer: conferenceSchema,
      work: ({ body }) => {
        const { id, topic, owner } = body;
        return shown(
          world.createConference({ mode: 'smartMeeting', ...definedOnly(readChange(body)), id, topic, owner }),
        );
      },
    }),
    controlRoute({
      method: 'GET',
      path: '/conferences/{id}',
      operationId: 'getConference',
      tag,
      summary: 'One conference.',
      params: idParams,
      answer: conferenceSchema,
      work: ({ params }) => shown(world.getConference(params.id)),
    }),
    controlRoute({
      method: 'PATCH',
      path: '/conferences/{id}',
      operationId: 'updateConference',
      tag,
      summary: 'Changes a conference, as its owner would.',
      params: idParams,
      body: changeSchema,
      answer: conferenceSchema,
      work: ({ params, body }) => shown(world.updateConference(params.id, readChange(body))),
    }),
    controlRoute({
      method: 'DELETE',
      path: '/conferences/{id}',
      operationId: 'deleteConference',
      tag,
      summary: 'Deletes a conference.',
      params: idParams,
      work: ({ params }) => world.deleteConference(params.id),
    }),
    ...lifeRoutes(world, shown),
    controlRoute({
      method: 'GET',
      path: '/conferences/{id}/sessions',
      operationId: 'listSessions',
      tag,
      summary: 'Every run of a conference, also of one deleted since.',
      params: idParams,
      answer: z.object({ sessions: z.array(sessionSchema) }),
      work: ({ params }) => {
        world.settle();
        return { sessions: world.sessions.list(params.id).map(writeSession) };
      },
    }),
    controlRoute({
      method: 'GET',
      path: '/notices',
      operationId: 'listNotices',
      tag,
      summary: 'Rings and notifications people got.',
      query: z.object({ conferenceId: z.string().optional() }),
      answer: z.object({ notices: z.array(noticeSchema) }),
      work: ({ query }) => {
        world.settle();
        return { notices: world.sessions.notices(query.conferenceId).map((one) => ({ ...one, at: momentOf(one.at) })) };
      },
    }),
  ];
}

type World = ControlContext['trueconfWorld'];
type Shown = (one: ConferenceRecord) => z.input<typeof conferenceSchema>;

function lifeRoutes(world: World, shown: Shown): readonly ControlRoute[] {
  const act = (name: 'run' | 'stop', summary: string): ControlRoute =>
    controlRoute({
      method: 'POST',
      path: `/conferences/{id}/${name}`,
      operationId: `${name}Conference`,
      tag,
      summary,
      params: idParams,
      answer: conferenceSchema,
      work: ({ params }) => shown(name === 'run' ? world.runConference(params.id) : world.stopConference(params.id)),
    });
  const person = (name: 'join' | 'leave', summary: string): ControlRoute =>
    controlRoute({
      method: 'POST',
      path: `/conferences/{id}/${name}`,
      operationId: `${name}Conference`,
      tag,
      summary,
      params: idParams,
      body: z.object({ user: z.string() }),
      work: ({ params, body }) => {
        if (name === 'join') world.join(params.id, body.user);
        else world.leave(params.id, body.user);
      },
    });
  return [
    act('run', 'Starts a conference.'),
    act('stop', 'Ends a conference.'),
    person('join', 'Somebody enters a running conference.'),
    person('leave', 'Somebody leaves.'),
  ];
}

function readChange(body: z.output<typeof changeSchema>) {
  const { topic, description, owner, mode: kind, access: whom, tags, autoInvite, autoTermination } = body;
  return {
    topic,
    description,
    owner,
    mode: kind,
    access: whom,
    tags,
    autoInvite,
    schedule: body.schedule && readSchedule(body.schedule),
    invitations: body.participants?.map((id) => ({ id })),
    options: autoTermination === undefined ? undefined : { auto_termination_enabled: autoTermination },
  };
}

function definedOnly<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Partial<T>;
}

function readSchedule(schedule: z.output<typeof scheduleInSchema>): StoredSchedule {
  if (schedule.type === 'none') return schedule;
  if (schedule.type === 'week') return { ...schedule, offsetMinutes: 0 };
  const { type, durationSeconds: seconds } = schedule;
  return {
    type,
    startSeconds: Math.floor(instantOf(schedule.start) / 1000),
    durationSeconds: seconds,
    offsetMinutes: 0,
  };
}

function writeConference(one: ConferenceRecord, domain: string): z.input<typeof conferenceSchema> {
  const { id, topic, description, owner, state, sessionId, schedule, revision } = one;
  return {
    id,
    topic,
    description,
    owner,
    mode: one.mode,
    access: one.access,
    state,
    ...(sessionId === undefined ? {} : { sessionId }),
    schedule: writeSchedule(schedule),
    participants: one.invitations.map((invitation) => ({ ...invitation })),
    tags: [...one.tags],
    url: `https://${domain}/c/${id}`,
    createdAt: momentOf(one.createdAt),
    revision,
  };
}

function writeSchedule(schedule: StoredSchedule): z.input<typeof scheduleOutSchema> {
  if (schedule.type === 'none') return { type: 'none' };
  const { durationSeconds: seconds } = schedule;
  if (schedule.type === 'once') {
    return { type: 'once', start: momentOf(schedule.startSeconds * 1000), durationSeconds: seconds };
  }
  return { type: 'week', days: [...schedule.days], time: schedule.time, durationSeconds: seconds };
}

function writeSession(session: SessionRecord): z.input<typeof sessionSchema> {
  return {
    id: session.id,
    conferenceId: session.conferenceId,
    startedBy: session.startedBy,
    startedAt: momentOf(session.startedAt),
    ...(session.endedAt === undefined ? {} : { endedAt: momentOf(session.endedAt) }),
    participants: session.participants.map(({ id, joinedAt, leftAt }) => ({
      id,
      joinedAt: momentOf(joinedAt),
      ...(leftAt === undefined ? {} : { leftAt: momentOf(leftAt) }),
    })),
  };
}
