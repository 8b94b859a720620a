/**
 * Many clients of the channel in a process of their own, so that their work is not the server's. Told by IPC what to open
 * and what to wait for; answers with the moments frames came in. Speaks plain `ws`, no code of the connector.
 */
import WebSocket from 'ws';

/** One client: with a login it authorises and subscribes, without it only listens. */
export interface SwarmMember {
  readonly url: string;
  readonly login?: { readonly server: string; readonly token: string };
  /** which calendar of those it may see; absent: its own first one */
  readonly calendarId?: string;
  /** takes no byte off its socket once it is subscribed */
  readonly deaf?: boolean;
}

export type SwarmOrder =
  | { readonly open: readonly SwarmMember[] }
  /** answer when so many frames have come since the last answer, or when the time is over */
  | { readonly await: number; readonly limitMs: number };

export type SwarmReport =
  | { readonly opened: readonly string[] }
  /** epoch milliseconds with fractions, and which client; in order of arrival */
  | { readonly frames: readonly { readonly at: number; readonly client: number; readonly text: string }[] };

const OPEN_TOGETHER = 32;

class Swarm {
  readonly #sockets: WebSocket[] = [];
  #frames: { at: number; client: number; text: string }[] = [];
  #wanted = Number.POSITIVE_INFINITY;
  #done: () => void = () => {};

  /** Resolves with the calendar each client watches. */
  async open(members: readonly SwarmMember[]): Promise<readonly string[]> {
    const calendars: string[] = [];
    const waiting = [...members.entries()];
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) calendars[next[0]] = await this.#join(next[1]);
    };
    await Promise.all(Array.from({ length: OPEN_TOGETHER }, worker));
    return calendars;
  }

  async frames(count: number, limitMs: number) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.#wanted = count;
      this.#done = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#frames.length >= count) this.#done();
    });
    const frames = this.#frames;
    this.#frames = [];
    this.#wanted = Number.POSITIVE_INFINITY;
    return frames;
  }

  async #join({ url, login, calendarId, deaf }: SwarmMember): Promise<string> {
    const client = this.#sockets.length;
    const socket = new WebSocket(url, 'calendar.v1', { perMessageDeflate: false, skipUTF8Validation: true });
    this.#sockets.push(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const calendar = login ? await subscribe(socket, login, calendarId) : '';
    if (deaf) socket.pause();
    // Only the first bytes are kept: reading frames is the clients' work, not what is measured.
    socket.on('message', (data: Buffer) => {
      this.#frames.push({
        at: performance.timeOrigin + performance.now(),
        client,
        text: data.length > 4_000 ? '' : data.toString(),
      });
      if (this.#frames.length === this.#wanted) this.#done();
    });
    return calendar;
  }
}

async function subscribe(
  socket: WebSocket,
  login: NonNullable<SwarmMember['login']>,
  wanted?: string,
): Promise<string> {
  await ask(socket, { method: 'authorize', ...login });
  const list = await ask(socket, { method: 'getCalendarList' });
  const calendarId = wanted ?? (list.calendars as { id: string }[] | undefined)?.[0]?.id;
  if (calendarId === undefined) throw new Error(`no calendar: ${JSON.stringify(list)}`);
  const answer = await ask(socket, { method: 'subscribe', calendarId });
  if (answer.error) throw new Error(`not subscribed: ${JSON.stringify(answer.error)}`);
  return calendarId;
}

function ask(socket: WebSocket, request: Record<string, unknown>): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    socket.once('message', (data) => resolve(JSON.parse(String(data)) as Record<string, unknown>));
    socket.once('close', (code) => reject(new Error(`closed with ${code}`)));
    socket.send(JSON.stringify({ requestId: 1, ...request }));
  });
}

const swarm = new Swarm();
// Lives as long as its parent: lifeline.ts ends it.
process.channel?.ref();
process.on('message', (order: SwarmOrder) => {
  const answer = async (): Promise<SwarmReport> =>
    'open' in order
      ? { opened: await swarm.open(order.open) }
      : { frames: await swarm.frames(order.await, order.limitMs) };
  answer().then(
    (report) => process.send?.(report),
    (error) => process.send?.({ error: String(error) }),
  );
});
process.send?.('ready');
