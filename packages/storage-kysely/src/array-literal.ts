/**
 * An array parameter of values that need no quotes: hashes, event ids, numbers, truth values. Written out here because
 * the driver examines and quotes each element, which costs more than everything else it does for a page of items.
 */
export function plainArray(values: readonly (string | number | boolean | null)[]): string {
  return `{${values.map((value) => value ?? 'null').join()}}`;
}
