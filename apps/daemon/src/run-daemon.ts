/**
 * The service from start to end: configuration, licence, database, engine, channel, HTTP, then signals.
 * Every reason not to start is one line that says what, why and what to do, with an exit code of its own (contract §1).
 */
import {
  type ConnectorConfig,
  chooseRoot,
  formatFinding,
  type InstallationPaths,
  installationPaths,
  type Language,
  loadConfig,
} from '@calendar-connector/config';
import { checkLicence, type LicenceCheck, licenceMessage } from '@calendar-connector/licensing';
import { EXIT, StartFault } from './compose/exit-codes.ts';
import { licencePlace } from './compose/licence-keeper.ts';
import { Daemon } from './daemon.ts';
import { logConsole } from './operation/console-words.ts';
import { type Log, openLog } from './operation/log.ts';
import { connectServiceManager, type ServiceManager } from './operation/service-manager.ts';
import { startWatchdog } from './operation/watchdog.ts';

export interface RunOptions {
  readonly configFile?: string;
  readonly root?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** of reasons not to start */
  readonly language?: Language;
  /** where reasons not to start go */
  readonly writeError?: (line: string) => void;
  /** ends the daemon like SIGTERM would; for programs that embed it */
  readonly signal?: AbortSignal;
}

/** SIGTERM to exit: past this the process ends anyway. */
const DRAIN_LIMIT_MS = 2_800;

/** Runs until SIGTERM or SIGINT; returns the exit code. */
export async function runDaemon(options: RunOptions = {}): Promise<number> {
  const writeError = options.writeError ?? ((line) => process.stderr.write(`${line}\n`));
  try {
    return await run(options, writeError);
  } catch (error) {
    if (!(error instanceof StartFault)) throw error;
    writeError(`tc_calendar: ${error.text[options.language ?? 'en']}`);
    return error.exitCode;
  }
}

async function run(options: RunOptions, writeError: (line: string) => void): Promise<number> {
  const env = options.env ?? process.env;
  const root = chooseRoot(options.root, env);
  const paths = installationPaths(root);
  const read = (again: Again): ConnectorConfig => readConfig({ ...options, env }, root, writeError, again);
  const config = read('start');
  const licence = await registered(config, paths);
  const log = openLog({
    level: config.log.level,
    personalData: config.log.personalData,
    journal: env.JOURNAL_STREAM !== undefined,
    ...(config.log.to === 'file' ? { folder: paths.logs } : {}),
  });
  const giveConsoleBack = logConsole(log.logger);
  const manager = connectServiceManager(env, process.pid);
  const daemon = new Daemon({ config, paths, log, licence });
  const asked = ended(options.signal);
  try {
    const started = daemon.start();
    const early = await Promise.race([started, asked]);
    if (early === undefined) return await serve(daemon, { log, manager, read, asked });
    // Told to end before it was ready: what was opened is closed, and it counts as an orderly end.
    started.catch(() => {});
    manager.notify({ STOPPING: '1', STATUS: 'stopped while starting' });
    return await drain(daemon, log, early);
  } catch (error) {
    await daemon.stop();
    log.flush();
    throw error;
  } finally {
    giveConsoleBack();
  }
}

/** What to do once the file is corrected: a service that goes on with the old one must not be started again for it. */
const AGAIN = {
  start: { en: 'start again', ru: 'запустите снова' },
  reload: { en: 'reload again', ru: 'примените снова' },
} as const;
type Again = keyof typeof AGAIN;

function readConfig(
  options: RunOptions & { env: NodeJS.ProcessEnv },
  root: string,
  writeError: (line: string) => void,
  again: Again,
): ConnectorConfig {
  const { configFile, language } = options;
  const loaded = loadConfig({
    root,
    env: options.env,
    ...(configFile ? { file: configFile } : {}),
    ...(language ? { language } : {}),
  });
  for (const finding of loaded.findings) writeError(formatFinding(finding));
  if (loaded.ok) return loaded.config;
  const count = loaded.findings.filter((finding) => finding.level === 'error').length;
  throw new StartFault(EXIT.badConfig, {
    en: `the configuration has ${count} ${count === 1 ? 'error' : 'errors'} (above); correct it and ${AGAIN[again].en}`,
    ru: `ошибок в конфигурации: ${count} (см. выше); исправьте её и ${AGAIN[again].ru}`,
  });
}

