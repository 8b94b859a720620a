/** The TrueConf web proxy in front of a connector: who is connected, and bad networks. */
import { z } from 'zod';
import type { FakeWebProxy } from '../../proxy/web-proxy.ts';
import { ControlRefusal, type ControlRoute, controlRoute } from '../control-route.ts';

const tag = 'proxy';
const whose = z.object({ user: z.string().optional().describe('TrueConf user id; absent: everybody') });
const countSchema = z.object({ count: z.int() });
const socketSchema = z.object({ id: z.int(), user: z.string(), fromClient: z.int(), fromConnector: z.int() });

export function proxyRoutes(proxy: FakeWebProxy | undefined): readonly ControlRoute[] {
  const started = (): FakeWebProxy => {
    if (proxy) return proxy;
    throw new ControlRefusal(404, 'notStarted', 'The fake web proxy was not started.');
  };
  const act = (name: 'cut' | 'pause' | 'resume', summary: string): ControlRoute =>
    controlRoute({
      method: 'POST',
      path: `/proxy/${name}`,
      operationId: `${name}Sockets`,
      tag,
      summary,
      body: whose,
      bodyIsOptional: true,
      answer: countSchema,
      work: ({ body }) => ({ count: started()[name](body.user) }),
    });
  return [
    controlRoute({
      method: 'GET',
      path: '/proxy/sockets',
      operationId: 'listSockets',
      tag,
      summary: 'Sockets that are open through the proxy, with frames passed each way, and totals.',
      answer: z.object({
        sockets: z.array(socketSchema),
        opened: z.int(),
        refused: z.int(),
        idleDropped: z.int(),
      }),
      work: () => ({ sockets: [...started().sockets()], ...started().counters() }),
    }),
    act('cut', 'Tears connections without a close frame.'),
    act('pause', 'Holds frames back in both directions.'),
    act('resume', 'Lets held frames go on.'),
  ];
}
