/** tc_calendar as a library: for packaging (manual pages, completion) and for programs that run a command in process. */
/** For packaging: scripts of all shells, made without running the program. */
export { completionFiles } from './docs/completion-files.ts';
export { manualFiles } from './docs/manual-files.ts';
export { EXIT } from './program/exit-codes.ts';
export type { Io } from './program/io.ts';
export { run } from './program/run.ts';
