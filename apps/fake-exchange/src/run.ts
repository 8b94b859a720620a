/** `fake-exchange` without the process around it: arguments in, lines out, an exit code. */
import { writeFile } from 'node:fs/promises';
import { type Harness, makeCertificate, startHarness } from '@calendar-connector/fakes';
import { HelpShown, type Options, readOptions } from './options.ts';

export interface Surroundings {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  /** when to end */
  readonly ended: Promise<unknown>;
}

const EXIT_USAGE = 64;
const EXIT_UNAVAILABLE = 69;

/** Runs until `ended`; the exit code. */
export async function runFakeExchange(args: readonly string[], surroundings: Surroundings): Promise<number> {
  let options: Options;
  try {
    options = await readOptions(args);
  } catch (error) {
    if (error instanceof HelpShown) {
      surroundings.print(error.message);
      return 0;
    }
    surroundings.complain(`fake-exchange: ${messageOf(error)}`);
    return EXIT_USAGE;
  }
  let harness: Harness;
  try {
    harness = await open(options);
  } catch (error) {
    surroundings.complain(`fake-exchange: cannot start: ${causeAndCure(error)}`);
    return EXIT_UNAVAILABLE;
  }
  announce(options, harness, surroundings.print);
  await surroundings.ended;
  await harness.close();
  return 0;
}

async function open(options: Options): Promise<Harness> {
  const tls = options.tls ? makeCertificate() : undefined;
  if (tls && options.caFile !== undefined) await writeFile(options.caFile, tls.cert);
  const { clock, rate, issuerKey, issuerPublicKey, backEnds, ...rest } = options;
  return await startHarness({
    ...rest,
    tls,
    clock: clock === 'scaled' ? { mode: clock, rate } : { mode: clock },
    ...(backEnds ? { exchange: { backEnds } } : {}),
    issuerPrivateKeyFile: issuerKey,
    issuerPublicKeyFile: issuerPublicKey,
  });
}

function announce(options: Options, harness: Harness, print: (line: string) => void): void {
  const addresses = addressesOf(harness);
  if (options.json) {
    print(JSON.stringify({ ready: true, ...addresses }));
    return;
  }
  for (const [name, url] of Object.entries(addresses)) print(`${name.padEnd(13)} ${url}`);
  if (harness.control) print(`${'description'.padEnd(13)} ${harness.control.url}/control/v1/openapi.json`);
}

function addressesOf({ exchange, trueconf, registration, proxy, control }: Harness): Readonly<Record<string, string>> {
  return {
    ...(exchange ? { exchange: exchange.url } : {}),
    ...(trueconf ? { trueconf: trueconf.url } : {}),
    ...(registration ? { registration: registration.url } : {}),
    ...(proxy ? { proxy: proxy.url } : {}),
    ...(control ? { control: control.url } : {}),
  };
}

/** What a person can do about a start that failed. */
function causeAndCure(error: unknown): string {
  const { code, port, address, path } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} of ${address} is taken by another program. Stop that, or choose another port (0: any free one).`;
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${address}. Give one it has with --host.`;
    case 'EACCES':
    case 'ENOENT':
      return `${path ?? `port ${port}`} cannot be ${path === undefined ? 'opened' : 'read or written'}. Check that the place exists and is yours.`;
    default:
      return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
