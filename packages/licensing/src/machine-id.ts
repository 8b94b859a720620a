/** What tells this machine from a copy of its disk contents: systemd's machine id, else the host name. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

const PLACES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];

/** Never sent anywhere as it is: only a hash mixed with the installation's key leaves the machine. */
export function readMachineId(): string {
  for (const place of PLACES) {
    const id = readQuietly(place);
    if (/^[0-9a-f]{32}$/.test(id)) return id;
  }
  return `host:${hostname()}`;
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
