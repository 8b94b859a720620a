/** Text drawn from a seeded source: ids and tokens that are the same on every run. */
import type { Random } from '../../world/random.ts';

export const DIGITS = '0123456789';
export const DIGITS_HEX = '0123456789abcdef';

export function randomText(random: Random, length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet[random.below(alphabet.length)]).join('');
}
