/**
 * First schema. Ids of Exchange are unbounded, so keys are 128-bit hashes (hashes.ts). `items` has no foreign key to
 * `mailboxes`: rows of mailboxes are never deleted, and the check would cost a tenth of the write rate. An item is only
 * ever read whole, so it is `json`, which is stored as it came; beside it stands nothing but what queries search by.
 * PostgreSQL 13 SQL only. A released migration is never edited: add another one.
 */
export const initial = {
  id: 1,
  name: 'initial',
  sql: `
create table tcc.mailboxes (
  id int generated always as identity primary key,
  address text not null unique,
  provider text not null,
  priority int not null,
  licensed boolean not null,
  configured boolean not null default true,
  paused boolean not null default false,
  resolved jsonb,
  folder_id text,
  cursor text,
  listing text,
  live_items int not null default 0 check (live_items >= 0),
  revision bigint not null default 0,
  feed_floor bigint not null default 0,
  lease_node text,
  fence bigint not null default 0
) with (fillfactor = 70);
create index mailboxes_folder on tcc.mailboxes using hash (folder_id);

create table tcc.mailbox_status (
  mailbox_id int primary key references tcc.mailboxes (id),
  status jsonb not null
) with (fillfactor = 70);

create table tcc.items (
  mailbox_id int not null,
  item_hash uuid not null,
  event_id text collate "C" not null,
  meeting_hash uuid not null,
  meeting_key text not null,
  original_start bigint,
  span_start bigint not null,
  span_end bigint not null check (span_end > span_start),
  long_span boolean not null,
  row_hash uuid not null,
  content_hash uuid not null,
  item json not null,
  missing_since bigint,
  quarantine text,
  revision bigint not null,
  primary key (mailbox_id, item_hash)
) with (toast_tuple_target = 4096);
create unique index items_event on tcc.items (mailbox_id, event_id);
create index items_short on tcc.items (mailbox_id, span_start) where not long_span;
create index items_long on tcc.items (mailbox_id, span_end) where long_span;
create index items_meeting on tcc.items (meeting_hash, mailbox_id);
create index items_revision on tcc.items (mailbox_id, revision);
create index items_absent on tcc.items (mailbox_id, meeting_hash) where missing_since is not null or quarantine is not null;
create index items_quarantine on tcc.items (quarantine) where quarantine is not null;

create table tcc.listing_items (
  mailbox_id int not null,
  item_hash uuid not null,
  primary key (mailbox_id, item_hash)
);

create table tcc.feed_removals (
  mailbox_id int not null,
  event_id text not null,
  revision bigint not null,
  removed_at timestamptz not null default now(),
  primary key (mailbox_id, event_id)
);
create index feed_removals_revision on tcc.feed_removals (mailbox_id, revision);
create index feed_removals_age on tcc.feed_removals (removed_at);

create table tcc.meetings (
  meeting_hash uuid primary key,
  meeting_key text not null,
  uid text,
  version int not null,
  baseline jsonb not null,
  binding_server text,
  binding_conference text,
  bound_at timestamptz
);
create index meetings_conference on tcc.meetings (binding_server, binding_conference) where binding_conference is not null;
create index meetings_uid on tcc.meetings using hash (uid);

create table tcc.conference_states (
  server_id text not null,
  conference_id text not null,
  state text not null check (state in ('running', 'stopped')),
  primary key (server_id, conference_id)
);

create table tcc.timeline (
  id bigint generated always as identity primary key,
  at bigint not null,
  meeting_hash uuid,
  meeting_key text,
  mailbox text,
  stage text not null,
  what text not null,
  outcome text,
  detail jsonb
);
create index timeline_meeting on tcc.timeline (meeting_hash, id) where meeting_hash is not null;
create index timeline_at on tcc.timeline using brin (at);

create table tcc.nodes (
  id text primary key,
  name text not null,
  beat_at timestamptz not null,
  lease_until timestamptz,
  worker_pools text[] not null default '{}'
) with (fillfactor = 50);

create table tcc.anomalies (
  id text primary key,
  at bigint not null,
  kind text not null,
  mailbox text,
  meeting_key text,
  facts jsonb not null,
  decision text check (decision in ('released', 'discarded'))
);
create index anomalies_open on tcc.anomalies (mailbox) where decision is null;

create table tcc.client_writes (
  mailbox text not null,
  key_hash uuid not null,
  request_hash text not null,
  answer text,
  begun_at timestamptz not null default now(),
  primary key (mailbox, key_hash)
);
create index client_writes_age on tcc.client_writes (begun_at);

create table tcc.mirrors (
  server_id text not null,
  conference_id text not null,
  mailbox text not null,
  item_id text,
  written text,
  seen_at bigint not null,
  primary key (server_id, conference_id)
);
`,
} as const;
