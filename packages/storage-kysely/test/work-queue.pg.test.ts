/** Jobs: one handler per meeting, starts on the moment, nothing lost when handlers or the queue end. */
import type { MeetingKey } from '@calendar-connector/calendar-model';
import { conferenceId, meetingKey, trueConfServerId } from '@calendar-connector/calendar-model';
import type { Baseline, PlanMeetingPayload, StartConferencePayload, StartJob } from '@calendar-connector/sync-core';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PostgresStore, WorkHandlers, WorkQueue } from '../src/index.ts';
import { openStore, openWorkQueue } from '../src/index.ts';
import { ask, openTestStore } from './open-test-store.ts';
import { Road } from './road.ts';

const opened = openTestStore();
const queues: WorkQueue[] = [];
const SERVER = trueConfServerId('server.example.test#vcs');
const BASELINE: Baseline = { version: 1, starts: [], cancelled: false, removed: false };
let count = 0;
let key: MeetingKey;

beforeEach(() => {
  count += 1;
  key = meetingKey({ uid: `meeting-${count}` });
});

afterEach(async () => {
  await Promise.all(queues.splice(0).map((queue) => queue.stop()));
  await ask(opened.store, 'truncate graphile_worker._private_jobs');
});

async function open(
  handlers: Partial<WorkHandlers>,
  node: { store?: PostgresStore; id?: string; planConcurrency?: number; log?: (message: string) => void } = {},
): Promise<WorkQueue> {
  const nothing = async () => undefined;
  const queue = await openWorkQueue({
    store: node.store ?? opened.store,
    nodeId: node.id ?? 'node-1',
    planConcurrency: node.planConcurrency ?? 16,
    log: (_level, message) => node.log?.(message),
    handlers: { plan_meeting: nothing, start_conference: nothing, ...handlers },
  });
  queues.push(queue);
  return queue;
}

function startOf(n: number | string, at: number): StartJob {
  return {
    meeting: meetingKey({ uid: `start-${n}` }),
    serverId: SERVER,
    conferenceId: conferenceId(`c${n}`),
    occurrenceStart: at,
    at,
  };
}

async function schedule(starts: readonly StartJob[], version = 0): Promise<void> {
  const rest = { startsToCancel: [], removals: [], visibleChange: false, timeline: [] };
  const outcome = await opened.store.commitSettlement({
    key,
    version,
    baseline: BASELINE,
    startsToSchedule: starts,
    ...rest,
  });
  expect(outcome).toBe('done');
}

/** A handler that counts how many of it run at once and waits for a permit. */
function gated() {
  let [running, most, calls] = [0, 0, 0];
  let gate = Promise.withResolvers<void>();
  const arrivals: Array<() => void> = [];
  const run = async () => {
    calls += 1;
    running += 1;
    most = Math.max(most, running);
    arrivals.shift()?.();
    await gate.promise;
    running -= 1;
  };
  return {
    run,
    arrival: () => new Promise<void>((done) => arrivals.push(done)),
    openGate: () => gate.resolve(),
    close: () => {
      gate = Promise.withResolvers();
    },
    get most() {
      return most;
    },
    get calls() {
      return calls;
    },
  };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let rounds = 0; !(await holds()); rounds += 1) {
    if (rounds > 2_000) throw new Error('it never came to be');
    await new Promise((done) => setTimeout(done, 5));
  }
}

const empty = async (queue: WorkQueue) => {
  const { ready, scheduled, picked } = await queue.counts();
  return ready + scheduled + picked === 0;
};

