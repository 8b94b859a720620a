/** A road to PostgreSQL on which an answer can get lost: the server has done what it was asked, its client never hears. */
import { connect, createServer, type Socket } from 'node:net';

export interface AnswerThief {
  readonly url: string;
  /** The next answer that contains `text` is kept, and its connection cut. Resolves when that has happened. */
  steal(text: string): Promise<void>;
  close(): Promise<void>;
}

export async function openAnswerThief(databaseUrl: string): Promise<AnswerThief> {
  const url = new URL(databaseUrl);
  const target = { host: url.hostname, port: Number(url.port) };
  const sockets = new Set<Socket>();
  let wanted: { readonly text: string; readonly done: () => void } | undefined;
  const server = createServer((near) => {
    const far = connect(target);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    near.pipe(far);
    far.on('data', (answer) => {
      if (wanted === undefined || !answer.includes(wanted.text)) {
        near.write(answer);
        return;
      }
      near.destroy();
      wanted.done();
      wanted = undefined;
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  url.port = String(typeof address === 'object' ? address?.port : 0);
  return {
    url: url.href,
    steal: (text) =>
      new Promise((done) => {
        wanted = { text, done };
      }),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((done) => server.close(() => done()));
    },
  };
}
