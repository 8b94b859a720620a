/**
 * A server of bare bytes, for framing and log-in dialogues no HTTP library would send.
 */
import { createServer, type Socket } from 'node:net';

/** Answers each request with bytes as they stand; the connection ends when they say so, or when they name no length. */
export async function startRawServer(reply: (head: string) => string) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = '';
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (end < 0 || text.length < end + 4 + length) return;
      const head = text.slice(0, end);
      text = '';
      const answered = reply(head);
      const keeps = /^(Content-Length|Transfer-Encoding):/im.test(answered) && !/^Connection: close/im.test(answered);
      const isSilentlyClosed = answered.includes('200 OK') && !answered.includes('Connection: close');
      if (keeps && !isSilentlyClosed) socket.write(answered);
      else socket.end(answered);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as { readonly port: number }).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
