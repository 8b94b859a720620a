/** The two ports of the service. Whether they can be had is known before anything else is touched (contract §1: 71). */
import { createServer } from 'node:net';
import { EXIT, StartFault } from './exit-codes.ts';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; stop it or choose another port',
  EACCES: 'this user may not listen there; choose a port above 1023',
  EADDRNOTAVAIL: 'this machine has no such address; correct the host',
  ENOTFOUND: 'this host name is not known; correct the host',
};

/** A port that cannot be listened on, in one line; other errors as they are. */
export function portFault(error: unknown, key: string, host: string, port: number): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  const reason = code && REASONS[code];
  return reason
    ? new StartFault(EXIT.system, `${key} ${host}:${port} cannot be used (${code}): ${reason}, then start again`, error)
    : error;
}

/** Throws StartFault unless the port, which is opened for good only later, can be listened on. */
export async function requireFreePort(key: string, host: string, port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(portFault(error, key, host, port)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}
