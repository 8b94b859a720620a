/** Mailboxes, rooms, distribution lists, delegates, passwords. Source: design/contracts.md §8. */
import { z } from 'zod';
import { ControlRefusal, type ControlRoute, controlRoute } from '../control-route.ts';
import type { ControlContext } from './control-context.ts';

const mailboxParams = z.object({ address: z.string() });
const tag = 'mailboxes';
const MAX_LISTED = 100_000;

const mailboxSchema = z.object({
  address: z.string(),
  name: z.string(),
  type: z.enum(['user', 'room']),
  aliases: z.array(z.string()),
  timeZone: z.string(),
});
const access = z.enum(['None', 'Reviewer', 'Author', 'Editor', 'Custom']);
const delegateSchema = z.object({
  address: z.string(),
  calendar: access,
  receivesCopies: z.boolean(),
  viewsPrivate: z.boolean(),
});

export function mailboxRoutes({ exchangeWorld: world }: ControlContext): readonly ControlRoute[] {
  const shown = (address: string): z.input<typeof mailboxSchema> => {
    const { profile } = world.getMailbox(address);
    const { name, type, aliases, timeZone } = profile;
    return { address: profile.address, name, type, aliases: [...aliases], timeZone };
  };
  return [
    controlRoute({
      method: 'GET',
      path: '/mailboxes',
      operationId: 'listMailboxes',
      tag,
      summary: 'Addresses of the mailboxes.',
      query: z.object({ limit: z.coerce.number().int().min(1).max(MAX_LISTED).default(1000) }),
      answer: z.object({ mailboxes: z.array(z.string()) }),
      work: ({ query }) => ({ mailboxes: firstOf(world.addresses(), query.limit) }),
    }),
    controlRoute({
      method: 'POST',
      path: '/mailboxes',
      operationId: 'createMailbox',
      tag,
      summary: 'A new person with a mailbox, or a room that answers invitations itself.',
      body: z.object({
        address: z.email(),
        name: z.string().optional(),
        type: z.enum(['user', 'room']).default('user'),
        password: z.string().optional(),
        aliases: z.array(z.string()).optional(),
        timeZone: z.string().optional(),
      }),
      answer: mailboxSchema,
      work: ({ body }) => {
        const { address, type, ...options } = body;
        const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
        if (type === 'room') world.addRoom(address, given);
        else world.addMailbox(address, given);
        return shown(address);
      },
    }),
    controlRoute({
      method: 'GET',
      path: '/mailboxes/{address}',
      operationId: 'getMailbox',
      tag,
      summary: 'One mailbox.',
      params: mailboxParams,
      answer: mailboxSchema,
      work: ({ params }) => shown(params.address),
    }),
    controlRoute({
      method: 'DELETE',
      path: '/mailboxes/{address}',
      operationId: 'removeMailbox',
      tag,
      summary: 'The mailbox no longer exists for anybody.',
      params: mailboxParams,
      work: ({ params }) => world.removeMailbox(params.address),
    }),
    controlRoute({
      method: 'PUT',
      path: '/mailboxes/{address}/password',
      operationId: 'setPassword',
      tag,
      summary: 'Changes the password of an account (also of the impersonation account).',
      params: mailboxParams,
      body: z.object({ password: z.string().min(1) }),
      work: ({ params, body }) => world.setPassword(params.address, body.password),
    }),
    controlRoute({
      method: 'GET',
      path: '/mailboxes/{address}/delegates',
      operationId: 'listDelegates',
      tag,
      summary: 'Who may act for this person.',
      params: mailboxParams,
      answer: z.object({ delegates: z.array(delegateSchema) }),
      work: ({ params }) => ({ delegates: [...world.directory.delegatesOf(world.getMailbox(params.address).address)] }),
    }),
    controlRoute({
      method: 'PUT',
      path: '/mailboxes/{address}/delegates/{delegate}',
      operationId: 'saveDelegate',
      tag,
      summary: 'Lets somebody act for this person.',
      params: mailboxParams.extend({ delegate: z.string() }),
      body: delegateSchema.omit({ address: true }).partial(),
      bodyIsOptional: true,
      work: ({ params, body }) => {
        const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
        world.addDelegate(params.address, params.delegate, given);
      },
    }),
    controlRoute({
      method: 'DELETE',
      path: '/mailboxes/{address}/delegates/{delegate}',
      operationId: 'removeDelegate',
      tag,
      summary: 'Takes the right back.',
      params: mailboxParams.extend({ delegate: z.string() }),
      work: ({ params }) => {
        if (!world.removeDelegate(params.address, params.delegate)) {
          throw new ControlRefusal(404, 'notFound', `${params.delegate} is not a delegate of ${params.address}.`);
        }
      },
    }),
    controlRoute({
      method: 'PUT',
      path: '/distribution-lists/{address}',
      operationId: 'saveDistributionList',
      tag,
      summary: 'A distribution list; meetings with it reach its members.',
      params: mailboxParams,
      body: z.object({ name: z.string(), members: z.array(z.string()) }),
      work: ({ params, body }) => world.addDistributionList(params.address, body.name, body.members),
    }),
  ];
}

function firstOf(addresses: Iterable<string>, limit: number): string[] {
  const first: string[] = [];
  for (const address of addresses) {
    if (first.length === limit) break;
    first.push(address);
  }
  return first;
}
