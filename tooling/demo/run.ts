/**
 * `pnpm demo [--exit-after-s N]`: a whole installation on this machine, people at work, and the connector between them.
 * Ends by itself after N seconds with one JSON line, or runs until Ctrl-C. Leaves no process and no file behind.
 */

import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { ROOT } from '../scene/processes.ts';
import { openScene, type Scene } from '../scene/scene.ts';
import { Watcher } from '../scene/watcher.ts';
import { conferenceSoon, eventFromClient, planningMeeting, type Stage, weeklySeries } from './play.ts';
import { heading, tell } from './story.ts';
import { judge } from './verdict.ts';

const USERS = ['user1', 'user2', 'user3', 'user4', 'user5'];
const MAILBOXES = 10;
const DAY_MS = 86_400_000;
/** A verdict takes this long at most; acts end so much before the asked time. */
const VERDICT_MS = 5_000;
const PAUSE_MS = 700;

const { values } = parseArgs({ options: { 'exit-after-s': { type: 'string' } }, allowPositionals: true, strict: true });
const exitAfterS = values['exit-after-s'] === undefined ? undefined : Number(values['exit-after-s']);
if (exitAfterS !== undefined && !(exitAfterS >= 8)) {
  console.error('demo: --exit-after-s takes a number of seconds, 8 or more');
  process.exit(64);
}

process.exitCode = await main();

async function main(): Promise<number> {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopped.abort());
  build();
  heading('TrueConf Calendar Connector: the whole thing on one machine');
  let scene: Scene | undefined;
  try {
    scene = await openScene({ mailboxes: MAILBOXES, onDaemonLine: (line) => tellDaemonLine(line) });
    tell('demo', `tc_calendar --register … → “${scene.registered}”`);
    if (stopped.signal.aborted) return 130;
    return await play(scene, stopped.signal);
  } catch (error) {
    tell('trouble', error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    await scene?.close();
  }
}

/** Browser pages are built; everything else runs from source. Nothing to do the second time. */
function build(): void {
  const done = spawnSync(
    'turbo',
    ['run', 'build', '--filter=@calendar-connector/console...', '--output-logs=errors-only'],
    { cwd: ROOT, encoding: 'utf8' },
  );
  if (done.status !== 0) tell('demo', 'the browser pages could not be built; the rest works without them');
}

async function play(scene: Scene, stop: AbortSignal): Promise<number> {
  scene.processes.onUnexpectedEnd = (name, code) => tell('trouble', `${name} ended with ${code}`);
  const startedAt = Date.now();
  const endsAt = exitAfterS === undefined ? Number.POSITIVE_INFINITY : startedAt + exitAfterS * 1000 - VERDICT_MS;
  await scene.startDaemon();
  printAddresses(scene);
  const from = startedAt - DAY_MS;
  const to = startedAt + 60 * DAY_MS;
  const watchers = new Map(
    USERS.map((user) => [user, new Watcher(user, scene.wsUrl, () => scene.control.token(user))]),
  );
  await Promise.all([...watchers.values()].map((watcher) => watcher.open(from, to)));
  tell('client', `${USERS.length} TrueConf clients are connected and watch their calendars`);
  heading('What happens');
  const stage: Stage = {
    control: scene.control,
    watchers,
    tally: { meetings: 0, eventsDelivered: 0, lost: 0, latencies: [], errors: [], due: new Map() },
  };
  await acts(stage, endsAt, stop);
  const verdict = await judge(stage, from, to);
  for (const watcher of watchers.values()) watcher.close();
  heading('What came of it (the fake worlds against what the clients hold)');
  console.log(JSON.stringify(verdict));
  return verdict.lost === 0 && verdict.errors.length === 0 ? 0 : 1;
}

async function acts(stage: Stage, endsAt: number, stop: AbortSignal): Promise<void> {
  const more = (): boolean => !stop.aborted && Date.now() < endsAt;
  const guarded = async (name: string, run: () => Promise<void>): Promise<void> => {
    if (!more()) return;
    await run().catch((error: unknown) => {
      stage.tally.errors.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      tell('trouble', `${name}: ${String(error)}`);
    });
    await pause(PAUSE_MS, stop);
  };
  await guarded('conference', () => conferenceSoon(stage, 1, 5_000));
  for (let round = 1; more(); round += 1) {
    await guarded('meeting', () => planningMeeting(stage, round));
    if (round === 1) await guarded('series', () => weeklySeries(stage));
    await guarded('client', () => eventFromClient(stage, round));
    if (endsAt - Date.now() > 6_000) await guarded('conference', () => conferenceSoon(stage, round + 1, 3_500));
    if (round >= 3 && exitAfterS === undefined) await pause(10_000, stop);
  }
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(finish, ms);
    function finish(): void {
      clearTimeout(timer);
      stop.removeEventListener('abort', finish);
      resolve();
    }
    stop.addEventListener('abort', finish);
  });
}

function printAddresses(scene: Scene): void {
  const { exchange, trueconf, registration, control } = scene.addresses;
  heading('Running');
  console.log(`  fake Exchange (EWS)       ${exchange}/EWS/Exchange.asmx   svc@example.test / Passw0rd!`);
  console.log(`  fake TrueConf Server      ${trueconf}`);
  console.log(`  fake registration server  ${registration}`);
  console.log(`  control of the fakes      ${control}/control/v1/openapi.json`);
  console.log(`  client channel            ${scene.wsUrl}`);
  console.log(`  status page               ${scene.httpUrl}/`);
  console.log(`  metrics                   ${scene.httpUrl}/metrics`);
  if (exitAfterS === undefined) console.log('  Ctrl-C ends everything.');
}

/** The connector's own lines: decisions and starts are part of the story, the rest is its log. */
function tellDaemonLine(line: string): void {
  const facts = parse(line);
  if (facts?.msg === 'decision carried out')
    tell('connector', `${String(facts.decision)} by ${String(facts.rule)}: ${String(facts.outcome)}`);
  else if (facts?.msg === 'conference start')
    tell('connector', `starts the conference (${String(facts.delayMs)} ms after its time): ${String(facts.outcome)}`);
  else if (facts?.level === 'error' || facts?.level === 'warn') tell('trouble', String(facts.msg));
  else if (!facts && line.trim() !== '' && !line.includes(' warning: ')) tell('connector', line);
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
