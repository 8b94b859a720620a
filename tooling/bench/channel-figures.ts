/** Figures of the channel benchmark. */

/** The value that `percent` of the list do not exceed. */
export function percentile(list: readonly number[], percent: number): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}

export function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
