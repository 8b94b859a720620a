/** Runs work on a list a few entries at a time. The first failure stops what has not begun and is thrown when all is quiet. */
export async function eachBounded<Entry, Result>(
  entries: readonly Entry[],
  limit: number,
  work: (entry: Entry) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(entries.length);
  const queue = entries.entries();
  let failure: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    for (const [index, entry] of queue) {
      if (failure) return;
      try {
        results[index] = await work(entry);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, entries.length) }, worker));
  if (failure) throw failure.error;
  return results;
}
