/**
 * Takes `100 Continue` out of what a server says. A client has to bear it though it never asked for it (RFC 9110 §15.2),
 * and web servers and gateways before Exchange do send it; undici gives the connection up instead.
 */
import type { Socket } from 'node:net';

const INTERIM = ['HTTP/1.1 100', 'HTTP/1.0 100'].map((line) => Buffer.from(line, 'latin1'));
const END = Buffer.from('\r\n\r\n', 'latin1');
/** an interim answer is a status line and hardly anything more */
const MAX_BYTES = 4_096;
const EMPTY = Buffer.alloc(0);

/** Filters what is read from a socket; call what it returns before each request, as only then an answer begins. */
export function skipInterimAnswers(socket: Socket): () => void {
  const read = socket.read.bind(socket);
  let isHead = true;
  let held: Buffer = EMPTY;
  const readHead = (size?: number): Buffer | null => {
    for (let chunk = read(size) as Buffer | null; chunk !== null; chunk = read(size)) {
      held = afterInterim(Buffer.concat([held, chunk]));
      if (held.length === 0 || (mayBeInterim(held) && held.length <= MAX_BYTES)) continue;
      const head = held;
      held = EMPTY;
      isHead = false;
      return head;
    }
    return null;
  };
  socket.read = (size) => (isHead ? readHead(size) : read(size));
  return () => {
    isHead = true;
  };
}

/** What follows the whole interim answers at the beginning. */
function afterInterim(bytes: Buffer): Buffer {
  let rest = bytes;
  while (rest.length > 0 && mayBeInterim(rest)) {
    const end = rest.indexOf(END);
    if (end < 0) break;
    rest = rest.subarray(end + END.length);
  }
  return rest;
}

/** Whether these bytes, perhaps not all yet, begin an interim answer. */
function mayBeInterim(bytes: Buffer): boolean {
  return INTERIM.some((line) => {
    const count = Math.min(line.length, bytes.length);
    return line.compare(bytes, 0, count, 0, count) === 0;
  });
}
