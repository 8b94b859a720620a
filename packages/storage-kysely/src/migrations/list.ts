/** All migrations in order. Forward only: to undo something, write another one. */
import { initial } from './0001-initial.ts';
import { rules } from './0002-rules.ts';
import { unknownGone } from './0003-unknown-gone.ts';
import { decidedAnomalies } from './0004-decided-anomalies.ts';

export interface Migration {
  readonly id: number;
  readonly name: string;
  readonly sql: string;
}

export const MIGRATIONS: readonly Migration[] = [initial, rules, unknownGone, decidedAnomalies];
