/** The two ports of the service. Whether they can be had is known before anything else is touched (contract §1: 71). */
import { createServer } from 'node:net';
import { EXIT, StartFault, type Text } from './exit-codes.ts';

const REASONS: Readonly<Record<string, Text>> = {
  EADDRINUSE: {
    en: 'another program listens there; stop it or choose another port',
    ru: 'там слушает другая программа; остановите её или выберите другой порт',
  },
  EACCES: {
    en: 'this user may not listen there; choose a port above 1023',
    ru: 'у этого пользователя нет права слушать там; выберите порт выше 1023',
  },
  EADDRNOTAVAIL: {
    en: 'this machine has no such address; correct the host',
    ru: 'у этой машины нет такого адреса; исправьте адрес',
  },
  ENOTFOUND: { en: 'this host name is not known; correct the host', ru: 'имя узла неизвестно; исправьте адрес' },
};

/** A port that cannot be listened on, in one line; other errors as they are. */
export function portFault(error: unknown, key: string, host: string, port: number): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  const reason = code && REASONS[code];
  if (!reason) return error;
  const text = {
    en: `${key} ${host}:${port} cannot be used (${code}): ${reason.en}, then start again`,
    ru: `${key} ${host}:${port} использовать нельзя (${code}): ${reason.ru}, затем запустите снова`,
  };
  return new StartFault(EXIT.system, text, error);
}

/** Throws StartFault unless the port, which is opened for good only later, can be listened on. */
export async function requireFreePort(key: string, host: string, port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(portFault(error, key, host, port)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}
