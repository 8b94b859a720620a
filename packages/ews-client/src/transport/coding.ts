/**
 * The body of an answer as bytes. Only gzip is asked for, but gateways before Exchange compress as they like, also what
 * nobody wanted compressed (notification streams).
 */
import { pipeline, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { HttpResponse } from './connection.ts';

const DECODERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/** The body, decompressed when the server compressed it; undefined when it did so in a way nobody knows. */
export function decoded(response: HttpResponse): AsyncIterable<Uint8Array> | undefined {
  const coding = codingOf(response);
  if (coding === '' || coding === 'identity') return response.body;
  const decoder = DECODERS.get(coding)?.();
  // Errors of either side come out of the iteration of the decoder.
  if (decoder !== undefined) pipeline(response.body, decoder, () => undefined);
  return decoder;
}

/** How the body is compressed, empty when it is not. */
export function codingOf({ headers }: HttpResponse): string {
  return String(headers['content-encoding'] ?? '')
    .trim()
    .toLowerCase();
}
