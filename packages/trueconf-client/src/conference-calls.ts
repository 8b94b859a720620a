/**
 * Requests that read the same in every API version but for the path prefix. Deletes answer 200 or 204, with or without
 * a body: nothing of it is read. Source: facts/trueconf.md §2.4.
 */
import type { ConferenceId, TrueConfUserId } from '@calendar-connector/calendar-model';
import type { CancelSignal } from '@calendar-connector/sync-core';
import type { Session } from './session.ts';
import { segment } from './wire/identifiers.ts';

/** What a dialect spreads into itself. */
export function conferenceCalls(session: Session, prefix: string) {
  const of = (id: ConferenceId): string => conferencePath(prefix, id);
  return {
    async sendRun(id: ConferenceId, signal: CancelSignal): Promise<void> {
      await session.call({ operation: 'runConference', method: 'POST', path: `${of(id)}/run` }, signal);
    },
    async sendStop(id: ConferenceId, signal: CancelSignal): Promise<void> {
      await session.call({ operation: 'stopConference', method: 'POST', path: `${of(id)}/stop` }, signal);
    },
    async sendRemoval(id: ConferenceId, signal: CancelSignal): Promise<void> {
      await session.call({ operation: 'removeConference', method: 'DELETE', path: of(id) }, signal);
    },
    async sendInvitationRemoval(id: ConferenceId, participant: TrueConfUserId, signal: CancelSignal): Promise<void> {
      const path = `${of(id)}/invitations/${segment(participant)}`;
      await session.call({ operation: 'removeParticipant', method: 'DELETE', path }, signal);
    },
    async sendRing(id: ConferenceId, participants: readonly TrueConfUserId[], signal: CancelSignal): Promise<void> {
      const request = { operation: 'ring', method: 'POST', path: `${of(id)}/invite`, body: { participants } } as const;
      await session.call(request, signal);
    },
  };
}

export function conferencePath(prefix: string, id: ConferenceId): string {
  return `${prefix}/conferences/${segment(id)}`;
}
