/** The known name nearest to a mistyped one, so that a message can say what was probably meant. Light entry point `@calendar-connector/config/nearest`. */

/** Damerau–Levenshtein distance (adjacent swaps count once), case ignored. */
function distance(left: string, right: string): number {
  const [a, b] = [left.toLowerCase(), right.toLowerCase()];
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) row.push(step(a, b, i, j, rows, row));
    rows.push(row);
  }
  return at(rows, a.length, b.length);
}

function step(a: string, b: string, i: number, j: number, rows: readonly number[][], row: readonly number[]): number {
  const change = at(rows, i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
  const best = Math.min(change, at(rows, i - 1, j) + 1, (row[j - 1] ?? 0) + 1);
  const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return isSwap ? Math.min(best, at(rows, i - 2, j - 2) + 1) : best;
}

function at(rows: readonly (readonly number[])[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}

/** The nearest of the known names, if any is near enough to be what was meant. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > 64) return undefined;
  const ranked = known
    .map((candidate) => ({ candidate, away: distance(name, candidate) }))
    .sort((left, right) => left.away - right.away);
  const best = ranked[0];
  if (!best) return undefined;
  const tolerance = Math.max(2, Math.floor(Math.max(name.length, best.candidate.length) / 3));
  return best.away <= tolerance ? best.candidate : undefined;
}
