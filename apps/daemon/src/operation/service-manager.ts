/**
 * systemd's side of the service: READY, RELOADING, STOPPING, a readable STATUS line and the watchdog.
 * The notification goes through the `systemd-notify` program (NotifyAccess=all): Node cannot send the datagram itself
 * and the native add-ons that do are not kept up. Without $NOTIFY_SOCKET everything here does nothing.
 */
import { spawn } from 'node:child_process';

export interface ServiceManager {
  notify(state: Readonly<Record<string, string>>): void;
  /** How often the watchdog wants to hear of progress; undefined when there is no watchdog. */
  readonly watchdogMs: number | undefined;
}

export function connectServiceManager(env: NodeJS.ProcessEnv, pid: number): ServiceManager {
  if (!env.NOTIFY_SOCKET) return { notify() {}, watchdogMs: undefined };
  const limitUs = Number(env.WATCHDOG_USEC);
  const forUs = env.WATCHDOG_PID === undefined || Number(env.WATCHDOG_PID) === pid;
  const watchdogMs = Number.isFinite(limitUs) && limitUs > 0 && forUs ? limitUs / 1000 : undefined;
  let busy = false;
  let waiting: string[] | undefined;
  const send = (lines: string[]): void => {
    busy = true;
    const child = spawn('systemd-notify', [`--pid=${pid}`, ...lines], { stdio: 'ignore', env: { ...env } });
    const done = (): void => {
      busy = false;
      const next = waiting;
      waiting = undefined;
      if (next) send(next);
    };
    child.once('error', done);
    child.once('exit', done);
  };
  return {
    watchdogMs,
    notify(state) {
      const lines = Object.entries(state).map(([key, value]) => `${key}=${value.replace(/[\r\n]+/g, ' ')}`);
      // One program at a time; what comes meanwhile is merged, so that a slow manager never piles up processes.
      if (busy) waiting = [...(waiting ?? []), ...lines];
      else send(lines);
    },
  };
}
