/**
 * A mailbox that comes back empty (goal: an anomaly and no cancellation; an administrator's decision releases it). The
 * administrator speaks through the HTTP API of the running service, as `tc_calendar` does.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { WorldItem } from '../scene/control-client.ts';
import { exactly, type Finding, noted } from './goals.ts';
import { type Node, type OpenTheatre, openTheatre } from './theatre.ts';
import { address, pause, settled, until } from './worlds.ts';

const MEETINGS = 20;
const HOUR_MS = 3_600_000;
/** Vanished items are held for three seconds before they count: what has not happened after this will not. */
const LONGER_THAN_HELD_MS = 8_000;
const SERVER = 'https://server.example.test/c/';

interface Anomaly {
  readonly id: string;
  readonly kind: string;
  readonly mailbox?: string;
  readonly facts: Record<string, unknown>;
}

export async function empty(open: OpenTheatre = openTheatre): Promise<readonly Finding[]> {
  const theatre = await open({ mailboxes: 3 });
  const { scene, database, nodes } = theatre;
  const { control } = scene;
  const [node] = nodes;
  if (!node) throw new Error('a theatre has at least one node');
  try {
    await theatre.start();
    await settled(control, database, 3, 60_000);
    const made: WorldItem[] = [];
    const base = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + 24 * HOUR_MS;
    for (let index = 0; index < MEETINGS; index += 1) {
      const start = new Date(base + index * HOUR_MS);
      const end = new Date(base + index * HOUR_MS + HOUR_MS / 2);
      const location = `${SERVER}empty_${index}`;
      made.push(await control.create(address(0), { subject: `Kept ${index}`, start, end, location }));
    }
    const conferences = async (): Promise<number> => (await control.conferences()).length;
    await until('a conference for each meeting', 60_000, async () => (await conferences()) === MEETINGS);
    await control.call('DELETE', '/journal?server=trueconf');

    // Nobody hears of the items going one by one: the next look finds the mailbox empty.
    await control.call('POST', '/faults', { server: 'exchange', kind: 'dropEvents' });
    for (const { id } of made) {
      await control.call('DELETE', `/mailboxes/${address(0)}/items/${encodeURIComponent(id)}?hard=true&send=none`);
    }
    // The mailbox comes back as another folder with nothing in it: state of before is void, the listing is empty.
    await control.call('POST', `/mailboxes/${address(0)}/recreate-calendar`);
    await control.call('DELETE', '/faults?server=exchange');
    await control.call('POST', '/exchange/cut');
    const anomaliesNow = async (): Promise<readonly Anomaly[]> =>
      (await api<{ anomalies: Anomaly[] }>(node, '/anomalies')).anomalies;
    const anomalyMs = await until('an anomaly', 60_000, async () => (await anomaliesNow()).length > 0);
    await pause(LONGER_THAN_HELD_MS);
    const before = { conferences: await conferences(), ended: await endings(theatre.scene.control) };
    const anomalies = await anomaliesNow();
    const [anomaly] = anomalies;
    const kept = await stored(database);

    await api(node, `/anomalies/${anomaly?.id ?? 'none'}/release`, 'POST');
    const releasedMs = await until('the meetings are gone after the decision', 60_000, async () => {
      return (await conferences()) === 0 && (await stored(database)) === 0;
    });
    return [
      noted('meetings with a conference', made.length),
      noted('anomaly, ms after the mailbox came back empty', anomalyMs),
      exactly('anomalies', anomalies.length, 1),
      exactly('anomalies of the kind massDisappearance for this mailbox', anomalies.filter(ofMailbox).length, 1),
      exactly('conferences that still stand before the decision', before.conferences, MEETINGS),
      exactly('requests that end or delete a conference before the decision', before.ended, 0),
      exactly('events still shown before the decision', kept, MEETINGS),
      exactly('open anomalies after the decision', (await anomaliesNow()).length, 0),
      exactly('conferences after the decision', await conferences(), 0),
      noted('the decision took effect after, ms', releasedMs),
    ];
  } finally {
    await theatre.close();
  }
}

const ofMailbox = ({ kind, mailbox }: Anomaly): boolean => kind === 'massDisappearance' && mailbox === address(0);

async function stored(database: {
  rows: (sql: string, values: unknown[]) => Promise<readonly object[]>;
}): Promise<number> {
  const rows = await database.rows(
    'select 1 from tcc.items i join tcc.mailboxes m on m.id = i.mailbox_id where m.address = $1 and i.missing_since is null',
    [address(0)],
  );
  return rows.length;
}

async function endings(control: { call<T>(method: string, path: string): Promise<T> }): Promise<number> {
  const { entries } = await control.call<{ entries: { operation: string }[] }>(
    'GET',
    '/journal?server=trueconf&limit=20000',
  );
  return entries.filter(({ operation }) => /^(delete|stop)/i.test(operation)).length;
}

/** The administration API with the token that the service made at its first start. */
async function api<Answer>(node: Node, what: string, method = 'GET'): Promise<Answer> {
  const token = readFileSync(path.join(node.root, 'var/lib/calendar/admin.token'), 'utf8').trim();
  const response = await fetch(`${node.httpUrl}/api/v1${what}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`${method} ${what}: HTTP ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}
