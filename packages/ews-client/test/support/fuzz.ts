/**
 * The fuzz run: damaged answers in random chunks must give a clean error or what an independent strict reader (saxes)
 * makes of the same bytes; never anything else. Used with a small count in the suite and with 100,000 by
 * `node --conditions=@tcc/source packages/ews-client/test/support/fuzz.ts [count] [seed]`.
 */
import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { RESPONSE, ResponseState } from '../../src/decoder/response-grammar.ts';
import { XmlScanner } from '../../src/decoder/scanner.ts';
import { XmlError } from '../../src/decoder/xml-error.ts';
import { damage, seededRandom } from './mutations.ts';
import { readWithSaxes } from './saxes-reader.ts';

export interface FuzzReport {
  readonly runs: number;
  readonly refused: number;
  readonly equal: number;
  /** understood although the strict reader refuses: only for the reasons in `isTolerated` */
  readonly tolerated: number;
  /** refused although the strict reader understands: allowed, but should not happen to what servers send */
  readonly overStrict: number;
  readonly slowestMs: number;
  readonly failures: readonly string[];
}

const FIXTURES = resolve(import.meta.dirname, '../fixtures');

function view(state: ResponseState): string {
  return JSON.stringify([state.server, state.fault, state.operation, state.messages, state.trees]);
}

function scan(bytes: Buffer, random: () => number): string {
  const state = new ResponseState();
  const scanner = new XmlScanner(RESPONSE, state);
  for (let at = 0; at < bytes.length; ) {
    const size = random() < 0.3 ? bytes.length : 1 + Math.floor(random() * 400);
    scanner.push(bytes.subarray(at, at + size));
    at += size;
  }
  scanner.end();
  return view(state);
}

let strictError = '';

function strict(bytes: Buffer): string | undefined {
  strictError = 'not UTF-8';
  if (!isUtf8(bytes)) return undefined;
  try {
    const text = bytes.toString('utf8');
    return view(readWithSaxes(text.startsWith('\ufeff') ? text.slice(1) : text));
  } catch (error) {
    strictError = String(error).slice(0, 120);
    return undefined;
  }
}

/** What the strict reader refuses and we do not: characters XML forbids are dropped (failure mode 12), `]]>` is just text. */
function isTolerated(): boolean {
  return /disallowed character|malformed character entity|the string "\]\]>" is disallowed/.test(strictError);
}

export function fuzz(count: number, seed: number): FuzzReport {
  const random = seededRandom(seed);
  const fixtures = readdirSync(FIXTURES)
    .filter((name) => name !== 'stream.xml')
    .map((name) => readFileSync(resolve(FIXTURES, name)));
  const failures: string[] = [];
  let refused = 0;
  let equal = 0;
  let tolerated = 0;
  let overStrict = 0;
  let slowestMs = 0;
  for (let run = 0; run < count && failures.length < 20; run++) {
    const bytes = damage(fixtures[Math.floor(random() * fixtures.length)] as Buffer, random);
    const began = performance.now();
    let ours: string | undefined;
    try {
      ours = scan(bytes, random);
    } catch (error) {
      if (!(error instanceof XmlError)) failures.push(`run ${run} of seed ${seed}: ${String(error)}`);
    }
    slowestMs = Math.max(slowestMs, performance.now() - began);
    const theirs = strict(bytes);
    if (ours === undefined) {
      refused++;
      if (theirs !== undefined) overStrict++;
      continue;
    }
    if (theirs === ours) equal++;
    else if (theirs === undefined && isTolerated()) tolerated++;
    else
      failures.push(
        `run ${run} of seed ${seed}: ${theirs === undefined ? `the strict reader refuses (${strictError})` : 'read differently'}`,
      );
  }
  return { runs: count, refused, equal, tolerated, overStrict, slowestMs, failures };
}

if (process.argv[1] === import.meta.filename) {
  const report = fuzz(Number(process.argv[2] ?? 100_000), Number(process.argv[3] ?? 1));
  console.log(report);
  process.exitCode = report.failures.length === 0 ? 0 : 1;
}
