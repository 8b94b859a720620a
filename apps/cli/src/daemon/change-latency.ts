/** How late changes are, from the buckets of the service's metric tcc_change_latency_seconds. */
const BUCKET = /^tcc_change_latency_seconds_bucket\{[^}]*le="([^"]+)"[^}]*\} (\S+)/gm;
const SHARE = 0.99;

export interface ChangeLatency {
  readonly count: number;
  /** what 99 of 100 changes needed at most */
  readonly withinS: number;
  /** the buckets end before: they needed more than that */
  readonly isLonger: boolean;
}

/** Nothing when there were no changes yet, or the text is not these metrics. */
export function changeLatencyOf(metrics: string): ChangeLatency | undefined {
  const buckets = [...metrics.matchAll(BUCKET)].map(([, bound, count]) => ({
    bound: bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound),
    count: Number(count),
  }));
  const count = buckets.at(-1)?.count ?? 0;
  const longest = Math.max(...buckets.filter(({ bound }) => Number.isFinite(bound)).map(({ bound }) => bound));
  const reached = buckets.find((bucket) => bucket.count >= count * SHARE);
  if (!(count > 0) || reached === undefined || !Number.isFinite(longest)) return undefined;
  const isLonger = !Number.isFinite(reached.bound);
  return { count, withinS: isLonger ? longest : reached.bound, isLonger };
}
