/** The command line of `fake-exchange`. Source: design/contracts.md §8. */
import { type ClockMode, LIFE_PROFILES, type LifeProfile } from '@calendar-connector/fakes';
import yargs from 'yargs';

export interface Options {
  readonly exchangePort?: number | undefined;
  readonly trueconfPort?: number | undefined;
  readonly registrationPort?: number | undefined;
  readonly controlPort?: number | undefined;
  readonly proxyPort?: number | undefined;
  readonly connectorUrl?: string | undefined;
  readonly host: string;
  readonly mailboxes: number;
  readonly items: number;
  readonly seed: number;
  readonly profile: LifeProfile;
  readonly tls: boolean;
  readonly caFile?: string | undefined;
  readonly clock: ClockMode;
  readonly rate: number;
  readonly json: boolean;
  readonly issuerKey?: string | undefined;
  readonly issuerPublicKey?: string | undefined;
  /** names of mailbox servers behind the one address */
  readonly backEnds?: readonly string[] | undefined;
}

const VERSION = '0.1.0';
const MAX_PORT = 65_535;

/** Not a mistake: `--help` or `--version` was asked for; the message is what to print. */
export class HelpShown extends Error {}

/** Reads the arguments; wrong ones throw with a sentence. Without any port all servers start on free ones. */
export async function readOptions(args: readonly string[]): Promise<Options> {
  const port = (description: string) => ({
    type: 'number' as const,
    requiresArg: true,
    description: `${description} (0: any free port)`,
  });
  const parser = yargs([...args])
    .scriptName('fake-exchange')
    .usage('$0 [options]\n\nStarts a fake Exchange, TrueConf Server and registration server for tests.')
    .option('exchange-port', port('EWS and autodiscover'))
    .option('trueconf-port', port('TrueConf Server API v3.11 and v4'))
    .option('registration-port', port('registration server'))
    .option('control-port', port('control API, described at /control/v1/openapi.json'))
    .option('proxy-port', port('TrueConf web proxy in front of a connector'))
    .option('connector-url', { type: 'string', description: 'ws://host:4315, the connector the proxy leads to' })
    .option('host', { type: 'string', default: '127.0.0.1', description: 'address to listen on' })
    .option('mailboxes', {
      type: 'number',
      default: 10,
      description: 'mailboxes user1@example.test … and TrueConf users',
    })
    .option('items', { type: 'number', default: 0, description: 'calendar items per mailbox, made from the seed' })
    .option('seed', { type: 'number', default: 1, description: 'same seed, same world' })
    .option('profile', { choices: LIFE_PROFILES, default: 'quiet' as const, description: 'how busy made-up users are' })
    .option('tls', { type: 'boolean', default: false, description: 'HTTPS with a certificate made at the start' })
    .option('ca-file', { type: 'string', description: 'file to write that certificate to (PEM)' })
    .option('clock', {
      choices: ['real', 'scaled', 'manual'] as const,
      default: 'real' as const,
      description: 'how time moves in the fake world',
    })
    .option('rate', { type: 'number', default: 60, description: 'fake seconds per real second, for --clock scaled' })
    .option('issuer-key', {
      type: 'string',
      description: 'file of the licence issuer private key (JWK), made when absent',
    })
    .option('issuer-public-key', { type: 'string', description: 'file to write the issuer public key to (JWK)' })
    .option('back-ends', {
      type: 'string',
      description: 'names of mailbox servers behind the one Exchange address, comma-separated',
    })
    .option('json', { type: 'boolean', default: false, description: 'print one JSON line when ready' })
    .check(check)
    .strict()
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Error(`${message} (--help lists all options)`);
    })
    .wrap(100)
    .version(VERSION)
    .help();
  let shown = '';
  const parsed = await parser.parseAsync([...args], {}, (_error, _argv, output) => {
    shown = output;
  });
  if (shown !== '') throw new HelpShown(shown);
  const { exchangePort, trueconfPort, registrationPort, controlPort, proxyPort } = parsed;
  const given = { exchangePort, trueconfPort, registrationPort, controlPort, proxyPort };
  const anyPort = Object.values(given).some((one) => one !== undefined);
  const ports = anyPort ? given : { exchangePort: 0, trueconfPort: 0, registrationPort: 0, controlPort: 0 };
  const { host, mailboxes, items, seed, profile, tls, caFile, clock, rate, json } = parsed;
  const { issuerKey, issuerPublicKey, connectorUrl } = parsed;
  const files = { caFile, issuerKey, issuerPublicKey };
  const backEnds = parsed.backEnds?.split(',').map((name) => name.trim());
  return { ...ports, ...files, connectorUrl, host, mailboxes, items, seed, profile, tls, clock, rate, json, backEnds };
}

function check(argv: Readonly<Record<string, unknown>>): true {
  for (const name of ['exchange-port', 'trueconf-port', 'registration-port', 'control-port', 'proxy-port']) {
    const value = argv[name];
    if (value !== undefined && !isWithin(value, 0, MAX_PORT))
      throw new Error(`--${name} must be a port, 0..${MAX_PORT}.`);
  }
  if (!isWithin(argv.mailboxes, 0, 1_000_000)) throw new Error('--mailboxes must be a number, 0..1000000.');
  if (!isWithin(argv.items, 0, 100_000)) throw new Error('--items must be a number, 0..100000.');
  if (!isWithin(argv.seed, 0, 0xffff_ffff)) throw new Error('--seed must be a number, 0..4294967295.');
  if (!(typeof argv.rate === 'number' && argv.rate > 0)) throw new Error('--rate must be a number above 0.');
  if (argv['proxy-port'] !== undefined && !/^wss?:\/\//.test(String(argv['connector-url']))) {
    throw new Error('--proxy-port needs --connector-url ws://host:port.');
  }
  const names = argv['back-ends'];
  if (
    names !== undefined &&
    !String(names)
      .split(',')
      .every((name) => /^[\w-]+$/.test(name.trim()))
  )
    throw new Error('--back-ends must be names of letters, digits and dashes, comma-separated.');
  if (argv['ca-file'] !== undefined && argv.tls !== true) throw new Error('--ca-file needs --tls.');
  return true;
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}
