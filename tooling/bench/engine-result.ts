/** One line of `pnpm bench:engine` and `pnpm bench:channel`, and how lines are printed. */
export interface BenchResult {
  readonly name: string;
  readonly measured: string;
  readonly goal?: string;
  /** absent: a floor or a fact, nothing to reach */
  readonly met?: boolean;
  readonly note?: string;
}

export function printResults(results: readonly BenchResult[]): void {
  const width = Math.max(...results.map((result) => result.name.length));
  for (const { name, measured, goal, met, note } of results) {
    const verdict = met === undefined ? '  --' : met ? '  ok' : 'MISS';
    console.log(
      `${verdict}  ${name.padEnd(width)}  ${measured}${goal ? `   (goal: ${goal})` : ''}${note ? `   ${note}` : ''}`,
    );
  }
}
