/** Remembers by which rules all meetings were planned last, so that changed ones are noticed. PostgreSQL 13 SQL only. */
export const rules = {
  id: 2,
  name: 'rules',
  sql: `
create table tcc.rules (
  single boolean primary key default true check (single),
  fingerprint text not null
);
`,
} as const;
