/**
 * What libraries write to the console becomes lines of our log: with a time and a level, addresses marked, in the folder
 * the admin looks into. graphile-worker does so when its database goes away under it; Node's own warnings come by an event.
 */
import { format } from 'node:util';
import type { Logger } from './log.ts';

const METHODS = ['log', 'info', 'warn', 'error', 'trace', 'debug'] as const;

/** Returns what gives the console back. */
export function logConsole(logger: Logger): () => void {
  const own = METHODS.map((method) => [method, console[method]] as const);
  for (const method of METHODS) {
    console[method] = (...words: unknown[]) => {
      const quiet = method === 'log' || method === 'info' || method === 'debug';
      logger[quiet ? 'debug' : 'warn']({ console: method }, format(...words));
    };
  }
  return () => {
    for (const [method, original] of own) console[method] = original;
  };
}
