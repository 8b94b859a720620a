/** Seeds that failed once, with what they failed of. Their stories change with the order of draws; they stay as ordinary seeds. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface CorpusEntry {
  readonly seed: number;
  readonly story: string;
}

export function listCorpus(): readonly CorpusEntry[] {
  const folder = path.join(import.meta.dirname, '../../corpus');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as CorpusEntry);
}
