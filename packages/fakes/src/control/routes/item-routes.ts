/** Items of a mailbox, as a user would handle them in Outlook. Source: design/contracts.md §8. */
import { z } from 'zod';
import type { ItemView } from '../../world/item-view.ts';
import { ControlRefusal, type ControlRoute, controlRoute } from '../control-route.ts';
import { itemPatchSchema, itemSchema, newItemSchema } from '../schemas/item-schemas.ts';
import { draftOf, itemOf, patchOf } from '../schemas/item-translation.ts';
import { instantOf, momentSchema } from '../schemas/moments.ts';
import type { ControlContext } from './control-context.ts';

const mailboxParams = z.object({ address: z.string() });
const itemParams = mailboxParams.extend({ id: z.string().describe('id of the item, percent-encoded') });
const tag = 'items';
const occurrence = momentSchema.optional().describe('original start of the one occurrence meant');

export function itemRoutes({ exchangeWorld: world }: ControlContext): readonly ControlRoute[] {
  const found = (view: ItemView | undefined): ItemView => {
    if (view) return view;
    throw new ControlRefusal(404, 'notFound', 'This mailbox holds no such item (any more).');
  };
  const writer = (send: 'all' | 'changed' | 'none' | undefined, by: string | undefined) => ({
    send: send ?? ('all' as const),
    ...(by === undefined ? {} : { by: world.getMailbox(by).profile.name }),
  });
  const which = (moment: z.output<typeof momentSchema> | undefined) =>
    moment === undefined ? {} : { occurrence: instantOf(moment) };
  return [
    controlRoute({
      method: 'GET',
      path: '/mailboxes/{address}/items',
      operationId: 'listItems',
      tag,
      summary: 'Items of the calendar: masters and singles, or with a window the occurrences in it.',
      params: mailboxParams,
      query: z.object({ from: momentSchema.optional(), to: momentSchema.optional() }),
      answer: z.object({ items: z.array(itemSchema) }),
      work: ({ params, query }) => {
        const { from, to } = query;
        const window = from === undefined || to === undefined ? {} : { from: instantOf(from), to: instantOf(to) };
        return { items: world.listItems(params.address, window).map(itemOf) };
      },
    }),
    controlRoute({
      method: 'POST',
      path: '/mailboxes/{address}/items',
      operationId: 'createItem',
      tag,
      summary: 'Creates an appointment, a meeting or a series; attendees are invited unless `send` is none.',
      params: mailboxParams,
      body: newItemSchema,
      answer: itemSchema,
      work: ({ params, body }) =>
        itemOf(world.createItem(params.address, draftOf(world, params.address, body), writer(body.send, body.by))),
    }),
    controlRoute({
      method: 'GET',
      path: '/mailboxes/{address}/items/{id}',
      operationId: 'getItem',
      tag,
      summary: 'One item.',
      params: itemParams,
      answer: itemSchema,
      work: ({ params }) => itemOf(found(world.getItem(params.address, params.id))),
    }),
    controlRoute({
      method: 'PATCH',
      path: '/mailboxes/{address}/items/{id}',
      operationId: 'updateItem',
      tag,
      summary: 'Changes an item, or one occurrence of a series.',
      params: itemParams,
      body: itemPatchSchema,
      answer: itemSchema,
      work: ({ params, body }) => {
        const patch = patchOf(world, params.address, body);
        const options = { ...writer(body.send, body.by), ...which(body.occurrence) };
        return itemOf(world.updateItem(params.address, params.id, patch, options));
      },
    }),
    controlRoute({
      method: 'DELETE',
      path: '/mailboxes/{address}/items/{id}',
      operationId: 'deleteItem',
      tag,
      summary: 'Deletes an item or one occurrence, into Deleted Items or for good.',
      params: itemParams,
      query: z.object({
        occurrence,
        hard: z.stringbool().optional(),
        send: z.enum(['none', 'all']).optional(),
      }),
      work: ({ params, query }) => {
        const { hard, send } = query;
        world.deleteItem(params.address, params.id, {
          ...which(query.occurrence),
          ...(hard === undefined ? {} : { hard }),
          ...(send === undefined ? {} : { send }),
        });
      },
    }),
    controlRoute({
      method: 'POST',
      path: '/mailboxes/{address}/items/{id}/respond',
      operationId: 'respondToItem',
      tag,
      summary: 'Answers an invitation; the organizer learns of it unless `send` is false.',
      params: itemParams,
      body: z.object({
        response: z.enum(['accept', 'tentative', 'decline']),
        send: z.boolean().optional(),
        occurrence,
      }),
      answer: z.object({ item: itemSchema.optional() }),
      work: ({ params, body }) => {
        const options = { ...which(body.occurrence), ...(body.send === undefined ? {} : { send: body.send }) };
        const view = world.respond(params.address, params.id, body.response, options);
        return view === undefined ? {} : { item: itemOf(view) };
      },
    }),
    controlRoute({
      method: 'POST',
      path: '/mailboxes/{address}/items/{id}/cancel',
      operationId: 'cancelItem',
      tag,
      summary: 'The organizer calls a meeting (or one occurrence) off.',
      params: itemParams,
      body: z.object({ occurrence }),
      bodyIsOptional: true,
      work: ({ params, body }) => world.cancelItem(params.address, params.id, which(body.occurrence)),
    }),
    controlRoute({
      method: 'POST',
      path: '/mailboxes/{address}/items/{id}/move',
      operationId: 'moveItem',
      tag,
      summary: 'Moves an item to another folder; its id changes.',
      params: itemParams,
      body: z.object({ folder: z.string().describe('distinguished name such as deleteditems, or a folder id') }),
      answer: z.object({ item: itemSchema.optional() }),
      work: ({ params, body }) => {
        const view = world.moveItem(params.address, params.id, body.folder);
        return view === undefined ? {} : { item: itemOf(view) };
      },
    }),
  ];
}