describe('planning', () => {
  test('reaches the handler once, however often it was asked for', async () => {
    const seen: PlanMeetingPayload[] = [];
    await opened.store.requestPlan([key, key]);
    await opened.store.requestPlan([key]);
    const queue = await open({ plan_meeting: async (payload) => void seen.push(payload) });
    await until(() => empty(queue));
    expect(seen).toEqual([{ key }]);
  });

  test('never has two handlers for one meeting, over two nodes, while changes keep arriving', async () => {
    const gate = gated();
    const first = await open({ plan_meeting: gate.run });
    const second = await open({ plan_meeting: gate.run }, { store: opened.another(), id: 'node-2' });
    const arrived = gate.arrival();
    await opened.store.requestPlan([key]);
    await arrived;
    for (let change = 0; change < 30; change += 1) await opened.store.requestPlan([key]);
    await opened.store.requestPlan([key], Date.now());
    await until(async () => (await first.counts()).ready === 0);
    expect(gate.most).toBe(1);
    gate.openGate();
    await until(() => empty(second));
    expect(gate.most).toBe(1);
    expect(gate.calls).toBeGreaterThan(1);
    expect(gate.calls).toBeLessThan(10);
  });

  test('ordered at the very moment at which the job of before is picked is ordered all the same', async () => {
    await opened.store.requestPlan([key]);
    // As the library picks a job, standing still just before its commit.
    const picking = await opened.another().internals.db.startTransaction().execute();
    await sql`update graphile_worker._private_jobs set locked_by = 'a pool', locked_at = now(), attempts = 1`.execute(
      picking,
    );
    const ordered = opened.store.requestPlan([key]);
    const waiting = `select 1 from pg_locks where not granted and locktype = 'transactionid'`;
    await until(async () => (await ask(opened.store, waiting)).length > 0);
    await picking.commit().execute();
    await ordered;
    const free = `select 1 from graphile_worker.jobs where locked_at is null and key like 'plan:%'`;
    expect(await ask(opened.store, free)).toHaveLength(1);
  });

  test('of other meetings goes on beside one that takes long', async () => {
    const slow = Promise.withResolvers<void>();
    const others: string[] = [];
    const queue = await open({
      plan_meeting: async (payload) => (payload.key === key ? slow.promise : void others.push(payload.key)),
    });
    await opened.store.requestPlan([
      key,
      ...Array.from({ length: 50 }, (_, n) => meetingKey({ uid: `other-${count}-${n}` })),
    ]);
    await until(() => others.length === 50);
    slow.resolve();
    await until(() => empty(queue));
  });

  test('that fails is tried again; given up, it is a dead letter with its reason, and can be retried', async () => {
    let fail = true;
    const queue = await open({
      plan_meeting: async () => {
        if (fail) throw new Error('TrueConf Server said 500');
      },
    });
    await opened.store.requestPlan([key]);
    const failed = `update graphile_worker._private_jobs set run_at = now(), attempts = max_attempts - 1 where last_error is not null and attempts < max_attempts and locked_at is null returning 1`;
    await until(async () => (await ask(opened.store, failed)).length > 0);
    await ask(opened.store, `select pg_notify('jobs:insert', '{"count":1}')`);
    await until(async () => (await queue.deadLetters()).length === 1);
    const [dead] = await queue.deadLetters();
    expect(dead).toMatchObject({
      task: 'plan_meeting',
      meeting: key,
      reason: 'TrueConf Server said 500',
      attempts: 10,
    });
    fail = false;
    expect(await queue.retry(dead?.id ?? '')).toBe('done');
    expect(await queue.retry('17; drop table')).toBe('unknown');
    await until(() => empty(queue));
    expect(await queue.deadLetters()).toEqual([]);
  });

  test('a new change makes a dead letter live again', async () => {
    await opened.store.requestPlan([key]);
    await ask(opened.store, 'update graphile_worker._private_jobs set attempts = max_attempts');
    const queue = await open({});
    expect(await queue.deadLetters()).toHaveLength(1);
    await opened.store.requestPlan([key]);
    await until(() => empty(queue));
    expect(await queue.deadLetters()).toEqual([]);
    await opened.store.maintain();
    expect(await ask(opened.store, 'select 1 from graphile_worker.jobs')).toEqual([]);
  });
});

