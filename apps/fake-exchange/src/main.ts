/** The program: starts the servers, says where they are, ends cleanly on SIGINT or SIGTERM. */
import { runFakeExchange } from './run.ts';

process.exitCode = await runFakeExchange(process.argv.slice(2), {
  print: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
  ended: new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  }),
});
