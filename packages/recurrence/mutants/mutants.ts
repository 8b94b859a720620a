/** All mutants. */
import { CORE_MUTANTS } from './list-core.ts';
import { EDGE_MUTANTS } from './list-edges.ts';

export const MUTANTS = [...CORE_MUTANTS, ...EDGE_MUTANTS];
