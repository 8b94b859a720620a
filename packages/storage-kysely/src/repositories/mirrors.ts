/** Conferences planned on a TrueConf Server that are mirrored into their owners' calendars (feature D5). */
import type { MirrorRecord, MirrorStore } from '@calendar-connector/sync-core';
import type { Db } from '../transaction.ts';
import { once } from '../transaction.ts';

export function mirrorRepository(db: Db): MirrorStore {
  return {
    listMirrors: (serverId) =>
      once(`mirrors of ${serverId}`, async () => {
        const rows = db.selectFrom('tcc.mirrors').selectAll().where('server_id', '=', serverId);
        return (await rows.orderBy('conference_id').execute()).map(recordOf);
      }),
    saveMirror: (mirror) => once(`mirror of ${mirror.conferenceId}`, () => saveMirror(db, mirror)),
    removeMirror: (serverId, conferenceId) =>
      once(`mirror of ${conferenceId}`, async () => {
        const row = db.deleteFrom('tcc.mirrors').where('server_id', '=', serverId);
        await row.where('conference_id', '=', conferenceId).execute();
      }),
  };
}

type MirrorRow = {
  readonly server_id: MirrorRecord['serverId'];
  readonly conference_id: MirrorRecord['conferenceId'];
  readonly mailbox: MirrorRecord['mailbox'];
  readonly item_id: MirrorRecord['itemId'] | null;
  readonly written: string | null;
  readonly seen_at: number;
};

function recordOf(row: MirrorRow): MirrorRecord {
  return {
    serverId: row.server_id,
    conferenceId: row.conference_id,
    mailbox: row.mailbox,
    seenAt: row.seen_at,
    ...(row.item_id ? { itemId: row.item_id } : {}),
    ...(row.written === null ? {} : { written: row.written }),
  };
}

async function saveMirror(db: Db, mirror: MirrorRecord): Promise<void> {
  const fields = {
    mailbox: mirror.mailbox,
    item_id: mirror.itemId ?? null,
    written: mirror.written ?? null,
    seen_at: Math.trunc(mirror.seenAt),
  };
  await db
    .insertInto('tcc.mirrors')
    .values({ server_id: mirror.serverId, conference_id: mirror.conferenceId, ...fields })
    .onConflict((conflict) => conflict.columns(['server_id', 'conference_id']).doUpdateSet(fields))
    .execute();
}
