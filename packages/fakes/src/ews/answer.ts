/**
 * One HTTP answer: small ones go out whole with their length, big ones stream in chunks at the reader's pace, gzip when asked
 * for. Faults on the way out (cut, slow, never) happen here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, createGzip, type Gzip, gzipSync } from 'node:zlib';
import type { WorldClock } from '../world/clock.ts';
import type { TextSink } from '../xml/xml-writer.ts';
import type { FaultRule } from './faults/fault-plan.ts';

const GZIP_FROM = 2048;
const FAST = { level: constants.Z_BEST_SPEED };

export interface AnswerOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly clock: WorldClock;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** a copy of the text for checks */
  readonly onText: ((text: string) => void) | undefined;
  /** keeps everything back so that a fault can work on the whole */
  readonly fault: FaultRule | undefined;
}

export class Answer implements TextSink {
  readonly #options: AnswerOptions;
  readonly #held: string[] = [];
  #gzip: Gzip | undefined;
  #hasBegun = false;
  bytes = 0;

  constructor(options: AnswerOptions) {
    this.#options = options;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  write(text: string): boolean {
    this.#options.onText?.(text);
    if (this.#options.fault !== undefined) {
      this.#held.push(text);
      return true;
    }
    this.#begin();
    this.bytes += text.length;
    return (this.#gzip ?? this.#options.response).write(text);
  }

  async drain(): Promise<void> {
    const { response } = this.#options;
    const target = this.#gzip ?? response;
    if (response.destroyed || !target.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        target.off('drain', done);
        response.off('close', done);
        resolve();
      };
      target.once('drain', done);
      response.once('close', done);
    });
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { response, headers } = this.#options;
    const useGzip = this.#acceptsGzip();
    response.writeHead(200, {
      ...headers,
      ...(useGzip ? { 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' } : {}),
    } as Record<string, string | string[]>);
    if (!useGzip) return;
    this.#gzip = createGzip(FAST);
    this.#gzip.pipe(response);
  }

  #acceptsGzip(): boolean {
    return /\bgzip\b/.test(String(this.#options.request.headers['accept-encoding'] ?? ''));
  }

  /** Sends what is left and ends. */
  async end(status: number, rest: string): Promise<void> {
    if (rest !== '') this.#options.onText?.(rest);
    if (this.#options.fault !== undefined) {
      await this.#endWithFault(status, this.#held.join('') + rest, this.#options.fault);
      return;
    }
    this.bytes += rest.length;
    if (this.#hasBegun) {
      (this.#gzip ?? this.#options.response).end(rest);
      return;
    }
    this.#hasBegun = true;
    this.#sendWhole(status, rest);
  }

  #sendWhole(status: number, text: string): void {
    const { response, headers } = this.#options;
    const useGzip = text.length >= GZIP_FROM && this.#acceptsGzip();
    const body = useGzip ? gzipSync(text, FAST) : Buffer.from(text, 'utf8');
    const encoding = useGzip ? { 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' } : {};
    response.writeHead(status, { ...headers, ...encoding, 'Content-Length': String(body.length) } as Record<
      string,
      string | string[]
    >);
    response.end(body);
  }

  async #endWithFault(status: number, text: string, fault: FaultRule): Promise<void> {
    const { response, headers, clock } = this.#options;
    this.#hasBegun = true;
    this.bytes += text.length;
    const body = Buffer.from(fault.kind === 'controlCharacters' ? withControlCharacters(text) : text, 'utf8');
    switch (fault.kind) {
      case 'timeoutAfterCommit':
        // the work is done, the answer never comes
        if (fault.ms !== undefined) clock.after(fault.ms, () => response.destroy());
        return;
      case 'truncate':
        response.writeHead(status, { ...headers, 'Content-Length': String(body.length) } as Record<
          string,
          string | string[]
        >);
        response.write(body.subarray(0, fault.bytes ?? Math.floor(body.length / 2)), () => response.destroy());
        return;
      case 'slowBody': {
        response.writeHead(status, headers as Record<string, string | string[]>);
        const size = Math.max(1, fault.bytes ?? 100);
        for (let at = 0; at < body.length && !response.destroyed; at += size) {
          response.write(body.subarray(at, at + size));
          await new Promise<void>((resolve) => void clock.after(fault.ms ?? 100, resolve));
        }
        response.end();
        return;
      }
      default:
        response.writeHead(status, { ...headers, 'Content-Length': String(body.length) } as Record<
          string,
          string | string[]
        >);
        response.end(body);
    }
  }
}

/** What servers really send when somebody pasted a vertical tab into a subject: references XML 1.0 forbids. */
function withControlCharacters(text: string): string {
  return text.replaceAll('<t:Subject>', '<t:Subject>&#xB;&#x1F;').replaceAll('<t:DisplayName>', '<t:DisplayName>&#x2;');
}
