/** All routes of the control API over one context. Source: design/contracts.md §8. */
import { z } from 'zod';
import { ControlRefusal, type ControlRoute, controlRoute } from './control-route.ts';
import { clockRoutes } from './routes/clock-routes.ts';
import { conferenceRoutes } from './routes/conference-routes.ts';
import type { ControlContext } from './routes/control-context.ts';
import { exchangeRoutes } from './routes/exchange-routes.ts';
import { itemRoutes } from './routes/item-routes.ts';
import { mailboxRoutes } from './routes/mailbox-routes.ts';
import { probeRoutes } from './routes/probe-routes.ts';
import { proxyRoutes } from './routes/proxy-routes.ts';
import { registrationRoutes } from './routes/registration-routes.ts';
import type { ServerProbe } from './routes/server-probe.ts';
import { trueconfRoutes } from './routes/trueconf-routes.ts';

/** Every route, in the order the description lists them. */
export function controlRoutes(context: ControlContext, probes: readonly ServerProbe[]): readonly ControlRoute[] {
  return [
    controlRoute({
      method: 'GET',
      path: '/servers',
      operationId: 'listServers',
      tag: 'servers',
      summary: 'The servers that were started and where they listen.',
      answer: z.object({ servers: z.array(z.object({ name: z.string(), url: z.string() })) }),
      work: () => ({
        servers: [
          ...probes.map(({ name, url }) => ({ name, url })),
          ...(context.proxy ? [{ name: 'proxy', url: context.proxy.url }] : []),
        ],
      }),
    }),
    controlRoute({
      method: 'GET',
      path: '/certificate',
      operationId: 'getCertificate',
      tag: 'servers',
      summary: 'Certificate of the servers (PEM): what a client is told to trust. Only with TLS.',
      answer: z.object({ pem: z.string() }),
      work: () => {
        if (context.certificate !== undefined) return { pem: context.certificate };
        throw new ControlRefusal(404, 'notStarted', 'The servers were started without TLS.');
      },
    }),
    ...mailboxRoutes(context),
    ...itemRoutes(context),
    ...exchangeRoutes(context),
    ...conferenceRoutes(context),
    ...trueconfRoutes(context),
    ...registrationRoutes(context),
    ...proxyRoutes(context.proxy),
    ...clockRoutes(context),
    ...probeRoutes(probes),
  ];
}
