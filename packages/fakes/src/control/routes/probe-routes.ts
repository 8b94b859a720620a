/** Faults, request journal and counters of all started servers in one place. Source: design/contracts.md §8. */
import { z } from 'zod';
import { ControlRefusal, type ControlRoute, controlRoute } from '../control-route.ts';
import { momentOf } from '../schemas/moments.ts';
import { SERVER_NAMES, type ServerName } from './control-context.ts';
import { exchangeFaultSchema, httpFaultSchema, type ServerProbe } from './server-probe.ts';

const serverName = z.enum(SERVER_NAMES);
const serverQuery = z.object({ server: serverName.optional().describe('absent: all') });
const MAX_ENTRIES = 20_000;

const faultSchema = z.looseObject({ id: z.string(), server: serverName, kind: z.string(), struck: z.int() });
const entrySchema = z.looseObject({
  server: serverName,
  seq: z.int().describe('counts per server'),
  at: z.string(),
  operation: z.string(),
});

export function probeRoutes(probes: readonly ServerProbe[]): readonly ControlRoute[] {
  const named = (server: ServerName | undefined): readonly ServerProbe[] =>
    probes.filter((probe) => server === undefined || probe.name === server);
  const started = (server: ServerName): ServerProbe => {
    const probe = probes.find(({ name }) => name === server);
    if (probe) return probe;
    throw new ControlRefusal(404, 'notStarted', `The fake ${server} server was not started.`);
  };
  return [
    ...faultRoutes(named, started),
    controlRoute({
      method: 'GET',
      path: '/journal',
      operationId: 'listJournal',
      tag: 'probes',
      summary: 'What the servers were asked and answered; oldest first, the newest `limit` of them.',
      query: serverQuery.extend({
        operation: z.string().optional(),
        mailbox: z.string().optional(),
        pathContains: z.string().optional(),
        since: z.coerce.number().int().optional().describe('only entries after this seq'),
        limit: z.coerce.number().int().min(1).max(MAX_ENTRIES).default(1000),
      }),
      answer: z.object({ entries: z.array(entrySchema) }),
      work: ({ query }) => {
        const entries = named(query.server).flatMap((probe) =>
          probe.listJournal(query).map((entry) => ({ server: probe.name, entry })),
        );
        entries.sort((a, b) => a.entry.at - b.entry.at || a.entry.seq - b.entry.seq);
        const newest = entries.slice(-query.limit);
        return { entries: newest.map(({ server, entry }) => ({ ...entry, server, at: momentOf(entry.at) })) };
      },
    }),
    controlRoute({
      method: 'DELETE',
      path: '/journal',
      operationId: 'clearJournal',
      tag: 'probes',
      summary: 'Forgets the entries so far; sequence numbers go on.',
      query: serverQuery,
      work: ({ query }) => {
        for (const probe of named(query.server)) probe.clearJournal();
      },
    }),
    controlRoute({
      method: 'GET',
      path: '/counters',
      operationId: 'getCounters',
      tag: 'probes',
      summary: 'Exact counts per server: requests by operation and status, most at once, back-off violations …',
      answer: z.record(z.string(), z.record(z.string(), z.unknown())),
      work: () => Object.fromEntries(probes.map((probe) => [probe.name, { ...probe.counters() }])),
    }),
    controlRoute({
      method: 'DELETE',
      path: '/counters',
      operationId: 'resetCounters',
      tag: 'probes',
      summary: 'Counts from zero again.',
      query: serverQuery,
      work: ({ query }) => {
        for (const probe of named(query.server)) probe.resetCounters();
      },
    }),
  ];
}

function faultRoutes(
  named: (server: ServerName | undefined) => readonly ServerProbe[],
  started: (server: ServerName) => ServerProbe,
): readonly ControlRoute[] {
  return [
    controlRoute({
      method: 'GET',
      path: '/faults',
      operationId: 'listFaults',
      tag: 'faults',
      summary: 'Faults in force and how often each has struck.',
      query: serverQuery,
      answer: z.object({ faults: z.array(faultSchema) }),
      work: ({ query }) => ({
        faults: named(query.server).flatMap((probe) =>
          probe.listFaults().map((fault) => ({ ...fault, id: `${probe.name}:${fault.id}`, server: probe.name })),
        ),
      }),
    }),
    controlRoute({
      method: 'POST',
      path: '/faults',
      operationId: 'addFault',
      tag: 'faults',
      summary: 'Puts a fault in force on one server.',
      body: z.union([httpFaultSchema, exchangeFaultSchema]),
      answer: z.object({ id: z.string() }),
      work: ({ body }) => ({ id: `${body.server}:${started(body.server).addFault(body)}` }),
    }),
    controlRoute({
      method: 'DELETE',
      path: '/faults',
      operationId: 'clearFaults',
      tag: 'faults',
      summary: 'Ends all faults (of one server).',
      query: serverQuery,
      work: ({ query }) => {
        for (const probe of named(query.server)) probe.clearFaults();
      },
    }),
    controlRoute({
      method: 'DELETE',
      path: '/faults/{id}',
      operationId: 'removeFault',
      tag: 'faults',
      summary: 'Ends one fault.',
      params: z.object({ id: z.string() }),
      work: ({ params }) => {
        const [server, id = ''] = params.id.split(':', 2);
        const probe = SERVER_NAMES.find((name) => name === server);
        if (!probe || !started(probe).removeFault(id))
          throw new ControlRefusal(404, 'notFound', `No fault '${params.id}'.`);
      },
    }),
  ];
}
