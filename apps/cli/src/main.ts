#!/usr/bin/env node
/** The program tc_calendar. Loads as little as possible: each command brings its own weight when it runs. */
import { processIo } from './program/io.ts';
import { run } from './program/run.ts';

process.exitCode = await run(process.argv.slice(2), processIo());
