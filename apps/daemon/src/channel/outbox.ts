/**
 * What leaves through one socket. Frames are handed over as they come while the socket drains; a client that does not
 * read gets no queue of ours: past the bound pushes are dropped and one `resync` is owed (contract §5, threat T19).
 */
import type { WebSocket } from 'ws';

export class Outbox {
  readonly #socket: WebSocket;
  readonly #maxBufferedBytes: number;
  readonly #resyncFrame: (calendarId: string) => string;
  readonly #onDropped: () => void;
  readonly #owed = new Set<string>();
  #onRoom: (() => void) | undefined;

  constructor(
    socket: WebSocket,
    options: {
      readonly maxBufferedBytes: number;
      readonly resyncFrame: (calendarId: string) => string;
      readonly onDropped: () => void;
    },
  ) {
    this.#socket = socket;
    this.#maxBufferedBytes = options.maxBufferedBytes;
    this.#resyncFrame = options.resyncFrame;
    this.#onDropped = options.onDropped;
  }

  /** An answer: always sent. Requests are taken up only while there is room, so that one answer at most is above the bound. */
  answer(frame: string): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(frame, () => this.#settleDebts());
  }

  /** Resolves when the client has read enough of what it was sent; at once for one that reads. */
  room(): Promise<void> {
    if (this.#socket.bufferedAmount <= this.#maxBufferedBytes) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onRoom = () => {
        this.#socket.off('close', resolve);
        resolve();
      };
      this.#socket.once('close', resolve);
    });
  }

  /** A push about one calendar. The buffer is shared by all receivers and never copied here. */
  push(calendarId: string, frame: Buffer): void {
    if (this.#socket.readyState !== this.#socket.OPEN || this.#owed.has(calendarId)) return;
    if (this.#socket.bufferedAmount > this.#maxBufferedBytes) {
      this.#owe(calendarId);
      return;
    }
    this.#socket.send(frame, { binary: false }, () => this.#settleDebts());
  }

  /** Tells the client to list again. */
  resync(calendarId: string): void {
    this.answer(this.#resyncFrame(calendarId));
  }

  #owe(calendarId: string): void {
    this.#owed.add(calendarId);
    this.#onDropped();
  }

  /** Runs after each write that reached the kernel: when the buffer has emptied, the owed `resync` goes out. */
  #settleDebts(): void {
    if (this.#socket.bufferedAmount > this.#maxBufferedBytes / 2) return;
    this.#onRoom?.();
    this.#onRoom = undefined;
    const calendars = [...this.#owed];
    this.#owed.clear();
    for (const calendarId of calendars) this.resync(calendarId);
  }
}
