/** The connector service. `apps/cli` runs it when called without a command; the engine is also run by the simulation. */
export { EXIT } from './compose/exit-codes.ts';
export { METRICS } from './operation/metrics.ts';
export type { RunOptions } from './run-daemon.ts';
export { runDaemon } from './run-daemon.ts';
