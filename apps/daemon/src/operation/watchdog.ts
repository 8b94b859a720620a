/**
 * Feeds systemd's watchdog by real progress: a beat goes out only when the daemon's parts have moved since the last one.
 * A timer alone would keep a process alive whose database connection or loop is dead.
 */
import type { ServiceManager } from './service-manager.ts';

/** `progress` returns undefined while a part stands still, with what stands still being its own log's matter. */
export function startWatchdog(manager: ServiceManager, progress: () => boolean): () => void {
  if (manager.watchdogMs === undefined) return () => {};
  const timer = setInterval(() => {
    if (progress()) manager.notify({ WATCHDOG: '1' });
  }, manager.watchdogMs / 3);
  return () => clearInterval(timer);
}
