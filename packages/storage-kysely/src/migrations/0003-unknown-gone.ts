/** When a mailbox last reported gone what it had never shown: it may have been a held item on its way. PostgreSQL 13 SQL only. */
export const unknownGone = {
  id: 3,
  name: 'unknown gone',
  sql: 'alter table tcc.mailboxes add column unknown_gone_at bigint;\n',
} as const;
