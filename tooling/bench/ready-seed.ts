/** Fills a database as a service that has run for a while leaves it: mailboxes found and listed, with items and statuses. */
import {
  changeKey,
  cursor,
  folderId,
  itemId,
  type MailboxAddress,
  mailboxAddress,
  type SingleItem,
} from '@calendar-connector/calendar-model';
import { openStore, type PostgresStore, type StoreConnection } from '@calendar-connector/storage-kysely';
import pg from 'pg';

const PARALLEL = 8;
const HOUR_MS = 3_600_000;
const BEGUN = Date.UTC(2026, 0, 5, 9);

interface Seed {
  readonly mailboxes: number;
  readonly itemsPerMailbox: number;
  /** address of the Exchange that serves the mailboxes */
  readonly exchange: string;
}

export async function seedMailboxes(connection: StoreConnection, seed: Seed): Promise<void> {
  const store = openStore({ connection, applicationName: 'seed', poolSize: PARALLEL });
  try {
    await store.migrate();
    const addresses = Array.from({ length: seed.mailboxes }, (_, n) => mailboxAddress(`user${n + 1}@example.test`));
    await store.saveMailboxes(addresses.map((address) => ({ address, provider: 'demo', priority: 1, licensed: true })));
    const waiting = addresses.values();
    await Promise.all(Array.from({ length: PARALLEL }, () => fill(store, waiting, seed)));
    const since = BEGUN;
    await store.saveStatuses(addresses.map((address) => ({ address, state: 'live', since, lastLookAt: since })));
  } finally {
    await store.close();
  }
  await settle(connection);
}

async function fill(store: PostgresStore, mailboxes: Iterator<MailboxAddress>, seed: Seed): Promise<void> {
  const endpoint = new URL('/EWS/Exchange.asmx', seed.exchange).href;
  for (let next = mailboxes.next(); !next.done; next = mailboxes.next()) {
    const address = next.value;
    await store.saveResolution({
      address,
      folderId: folderId(`AAMkAGI2TG93AAA=${address}`),
      calendarTitle: 'Calendar',
      ownerName: address,
      endpoint,
      affinityGroup: 'one',
    });
    await store.commitObservation({
      mailbox: address,
      fence: 0,
      cursor: cursor(`H4sIAAA=${address}`.padEnd(400, 'x')),
      changed: Array.from({ length: seed.itemsPerMailbox }, (_, n) => itemOf(address, n)),
      removed: [],
      listing: { id: 'seed', complete: true },
      at: BEGUN,
      holdMs: 0,
      judgeDisappearance: () => 'hold',
    });
  }
}

function itemOf(address: MailboxAddress, n: number): SingleItem {
  const start = BEGUN + n * 24 * HOUR_MS;
  return {
    kind: 'single',
    itemId: itemId(`AAMkAGI2TG93AAA=${address}-${n}`),
    changeKey: changeKey(`DwAAABYAAAA${n}`),
    uid: `${address}-${n}`,
    subject: `Weekly planning ${n}`,
    start,
    end: start + HOUR_MS,
    allDay: false,
    location: 'Room 4.12',
    body: { type: 'text', content: 'Agenda of the meeting. '.repeat(20) },
    attendees: [],
    isOrganizer: true,
    isMeeting: false,
    isCancelled: false,
    myResponse: 'organizer',
    sensitivity: 'normal',
    freeBusy: 'busy',
    links: [],
    marker: {},
    hasAttachments: false,
  };
}

/** A service that has run for a while has looked at every meeting and its tables are known to the planner. */
async function settle(connection: StoreConnection): Promise<void> {
  const client = new pg.Client('url' in connection ? { connectionString: connection.url } : connection);
  await client.connect();
  await client.query(
    'select graphile_worker.complete_jobs(array_agg(id)) from graphile_worker.jobs having count(*) > 0',
  );
  await client.query('vacuum analyze');
  await client.end();
}