describe('a start', () => {
  test('is begun at its moment, not before, and close to it', async () => {
    const begun = Promise.withResolvers<{ payload: StartConferencePayload; when: number }>();
    await open({ start_conference: async (payload) => begun.resolve({ payload, when: Date.now() }) });
    const at = Date.now() + 1_200;
    await schedule([startOf(count, at)]);
    const { payload, when } = await begun.promise;
    expect(payload).toEqual(startOf(count, at));
    expect(when).toBeGreaterThanOrEqual(at);
  });

  test('is prepared a little before its moment, and begun on time when the preparation hangs', async () => {
    const prepared = Promise.withResolvers<{ payload: StartConferencePayload; when: number }>();
    const begun = Promise.withResolvers<number>();
    await open({
      prepare_start: (payload) => {
        prepared.resolve({ payload, when: Date.now() });
        return new Promise(() => {});
      },
      start_conference: async () => begun.resolve(Date.now()),
    });
    const at = Date.now() + 3_000;
    await schedule([startOf(count, at)]);
    const { payload, when } = await prepared.promise;
    expect(payload).toEqual(startOf(count, at));
    expect(when).toBeGreaterThanOrEqual(at - 2_000);
    expect(when).toBeLessThan(at);
    expect(await begun.promise).toBeGreaterThanOrEqual(at);
  });

  test('of five hundred due at one instant none is early, none is twice', async () => {
    const at = Date.now() + 2_500;
    await schedule(Array.from({ length: 500 }, (_, n) => startOf(`${count}-${n}`, at)));
    const begun: Array<{ id: string; when: number }> = [];
    const handler = async (payload: StartConferencePayload) =>
      void begun.push({ id: payload.conferenceId, when: Date.now() });
    await open({ start_conference: handler });
    const second = await open({ start_conference: handler }, { store: opened.another(), id: 'node-2' });
    await until(() => empty(second));
    expect(new Set(begun.map((one) => one.id)).size).toBe(500);
    expect(begun).toHaveLength(500);
    expect(Math.min(...begun.map((one) => one.when))).toBeGreaterThanOrEqual(at);
  });

  test('that is cancelled while a node already waits for it does not happen', async () => {
    const begun: string[] = [];
    const queue = await open({ start_conference: async (payload) => void begun.push(payload.conferenceId) });
    const at = Date.now() + 1_500;
    await schedule([startOf('keep', at), startOf('drop', at)]);
    await until(async () => (await queue.counts()).picked === 2);
    const rest = { startsToSchedule: [], removals: [], visibleChange: false, timeline: [] };
    await opened.store.commitSettlement({
      key,
      version: 1,
      baseline: BASELINE,
      startsToCancel: [startOf('drop', at)],
      ...rest,
    });
    await until(() => empty(queue));
    expect(begun).toEqual(['ckeep']);
  });

  test('that is moved while a node already waits for it happens once, at the new time', async () => {
    const begun: number[] = [];
    const queue = await open({ start_conference: async () => void begun.push(Date.now()) });
    const at = Date.now() + 1_200;
    await schedule([startOf('moved', at)]);
    await until(async () => (await queue.counts()).picked === 1);
    await schedule([{ ...startOf('moved', at), at: at + 800 }], 1);
    await until(() => empty(queue));
    expect(begun).toHaveLength(1);
    expect(begun[0]).toBeGreaterThanOrEqual(at + 800);
  });

  test("waits for the meeting's planning under way", async () => {
    const order: string[] = [];
    const planning = Promise.withResolvers<void>();
    const planned = Promise.withResolvers<void>();
    const at = Date.now() + 600;
    const start = startOf(count, at);
    const queue = await open({
      plan_meeting: async (payload) => {
        if (payload.key !== start.meeting) return;
        planned.resolve();
        await planning.promise;
        order.push('planned');
      },
      start_conference: async () => void order.push('started'),
    });
    await opened.store.requestPlan([start.meeting]);
    await planned.promise;
    await schedule([start]);
    await until(() => Date.now() > at + 200);
    expect(order).toEqual([]);
    planning.resolve();
    await until(() => empty(queue));
    expect(order).toEqual(['planned', 'started']);
  });
});

describe('a queue that stops', () => {
  test('hands waiting starts back to another node, with all their attempts', async () => {
    const at = Date.now() + 2_000;
    const first = await open({ start_conference: async () => Promise.reject(new Error('the wrong node')) });
    await schedule([startOf(count, at)]);
    await until(async () => (await first.counts()).picked === 1);
    await first.stop();
    const begun = Promise.withResolvers<number>();
    await open(
      { start_conference: async (_payload, { attempt }) => begun.resolve(attempt) },
      { store: opened.another(), id: 'node-2' },
    );
    expect(await begun.promise).toBe(1);
  });

  test('lets a running handler finish', async () => {
    const gate = gated();
    const queue = await open({ plan_meeting: gate.run });
    const arrived = gate.arrival();
    await opened.store.requestPlan([key]);
    await arrived;
    const stopped = queue.stop();
    gate.openGate();
    await stopped;
    expect(await ask(opened.store, 'select 1 from graphile_worker.jobs')).toEqual([]);
  });

  test('aborts one that does not, and its job is there for the next node', async () => {
    const aborted = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const queue = await open({
      plan_meeting: (_payload, { signal }) => {
        arrived.resolve();
        return new Promise((_done, fail) => {
          signal.addEventListener('abort', () => {
            aborted.resolve();
            fail(signal.reason);
          });
        });
      },
    });
    await opened.store.requestPlan([key]);
    await arrived.promise;
    expect(await queue.drain(100)).toBe('timedOut');
    await queue.stop();
    await aborted.promise;
    const again = Promise.withResolvers<number>();
    await open(
      { plan_meeting: async (_payload, { attempt }) => again.resolve(attempt) },
      { store: opened.another(), id: 'node-2' },
    );
    expect(await again.promise).toBe(1);
  });
});

