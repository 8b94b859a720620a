/** The program as the packages install it, for benchmarks and scenarios that measure what administrators run. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { bundleProgram } from './bundle.ts';
import { buildExecutable } from './executable.ts';
import { buildFacts } from './facts.ts';

/** Builds `tc_calendar` into the folder; returns its path. */
export async function buildProgram(folder: string): Promise<string> {
  const [program, parts] = [path.join(folder, 'tc_calendar'), path.join(folder, 'build')];
  mkdirSync(parts);
  buildExecutable(await bundleProgram(buildFacts()), program, parts);
  return program;
}
