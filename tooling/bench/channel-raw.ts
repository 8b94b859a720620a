/**
 * The floor of the fan-out: `ws` alone, one buffer sent to every socket. Told by IPC what to send; answers when it began.
 */
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('listening', () => process.send?.({ port: (server.address() as { port: number }).port }));
process.on('message', (text: string) => {
  const frame = Buffer.from(text);
  const at = performance.timeOrigin + performance.now();
  for (const socket of server.clients) socket.send(frame, { binary: false });
  process.send?.({ at });
});
