/**
 * Which conferences run, for the clients that show them. Only those that run have a row: an unknown conference counts as
 * stopped, and a server makes new ones every day.
 */
import type { ConferenceId, TrueConfServerId } from '@calendar-connector/calendar-model';
import type { MeetingStore } from '@calendar-connector/sync-core';
import { sql } from 'kysely';
import { textHash } from '../hashes.ts';
import type { Db, Trx } from '../transaction.ts';
import { inTransaction, once } from '../transaction.ts';
import { holdConference, holdMeetings } from './announcement-locks.ts';
import { bumpRevisions, listHolders, lockMailboxes, stampItems } from './feed-advance.ts';
import { notifyChanges } from './feed-notice.ts';

type ConferenceStates = Pick<MeetingStore, 'saveConferenceState' | 'listRunningConferences'>;

export function conferenceStates(db: Db): ConferenceStates {
  return {
    saveConferenceState: (serverId, conferenceId, state) =>
      inTransaction(db, `conference ${conferenceId}`, (trx) => saveState(trx, { serverId, conferenceId, state })),
    listRunningConferences: (serverId) =>
      once(`running conferences of ${serverId}`, async () => {
        const rows = db.selectFrom('tcc.conference_states').select('conference_id').where('server_id', '=', serverId);
        return (await rows.where('state', '=', 'running').execute()).map((row) => row.conference_id);
      }),
  };
}

interface ConferenceChange {
  readonly serverId: TrueConfServerId;
  readonly conferenceId: ConferenceId;
  readonly state: 'running' | 'stopped';
}

export function conferenceHash({
  serverId,
  conferenceId,
}: Pick<ConferenceChange, 'serverId' | 'conferenceId'>): string {
  return textHash(`${serverId}\n${conferenceId}`);
}

async function saveState(trx: Trx, change: ConferenceChange): Promise<void> {
  const { serverId, conferenceId } = change;
  await holdConference(trx, conferenceHash(change));
  if (!(await (change.state === 'running' ? markRunning(trx, change) : markStopped(trx, change)))) return;
  const bound = await trx
    .selectFrom('tcc.meetings')
    .select('meeting_hash')
    .where('binding_server', '=', serverId)
    .where('binding_conference', '=', conferenceId)
    .execute();
  const hashes = bound.map((row) => row.meeting_hash);
  await holdMeetings(trx, hashes);
  const holders = await listHolders(trx, hashes);
  if (holders.length === 0) return;
  await lockMailboxes(trx, sql`id = any(${holders}::int[])`);
  const advanced = await bumpRevisions(trx, holders);
  await stampItems(trx, hashes);
  await notifyChanges(
    trx,
    advanced.map(({ address, revision }) => ({ mailbox: address, revision })),
  );
}

/** True when it was stopped before. */
async function markRunning(trx: Trx, { serverId, conferenceId }: ConferenceChange): Promise<boolean> {
  const { rows } = await sql`
    insert into tcc.conference_states (server_id, conference_id, state) values (${serverId}, ${conferenceId}, 'running')
    on conflict (server_id, conference_id) do update set state = excluded.state
      where conference_states.state <> excluded.state
    returning 1`.execute(trx);
  return rows.length > 0;
}

/** True when it ran before. A version before this one kept rows of stopped conferences, too. */
async function markStopped(trx: Trx, { serverId, conferenceId }: ConferenceChange): Promise<boolean> {
  const gone = trx
    .deleteFrom('tcc.conference_states')
    .where('server_id', '=', serverId)
    .where('conference_id', '=', conferenceId)
    .returning('state');
  return (await gone.execute()).some((row) => row.state === 'running');
}
