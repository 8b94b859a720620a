/**
 * Who asks. A token of an application sees the whole server, a user's token that user's conferences only
 * (owner or listed participant); scopes are checked first. Source: facts/trueconf.md §2.2.
 */
import type { FastifyRequest } from 'fastify';
import type { ConferenceRecord } from '../world/conference-record.ts';
import { TrueConfRefusal } from '../world/refusal.ts';
import { allows } from '../world/token-store.ts';
import type { TrueConfWorld } from '../world/trueconf-world.ts';

export interface Caller {
  readonly clientId: string;
  /** absent: server wide */
  readonly userId?: string | undefined;
  readonly scopes: readonly string[];
}

/** Reads the token from the header or `?access_token=` and checks the scope. */
export function authorise(world: TrueConfWorld, request: FastifyRequest, scope: string | undefined): Caller {
  const token = tokenOf(request);
  const record = token === undefined ? undefined : world.tokens.find(token);
  const user = record?.userId === undefined ? undefined : world.users.find(record.userId);
  if (!record || (record.userId !== undefined && user?.isActive !== true)) {
    throw new TrueConfRefusal('accessTokenInvalid', 'Access token is invalid or expired.', 'access_token', 'header');
  }
  request.caller = record.userId === undefined ? `client:${record.clientId}` : `user:${record.userId}`;
  if (scope !== undefined && !allows(record.scopes, scope)) {
    throw new TrueConfRefusal('forbidden', `The scope '${scope}' is required.`, 'scope', 'header');
  }
  return { clientId: record.clientId, userId: record.userId, scopes: record.scopes };
}

export function mayRead(caller: Caller, conference: ConferenceRecord): boolean {
  const { userId } = caller;
  if (userId === undefined || conference.owner === userId) return true;
  return conference.invitations.some((invitation) => invitation.id === userId);
}

export function demandRead(caller: Caller, conference: ConferenceRecord): ConferenceRecord {
  if (mayRead(caller, conference)) return conference;
  throw new TrueConfRefusal('forbidden', 'This conference is not yours.', 'conference_id', 'path');
}

export function demandWrite(caller: Caller, conference: ConferenceRecord): ConferenceRecord {
  if (caller.userId === undefined || conference.owner === caller.userId) return conference;
  throw new TrueConfRefusal('forbidden', 'Only the owner may change this conference.', 'conference_id', 'path');
}

/** Things only an application may do, such as listing all users. */
export function demandServerWide(caller: Caller): void {
  if (caller.userId !== undefined) throw new TrueConfRefusal('forbidden', 'This needs a server-wide token.');
}

function tokenOf(request: FastifyRequest): string | undefined {
  const header = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (header !== undefined) return header;
  const query = (request.query as Record<string, unknown> | undefined)?.access_token;
  return typeof query === 'string' ? query : undefined;
}
