/** A fault put into a source file on purpose, to see whether the tests notice. */
export interface Mutant {
  /** File below `src`. */
  readonly file: string;
  /** Text that occurs exactly once in it. */
  readonly find: string;
  readonly replace: string;
}
