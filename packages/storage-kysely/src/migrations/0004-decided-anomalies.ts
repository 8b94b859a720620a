/** When a person decided about an anomaly: a decision is believed for a while and kept for a while. PostgreSQL 13 SQL only. */
export const decidedAnomalies = {
  id: 4,
  name: 'decided anomalies',
  sql: 'alter table tcc.anomalies add column decided_at bigint;\n',
} as const;
