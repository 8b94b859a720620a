/** Interleaved timing: every contender once per round, so that a busy machine slows all of them. */

export interface Timing {
  readonly minNs: number;
  readonly medianNs: number;
}

/** Keeps the optimizer from dropping results. */
export let sink = 0;

function batchFor(run: () => number, targetMs: number): number {
  for (let batch = 1; ; batch *= 2) {
    const begin = performance.now();
    for (let i = 0; i < batch; i++) sink += run();
    const took = performance.now() - begin;
    if (took >= targetMs / 2 || batch >= 1 << 22)
      return Math.max(1, Math.round((batch * targetMs) / Math.max(took, 0.001)));
  }
}

/** Times each function, `rounds` times in turns, in batches of about `targetMs`. */
export function measure(runs: readonly (() => number)[], rounds: number, targetMs = 4): readonly Timing[] {
  for (const run of runs)
    for (let i = 0, end = performance.now() + 10 * targetMs; i < 3 || performance.now() < end; i++) sink += run();
  const batches = runs.map((run) => batchFor(run, targetMs));
  const samples = runs.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    runs.forEach((run, i) => {
      const batch = batches[i] as number;
      // Nobody pays for the garbage of the one before.
      globalThis.gc?.();
      const begin = performance.now();
      for (let n = 0; n < batch; n++) sink += run();
      samples[i]?.push(((performance.now() - begin) * 1e6) / batch);
    });
  }
  return samples.map((list) => {
    const sorted = list.toSorted((a, b) => a - b);
    return { minNs: sorted[0] as number, medianNs: sorted[sorted.length >> 1] as number };
  });
}

/**
 * How much dearer `run` is than `other`: the median over rounds of the ratio within a round. Both are called equally
 * often, in both orders, so that neither pays for more garbage, a warmer cache or a busier moment than the other.
 */
export function ratioOf(run: () => number, other: () => number, rounds: number, targetMs: number): number {
  for (const each of [run, other, run, other]) batchFor(each, targetMs);
  const batch = Math.max(batchFor(run, targetMs), batchFor(other, targetMs));
  const timed = (each: () => number): number => {
    globalThis.gc?.();
    const begin = performance.now();
    for (let n = 0; n < batch; n++) sink += each();
    return performance.now() - begin;
  };
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const [first, second, third, fourth] = [timed(run), timed(other), timed(other), timed(run)];
    ratios.push((first + fourth) / (second + third));
  }
  return ratios.sort((a, b) => a - b)[rounds >> 1] as number;
}

export const sumOf = (numbers: readonly number[]): number => {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
};
