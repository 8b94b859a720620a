/** What every fake server lets one see and disturb, whatever its own types are: journal, counters, faults. */
import { z } from 'zod';
import { FAULT_KINDS, type FakeExchange, type FaultRule } from '../../ews/index.ts';
import { ControlRefusal } from '../control-route.ts';
import { HTTP_FAULT_KINDS, type HttpFault, type HttpFaultPlan } from '../wire/http-fault-plan.ts';
import type { RequestCounters } from '../wire/request-counters.ts';
import type { RequestJournal } from '../wire/request-journal.ts';
import type { ServerName } from './control-context.ts';

interface JournalQuery {
  readonly operation?: string | undefined;
  readonly since?: number | undefined;
  readonly mailbox?: string | undefined;
  readonly pathContains?: string | undefined;
}

interface ProbeEntry {
  readonly seq: number;
  readonly at: number;
  readonly operation: string;
  readonly [detail: string]: unknown;
}

export interface ServerProbe {
  readonly name: ServerName;
  readonly url: string;
  addFault(rule: unknown): string;
  removeFault(id: string): boolean;
  clearFaults(): void;
  listFaults(): readonly { readonly id: string; readonly kind: string; readonly struck: number }[];
  listJournal(query: JournalQuery): readonly ProbeEntry[];
  clearJournal(): void;
  counters(): object;
  resetCounters(): void;
}

const common = {
  operation: z.string().optional().describe('name of the operation as the journal writes it; absent: every one'),
  count: z.int().min(1).optional().describe('strikes at most so often; absent: until removed'),
  skip: z.int().min(0).optional().describe('lets so many pass first'),
  probability: z.number().min(0).max(1).optional().describe('absent: always'),
  status: z.int().min(100).max(599).optional(),
  text: z.string().optional(),
  ms: z.number().min(0).optional(),
  backOffMs: z.number().min(0).optional().describe('announced back-off or Retry-After'),
};

export const exchangeFaultSchema = z.object({
  server: z.literal('exchange').default('exchange'),
  kind: z.enum(FAULT_KINDS),
  ...common,
  mailbox: z.string().optional().describe('address; absent: every mailbox'),
  code: z.string().optional().describe('Exchange response code'),
  bytes: z.int().min(0).optional(),
  amount: z.int().min(0).optional(),
});

export const httpFaultSchema = z.object({
  server: z.enum(['trueconf', 'registration']),
  kind: z.enum(HTTP_FAULT_KINDS),
  ...common,
  method: z.string().optional(),
  pathContains: z.string().optional().describe('part of the path, for example a conference id'),
  contentType: z.string().optional(),
});

export function exchangeProbe(server: FakeExchange): ServerProbe {
  return {
    name: 'exchange',
    url: server.url,
    addFault: (rule) => server.faults.add(definedOnly(ruleOf(exchangeFaultSchema, rule)) as unknown as FaultRule),
    removeFault: (id) => server.faults.remove(id),
    clearFaults: () => server.faults.clear(),
    listFaults: () => server.faults.list(),
    listJournal: ({ operation, since, mailbox }) =>
      server.journal
        .list(definedOnly({ operation, since, mailbox }))
        .map(({ sequence, ...entry }) => ({ seq: sequence, ...entry })),
    clearJournal: () => server.journal.clear(),
    counters: () => server.counters.snapshot(),
    resetCounters: () => server.counters.reset(),
  };
}

interface HttpParts {
  readonly url: string;
  readonly faults: HttpFaultPlan;
  readonly journal: RequestJournal;
  readonly counters: RequestCounters;
}

export function httpProbe(name: 'trueconf' | 'registration', server: HttpParts): ServerProbe {
  return {
    name,
    url: server.url,
    addFault: (rule) => server.faults.add(definedOnly(ruleOf(httpFaultSchema, rule)) as HttpFault),
    removeFault: (id) => server.faults.remove(id),
    clearFaults: () => server.faults.clear(),
    listFaults: () => server.faults.list(),
    listJournal: ({ operation, since, pathContains }) =>
      server.journal.list({ operation, since, pathContains }).map((entry) => ({ ...entry })),
    clearJournal: () => server.journal.clear(),
    counters: () => server.counters.snapshot(),
    resetCounters: () => server.counters.reset(),
  };
}

function ruleOf(schema: z.ZodObject, rule: unknown): object {
  const result = schema.safeParse(rule);
  if (!result.success)
    throw new ControlRefusal(400, 'invalidRequest', result.error.issues[0]?.message ?? 'not a fault');
  const { server: _server, ...rest } = result.data;
  return rest;
}

function definedOnly<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never;
}
