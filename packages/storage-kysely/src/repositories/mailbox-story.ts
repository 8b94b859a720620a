/** What is told of one mailbox besides its record: which daemon holds it, and its last lines of the timeline. */
import type { MailboxAddress } from '@calendar-connector/calendar-model';
import type { TimelineEntry } from '@calendar-connector/sync-core';
import { sql } from 'kysely';
import type { Db } from '../transaction.ts';
import { once } from '../transaction.ts';
import { entryOf, type TimelineRow } from './timeline.ts';

/** The timeline has no index by mailbox: only this many of its newest lines are looked through. */
const LINES_SEARCHED = 50_000;

export interface MailboxStory {
  /** name of the daemon that holds the mailbox */
  findMailboxNode(address: MailboxAddress): Promise<string | undefined>;
  /** The newest `limit` lines about the mailbox, oldest first. */
  listMailboxTimeline(address: MailboxAddress, limit: number): Promise<readonly TimelineEntry[]>;
}

export function mailboxStory(db: Db): MailboxStory {
  return {
    findMailboxNode: (address) =>
      once(`mailbox ${address}`, async () => {
        const found = db
          .selectFrom('tcc.mailboxes as m')
          .innerJoin('tcc.nodes as n', 'n.id', 'm.lease_node')
          .select('n.name')
          .where('m.address', '=', address);
        return (await found.executeTakeFirst())?.name;
      }),
    listMailboxTimeline: (address, limit) =>
      once('timeline', async () => {
        const { rows } = await sql<TimelineRow>`
          select at, meeting_key, mailbox, stage, what, outcome, detail from (
            select * from (select * from tcc.timeline order by id desc limit ${LINES_SEARCHED}) newest
             where mailbox = ${address} order by id desc limit ${limit}) found
          order by id`.execute(db);
        return rows.map(entryOf);
      }),
  };
}
