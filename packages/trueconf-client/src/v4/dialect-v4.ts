/** API v4 and v4.1 on the wire: PATCH merges, invitation bodies are wrapped. Source: facts/trueconf.md §2.4. */
import type { ConferenceId, ConferenceParticipant } from '@calendar-connector/calendar-model';
import type { CancelSignal } from '@calendar-connector/sync-core';
import { z } from 'zod';
import { conferenceCalls, conferencePath } from '../conference-calls.ts';
import type { Dialect } from '../dialect.ts';
import type { Session } from '../session.ts';
import { userCalls } from '../user-calls.ts';
import { conferenceSchema, readConference, type V4Setting, writePatch, writeSpec } from './conference-codec.ts';

/** An entry and the raw object it came from. */
const entrySchema = z.looseObject({}).transform((raw, context) => {
  const parsed = conferenceSchema.safeParse(raw);
  if (parsed.success) return { wire: parsed.data, raw };
  context.addIssue({ code: 'custom', message: 'not a conference' });
  return z.NEVER;
});
const answerSchema = z.union([
  z.object({ conference: entrySchema }).transform(({ conference }) => conference),
  entrySchema,
]);
/** `results` stands beside the list; whether it counts the page or everything is not public, so it is not read. */
const pageSchema = z.object({ conferences: z.array(entrySchema).max(100_000) });

export function dialectV4(session: Session, api: 'v4' | 'v4.1', setting: V4Setting): Dialect {
  const prefix = `/api/${api}`;
  const otherPrefixes = api === 'v4.1' ? ['/api/v4', '/api/v3.11'] : ['/api/v3.11'];
  return {
    api,
    ...conferenceCalls(session, prefix),
    ...userCalls(session, [prefix, ...otherPrefixes], setting.server),

    async fetchConference(id, signal) {
      const request = { operation: 'findConference', method: 'GET', path: conferencePath(prefix, id) } as const;
      const { wire, raw } = await session.fetch(request, answerSchema, signal);
      return readConference(wire, raw, setting);
    },

    async fetchConferencePage(page, pageSize, signal) {
      const query = { page, page_size: pageSize };
      const request = { operation: 'listConferences', method: 'GET', path: `${prefix}/conferences`, query } as const;
      const { conferences } = await session.fetch(request, pageSchema, signal);
      return { entries: conferences.map(({ wire, raw }) => readConference(wire, raw, setting)) };
    },

    async sendConference(spec, signal) {
      const body = writeSpec(spec, setting);
      const request = { operation: 'createConference', method: 'POST', path: `${prefix}/conferences`, body } as const;
      const { wire, raw } = await session.fetch(request, answerSchema, signal);
      return readConference(wire, raw, setting);
    },

    async sendPatch(before, patch, signal) {
      const path = conferencePath(prefix, before.conference.id);
      const body = writePatch(patch, setting);
      await session.call({ operation: 'updateConference', method: 'PATCH', path, body }, signal);
    },

    async sendDescription(before, description, signal) {
      const path = conferencePath(prefix, before.conference.id);
      await session.call({ operation: 'updateConference', method: 'PATCH', path, body: { description } }, signal);
    },

    async sendInvitation(id: ConferenceId, { id: user, displayName }: ConferenceParticipant, signal: CancelSignal) {
      const body = { invitation: { id: user, ...(displayName === undefined ? {} : { display_name: displayName }) } };
      const path = `${conferencePath(prefix, id)}/invitations`;
      await session.call({ operation: 'addParticipant', method: 'POST', path, body }, signal);
    },

    /** Without a list it tells everybody who is planned. */
    async sendNotice(id, signal) {
      const path = `${conferencePath(prefix, id)}/notify`;
      await session.call({ operation: 'notify', method: 'POST', path, body: {} }, signal);
      return true;
    },
  };
}
