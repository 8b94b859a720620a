/** Starts the fakes from the command line; as a library use `@calendar-connector/fakes` directly. */
export { type Options, readOptions } from './options.ts';
export { runFakeExchange, type Surroundings } from './run.ts';