test('a queue whose very first look for jobs failed picks jobs all the same', async () => {
  const fail = 'create table public.refuse_looks ()';
  const body = `begin if to_regclass('public.refuse_looks') is not null then raise exception 'not now'; end if; return null; end`;
  await ask(opened.store, fail);
  await ask(opened.store, `create function public.refuse() returns trigger language plpgsql as $$ ${body} $$`);
  await ask(
    opened.store,
    'create trigger refuse before insert on graphile_worker._private_tasks for each statement execute function public.refuse()',
  );
  await ask(opened.store, `insert into graphile_worker._private_tasks (identifier) values ('x')`).catch(
    () => undefined,
  );
  const seen: MeetingKey[] = [];
  const refused: string[] = [];
  const queue = await open(
    { plan_meeting: async (payload) => void seen.push(payload.key) },
    { log: (message) => refused.push(message) },
  );
  await until(() => refused.length > 0);
  await ask(opened.store, 'drop table public.refuse_looks');
  await opened.store.requestPlan([key]);
  await until(() => seen.length === 1);
  await until(() => empty(queue));
  const at = Date.now() + 200;
  await schedule([startOf(`first-${count}`, at)]);
  await until(() => empty(queue));
});

/** A node whose road to the database can be disturbed. */
async function onTheRoad(handlers: Partial<WorkHandlers>, disturb: (road: Road) => Promise<void>) {
  const road = await Road.to(opened.database.url);
  const store = openStore({ connection: { url: road.url }, applicationName: 'disturbed', poolSize: 4 });
  try {
    const queue = await open(handlers, { store });
    await disturb(road);
    await until(() => empty(queue));
    await queue.stop();
  } finally {
    await store.close();
    await road.close();
  }
}

test('a queue whose finished jobs could not be reported for a while picks jobs again', async () => {
  const gate = Promise.withResolvers<void>();
  const seen = new Set<MeetingKey>();
  let turns = 0;
  const plan_meeting = async (payload: PlanMeetingPayload) => {
    seen.add(payload.key);
    const turn = turns++;
    await gate.promise;
    // One after the other, so that each is reported in a batch of its own.
    await new Promise((done) => setTimeout(done, turn * 15));
  };
  const [first, later] = [1, 2].map((n) => Array.from({ length: 12 }, (_, m) => meetingKey({ uid: `road-${n}-${m}` })));
  await onTheRoad({ plan_meeting }, async (road) => {
    await opened.store.requestPlan(first ?? []);
    await until(() => seen.size === 12);
    await road.close();
    gate.resolve();
    await new Promise((done) => setTimeout(done, 500));
    await road.open();
    await opened.store.requestPlan(later ?? []);
    await until(() => seen.size === 24);
  });
});

describe('a job fetched in an answer that never arrives', () => {
  test('is carried out all the same: a plan', async () => {
    const seen: MeetingKey[] = [];
    await onTheRoad({ plan_meeting: async (payload) => void seen.push(payload.key) }, async (road) => {
      const stolen = road.steal(key);
      await opened.store.requestPlan([key]);
      await stolen;
    });
    expect(seen).toEqual([key]);
  });

  test('is carried out all the same: a start, at its moment', async () => {
    const begun: number[] = [];
    const at = Date.now() + 4_500;
    await onTheRoad({ start_conference: async () => void begun.push(Date.now()) }, async (road) => {
      const stolen = road.steal(`start-${count}`);
      await schedule([startOf(count, at)]);
      await stolen;
    });
    expect(begun).toHaveLength(1);
    expect(begun[0]).toBeGreaterThanOrEqual(at);
    expect(begun[0]).toBeLessThan(at + 1_000);
  });
});

describe('a node taken for dead', () => {
  test('loses its jobs and locks to another one, and learns it through the signal', async () => {
    const zombie = opened.another();
    const aborted = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    await zombie.beat({ id: 'zombie', name: 'zombie', deadAfterMs: 60_000 });
    const taken = Promise.withResolvers<MeetingKey>();
    const sleeper: WorkHandlers['plan_meeting'] = async (_payload, { signal }) => {
      arrived.resolve();
      await new Promise((done) => signal.addEventListener('abort', done));
      aborted.resolve();
      await taken.promise;
    };
    await open({ plan_meeting: sleeper }, { store: zombie, id: 'zombie', planConcurrency: 1 });
    await opened.store.requestPlan([key]);
    await arrived.promise;
    const heir = opened.another();
    const announced = `select 1 from tcc.nodes where id = 'zombie' and cardinality(worker_pools) = 2`;
    await until(async () => (await ask(heir, announced)).length === 1);
    const finish = Promise.withResolvers<void>();
    const queue = await open(
      {
        plan_meeting: async (payload) => {
          taken.resolve(payload.key);
          await finish.promise;
        },
      },
      { store: heir, id: 'heir' },
    );
    await ask(heir, `update tcc.nodes set beat_at = now() - interval '1 hour' where id = 'zombie'`);
    await heir.beat({ id: 'heir', name: 'heir', deadAfterMs: 10_000 });
    await aborted.promise;
    expect(await taken.promise).toBe(key);
    await new Promise((done) => setTimeout(done, 100));
    expect((await queue.counts()).picked).toBe(1);
    finish.resolve();
    await until(() => empty(queue));
  });
});