/** The service does not start before registration (feature A6); with a licence that has ended it starts, for reading only. */
async function registered(config: ConnectorConfig, paths: InstallationPaths): Promise<LicenceCheck> {
  const check = await checkLicence(licencePlace(config, paths.data), Date.now());
  if (check.licence) return check;
  const fault = check.entitlements.fault ?? { code: 'notRegistered' as const };
  const text = { en: licenceMessage(fault, 'en'), ru: licenceMessage(fault, 'ru') };
  throw new StartFault(EXIT.notRegistered, text);
}

interface Running {
  readonly log: Log;
  readonly manager: ServiceManager;
  readonly read: (again: Again) => ConnectorConfig;
  /** resolves with the reason when the service is to end */
  readonly asked: Promise<string>;
}

async function serve(daemon: Daemon, running: Running): Promise<number> {
  const { log, manager } = running;
  const stopWatchdog = startWatchdog(manager, () => daemon.progress());
  const stopStatus = daemon.onStatus((status) => manager.notify({ STATUS: status }));
  manager.notify({ READY: '1', STATUS: daemon.statusLine() });
  // One after another: of two signals in a row the file as it is last is applied last.
  let reloads = Promise.resolve();
  const onHangUp = (): void => {
    reloads = reloads.then(() => reload(daemon, running));
  };
  const onReopen = (): void => log.reopen();
  process.on('SIGHUP', onHangUp);
  process.on('SIGUSR1', onReopen);
  const reason = await running.asked;
  process.off('SIGHUP', onHangUp);
  process.off('SIGUSR1', onReopen);
  manager.notify({ STOPPING: '1', STATUS: 'draining' });
  stopWatchdog();
  stopStatus();
  return await drain(daemon, log, reason);
}

async function drain(daemon: Daemon, log: Log, reason: string): Promise<number> {
  log.logger.info({ reason }, 'stopping');
  const limit = setTimeout(() => {
    log.logger.warn('work under way did not end in time; leaving it to the next start');
    log.flush();
    process.exit(EXIT.ok);
  }, DRAIN_LIMIT_MS);
  await daemon.stop();
  clearTimeout(limit);
  log.flush();
  return EXIT.ok;
}

/** Applies a valid change without dropping streams or sockets; an invalid one is refused and the old stays (feature B5). */
async function reload(daemon: Daemon, { log, manager, read }: Running): Promise<void> {
  manager.notify({ RELOADING: '1', MONOTONIC_USEC: String(process.hrtime.bigint() / 1000n) });
  try {
    const { needsRestart } = await daemon.reload(read('reload'));
    log.logger.info(
      needsRestart.length > 0
        ? `configuration reloaded; these take effect after a restart: ${needsRestart.join(', ')}`
        : 'configuration reloaded',
    );
  } catch (error) {
    daemon.reloadFailed();
    const reason = error instanceof Error ? error.message : String(error);
    log.logger.error(`the new configuration is refused, the old one stays: ${reason}`);
  } finally {
    manager.notify({ READY: '1', STATUS: daemon.statusLine() });
  }
}

function ended(signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve) => {
    const finish = (reason: string): void => {
      process.off('SIGTERM', onTerm);
      process.off('SIGINT', onInt);
      resolve(reason);
    };
    const onTerm = (): void => finish('SIGTERM');
    const onInt = (): void => finish('SIGINT');
    process.once('SIGTERM', onTerm);
    process.once('SIGINT', onInt);
    if (signal?.aborted) finish('asked to');
    else signal?.addEventListener('abort', () => finish('asked to'), { once: true });
  });
}
