/** API v3.11 on the wire: PUT replaces the whole conference, invitation bodies are flat. Source: facts/trueconf.md §2.4. */
import type { ConferenceId, ConferenceParticipant } from '@calendar-connector/calendar-model';
import type { CancelSignal } from '@calendar-connector/sync-core';
import { z } from 'zod';
import { conferenceCalls, conferencePath } from '../conference-calls.ts';
import type { Dialect, ReadConference } from '../dialect.ts';
import { TrueConfError } from '../error.ts';
import type { Session } from '../session.ts';
import { userCalls } from '../user-calls.ts';
import { optionalInteger } from '../wire/field-schemas.ts';
import { conferenceSchema, readConference, type V3Setting, writeReplacement, writeSpec } from './conference-codec.ts';

const PREFIX = '/api/v3.11';

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
const pageSchema = z.object({ cnt: optionalInteger, conferences: z.array(entrySchema).max(100_000) });

export function dialectV3(session: Session, setting: V3Setting): Dialect {
  const { server } = setting;
  return {
    api: 'v3.11',
    ...conferenceCalls(session, PREFIX),
    ...userCalls(session, [PREFIX, '/api/v4'], server),

    async fetchConference(id, signal) {
      const request = { operation: 'findConference', method: 'GET', path: conferencePath(PREFIX, id) } as const;
      const { wire, raw } = await session.fetch(request, answerSchema, signal);
      return readConference(wire, raw, setting);
    },

    async fetchConferencePage(page, pageSize, signal) {
      const query = { page_id: page, page_size: pageSize };
      const request = { operation: 'listConferences', method: 'GET', path: `${PREFIX}/conferences`, query } as const;
      const { cnt, conferences } = await session.fetch(request, pageSchema, signal);
      const entries = conferences.map(({ wire, raw }) => readConference(wire, raw, setting));
      return { entries, ...(cnt === undefined ? {} : { total: cnt }) };
    },

    async sendConference(spec, signal) {
      const body = writeSpec(spec, setting);
      const request = { operation: 'createConference', method: 'POST', path: `${PREFIX}/conferences`, body } as const;
      const { wire, raw } = await session.fetch(request, answerSchema, signal);
      return readConference(wire, raw, setting);
    },

    async sendPatch(before, patch, signal) {
      await put(session, before, writeReplacement(before, patch, setting), signal);
    },

    /** Alone first: a server that checks what a PUT holds refuses the rest while it runs. Whole when it wants it whole. */
    async sendDescription(before, description, signal) {
      try {
        await put(session, before, { description }, signal);
      } catch (error) {
        if (!(error instanceof TrueConfError) || error.kind !== 'invalidRequest') throw error;
        await put(session, before, writeReplacement(before, { description }, setting), signal);
      }
    },

    async sendInvitation(id: ConferenceId, { id: user, displayName }: ConferenceParticipant, signal: CancelSignal) {
      const body = { id: user, ...(displayName === undefined ? {} : { display_name: displayName }) };
      const path = `${conferencePath(PREFIX, id)}/invitations`;
      await session.call({ operation: 'addParticipant', method: 'POST', path, body }, signal);
    },

    /** v3 has no such call: people are told by `auto_invite` and by being rung. */
    async sendNotice() {
      return false;
    },
  };
}

async function put(session: Session, before: ReadConference, body: Record<string, unknown>, signal: CancelSignal) {
  const path = conferencePath(PREFIX, before.conference.id);
  await session.call({ operation: 'updateConference', method: 'PUT', path, body }, signal);
}
