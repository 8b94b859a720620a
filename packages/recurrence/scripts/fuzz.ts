/** `pnpm --filter @calendar-connector/recurrence fuzz [COUNT] [SEED]`: a million random series unless told otherwise. */
import { fuzz } from '../test/support/fuzz.ts';

const [count = 1_000_000, seed = 1] = process.argv.slice(2).map(Number);
const begin = performance.now();
const { accepted, refused, slowestMs } = fuzz(count, seed, (done) => {
  if (done > 0) console.log(`${done} series`);
});
console.log(`${count} series in ${((performance.now() - begin) / 1000).toFixed(1)} s, seed ${seed}`);
console.log(`worked: ${accepted}; slowest ${slowestMs.toFixed(1)} ms`);
console.log('refused:', refused);
