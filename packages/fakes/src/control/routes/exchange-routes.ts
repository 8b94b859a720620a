/** Exchange as its administrator sees it: mailbox servers, budgets, connections, impersonation, habits that differ between servers. */
import { z } from 'zod';
import type { FakeExchange } from '../../ews/index.ts';
import { ControlRefusal, type ControlRoute, controlRoute } from '../control-route.ts';
import type { ControlContext } from './control-context.ts';

const tag = 'exchange';
const backEndSchema = z.object({ name: z.string(), isUp: z.boolean() });
const nameParams = z.object({ name: z.string() });
const limit = z.int().min(0).optional();
const budgetsSchema = z.strictObject({
  maxConcurrency: limit.describe('requests in flight per target mailbox'),
  overConcurrency: z.enum(['fault', 'queue']).optional(),
  hangingConnections: limit,
  subscriptionsPerConnection: limit,
  maxSubscriptions: limit,
  concurrentSyncCalls: limit,
  findCountLimit: limit,
  batchTimeMs: limit,
  serviceTimeMs: limit,
  itemTimeMs: limit,
  backOffMs: limit,
  requestsPerMinute: limit,
});

export function exchangeRoutes(context: ControlContext): readonly ControlRoute[] {
  const { exchangeWorld: world } = context;
  const started = (): FakeExchange => {
    if (context.exchange) return context.exchange;
    throw new ControlRefusal(404, 'notStarted', 'The fake Exchange was not started.');
  };
  const known = (name: string): string => {
    if (
      started()
        .backEnds()
        .some((one) => one.name === name)
    )
      return name;
    throw new ControlRefusal(404, 'notFound', `There is no mailbox server '${name}'.`);
  };
  return [
    controlRoute({
      method: 'GET',
      path: '/exchange/back-ends',
      operationId: 'listBackEnds',
      tag,
      summary: 'Mailbox servers behind the front.',
      answer: z.object({ backEnds: z.array(backEndSchema) }),
      work: () => ({ backEnds: [...started().backEnds()] }),
    }),
    controlRoute({
      method: 'POST',
      path: '/exchange/back-ends/{name}/fail',
      operationId: 'failBackEnd',
      tag,
      summary: 'A mailbox server goes down: its subscriptions and streams end, its mailboxes wake up elsewhere.',
      params: nameParams,
      work: ({ params }) => started().failBackEnd(known(params.name)),
    }),
    controlRoute({
      method: 'POST',
      path: '/exchange/back-ends/{name}/restore',
      operationId: 'restoreBackEnd',
      tag,
      summary: 'It comes back.',
      params: nameParams,
      work: ({ params }) => started().restoreBackEnd(known(params.name)),
    }),
    controlRoute({
      method: 'PUT',
      path: '/mailboxes/{address}/back-end',
      operationId: 'moveMailbox',
      tag,
      summary: 'Moves a mailbox to another server; its subscriptions end.',
      params: z.object({ address: z.string() }),
      body: z.object({ backEnd: z.string() }),
      work: ({ params, body }) => {
        const address = world.getMailbox(params.address).address;
        started().moveMailbox(address, known(body.backEnd));
      },
    }),
    controlRoute({
      method: 'POST',
      path: '/mailboxes/{address}/recreate-calendar',
      operationId: 'recreateCalendar',
      tag,
      summary: 'A new calendar folder with the old items: folder id and sync states of before are void.',
      params: z.object({ address: z.string() }),
      work: ({ params }) => {
        world.getMailbox(params.address).recreateCalendar();
      },
    }),
    controlRoute({
      method: 'PUT',
      path: '/exchange/budgets',
      operationId: 'setBudgets',
      tag,
      summary: 'Limits in force from now on; what is left out is unlimited or default.',
      body: budgetsSchema,
      work: ({ body }) => started().setBudgets(definedOnly(body)),
    }),
    controlRoute({
      method: 'PUT',
      path: '/exchange/impersonation',
      operationId: 'setImpersonation',
      tag,
      summary: 'Whom the service account (or another) may act for: everybody, named mailboxes, nobody.',
      body: z.object({
        login: z.string().optional().describe('default: the service account'),
        scope: z.union([z.literal('everybody'), z.literal('nobody'), z.array(z.string())]),
      }),
      work: ({ body }) => {
        const login = body.login ?? world.serviceAccount;
        const { scope } = body;
        if (scope === 'nobody') world.directory.removeImpersonator(login);
        else if (scope === 'everybody') world.directory.addImpersonator({ login });
        else {
          const named = new Set(scope.map((address) => address.toLowerCase()));
          world.directory.addImpersonator({ login, scope: (address) => named.has(address.toLowerCase()) });
        }
      },
    }),
    ...breakRoutes(started),
    controlRoute({
      method: 'PATCH',
      path: '/exchange/behaviour',
      operationId: 'setBehaviour',
      tag,
      summary: 'What real servers do in more than one way.',
      body: z.object({ acceptRecreates: z.boolean().optional(), declineRemoves: z.boolean().optional() }),
      answer: z.object({ acceptRecreates: z.boolean(), declineRemoves: z.boolean() }),
      work: ({ body }) => Object.assign(world.behaviour, definedOnly(body)),
    }),
  ];
}

function breakRoutes(started: () => FakeExchange): readonly ControlRoute[] {
  const act = (
    path: string,
    operationId: string,
    summary: string,
    work: (server: FakeExchange) => void,
  ): ControlRoute => controlRoute({ method: 'POST', path, operationId, tag, summary, work: () => work(started()) });
  return [
    act(
      '/exchange/cut',
      'cutConnections',
      'Cuts every open connection, as a restarted load balancer would.',
      (server) => server.cutConnections(),
    ),
    act(
      '/exchange/drop-subscriptions',
      'dropSubscriptions',
      'Ends all subscriptions, as a restarted service would.',
      (server) => server.dropSubscriptions(),
    ),
    controlRoute({
      method: 'POST',
      path: '/exchange/unlock',
      operationId: 'unlockAccount',
      tag,
      summary: 'Unlocks an account that had too many wrong passwords.',
      body: z.object({ login: z.string() }),
      work: ({ body }) => started().unlockAccount(body.login),
    }),
  ];
}

function definedOnly<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never;
}
