/** One line of `pnpm bench:engine`. */
export interface BenchResult {
  readonly name: string;
  readonly measured: string;
  readonly goal?: string;
  /** absent: a floor or a fact, nothing to reach */
  readonly met?: boolean;
  readonly note?: string;
}
