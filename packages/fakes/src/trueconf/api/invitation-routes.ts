/** Planned participants, and ringing or telling people. v3 takes flat bodies and PUT, v4 wrapped ones and PATCH. Source: facts/trueconf.md §2.4. */
import { TrueConfRefusal } from '../world/refusal.ts';
import type { ApiCall, ApiRoute } from './api-routes.ts';
import { fieldsOf, requiredString, stringField, stringListField } from './body-fields.ts';
import { demandRead, demandWrite } from './caller.ts';
import { idOf } from './conference-routes.ts';
import type { Dialect } from './dialect.ts';

export function invitationRoutes(dialect: Dialect): readonly ApiRoute[] {
  const { world } = dialect;
  const all = '/conferences/:id/invitations';
  const one = `${all}/:iid`;
  const read = 'conferences.invitations:read';
  const write = 'conferences.invitations:write';
  const readable = (call: ApiCall): string => demandRead(call.caller, world.getConference(idOf(call))).id;
  const writable = (call: ApiCall): string => demandWrite(call.caller, world.getConference(idOf(call))).id;
  const iid = (call: ApiCall): string => call.params.iid ?? '';
  return [
    {
      method: 'GET',
      path: all,
      operation: 'listInvitations',
      scope: read,
      work: (call) => ({
        invitations: world.getConference(readable(call)).invitations.map((one) => dialect.writeInvitation(one)),
      }),
    },
    {
      method: 'POST',
      path: all,
      operation: 'addInvitation',
      scope: write,
      work: (call) => {
        const id = writable(call);
        return { invitation: dialect.writeInvitation(world.addInvitation(id, dialect.readInvitation(call.body))) };
      },
    },
    {
      method: 'GET',
      path: one,
      operation: 'getInvitation',
      scope: read,
      work: (call) => ({ invitation: dialect.writeInvitation(world.getInvitation(readable(call), iid(call))) }),
    },
    {
      method: dialect.family === 'v3' ? 'PUT' : 'PATCH',
      path: one,
      operation: 'updateInvitation',
      scope: write,
      work: (call) => {
        const id = writable(call);
        const fields = fieldsOf(call.body);
        const name = stringField(
          fields.invitation === undefined ? fields : fieldsOf(fields.invitation),
          'display_name',
        );
        if (name === undefined)
          throw new TrueConfRefusal('invalidParameter', 'display_name is required.', 'display_name');
        return { invitation: dialect.writeInvitation(world.updateInvitation(id, iid(call), name)) };
      },
    },
    {
      method: 'DELETE',
      path: one,
      operation: 'removeInvitation',
      scope: write,
      work: (call) => {
        world.removeInvitation(writable(call), iid(call));
        return dialect.family === 'v3' && world.quirks.v3DeleteStatus === 200 ? { id: iid(call) } : undefined;
      },
    },
    {
      method: 'POST',
      path: '/conferences/:id/invite',
      operation: 'inviteParticipants',
      scope: 'conferences.participants:write',
      work: (call) => {
        const people = stringListField(fieldsOf(call.body), 'participants') ?? [];
        if (people.length === 0)
          throw new TrueConfRefusal('invalidParameter', 'participants is required.', 'participants');
        world.invite(writable(call), people);
        return { participants: people };
      },
    },
    ...(dialect.family === 'v3' ? [addParticipant(dialect, writable)] : [notifyRoute(dialect, writable)]),
  ];
}

function addParticipant(dialect: Dialect, writable: (call: ApiCall) => string): ApiRoute {
  return {
    method: 'POST',
    path: '/conferences/:id/participants',
    operation: 'addParticipant',
    scope: 'conferences.participants:write',
    work: (call) => {
      const person = requiredString(fieldsOf(call.body), 'participant_id');
      dialect.world.invite(writable(call), [person], 'participants');
      return { participant_id: person };
    },
  };
}

/** Mail or push to all planned participants or the named ones. */
function notifyRoute(dialect: Dialect, writable: (call: ApiCall) => string): ApiRoute {
  return {
    method: 'POST',
    path: '/conferences/:id/notify',
    operation: 'notifyConference',
    scope: 'conferences.invitations:write',
    work: (call) => ({
      invitations: dialect.world.notify(writable(call), stringListField(fieldsOf(call.body), 'invitations')),
    }),
  };
}
