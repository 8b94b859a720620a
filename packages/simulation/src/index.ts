/** The whole engine on a virtual clock. `pnpm sim` is the way to run it; README.md says what it proves. */
export { isMutant, MUTANTS, type Mutant } from './run/mutants.ts';
export { type RunResult, simulate } from './run/simulate.ts';
export { REQUIRED, Sometimes } from './time/sometimes.ts';
