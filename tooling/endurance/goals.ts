/** What a scenario measured, against what it should be. */
export interface Finding {
  readonly what: string;
  readonly measured: number | string;
  /** in words, for people */
  readonly goal: string;
  readonly ok: boolean;
  /** a time: true only of a quiet machine */
  readonly isTime?: true;
}

export const atMost = (what: string, measured: number, limit: number, unit = ''): Finding => ({
  what,
  measured: rounded(measured),
  goal: `≤ ${rounded(limit)}${unit && ` ${unit}`}`,
  ok: measured <= limit,
  ...(unit === 'ms' ? { isTime: true as const } : {}),
});

export const exactly = (what: string, measured: number, wanted: number): Finding => ({
  what,
  measured,
  goal: `= ${wanted}`,
  ok: measured === wanted,
});

export const atLeast = (what: string, measured: number, limit: number): Finding => ({
  what,
  measured: rounded(measured),
  goal: `≥ ${rounded(limit)}`,
  ok: measured >= limit,
});

/** A figure that has no goal of its own. */
export const noted = (what: string, measured: number | string): Finding => ({
  what,
  measured: typeof measured === 'number' ? rounded(measured) : measured,
  goal: '–',
  ok: true,
});

/** Differences between two worlds; the first few are shown. */
export const agreed = (what: string, differences: readonly string[]): Finding => ({
  what,
  measured: differences.length === 0 ? 'none' : `${differences.length}: ${differences.slice(0, 5).join('; ')}`,
  goal: 'none',
  ok: differences.length === 0,
});

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
