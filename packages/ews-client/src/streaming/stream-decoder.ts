/**
 * Envelopes out of a notification stream: a chain of documents without separators, cut anywhere (facts §1.5).
 * Gives each complete envelope's messages; usable alone on any source of bytes.
 */
import { type RawMessage, RESPONSE, ResponseState } from '../decoder/response-grammar.ts';
import { type ScannerLimits, XmlScanner } from '../decoder/scanner.ts';
import type { TreeNode } from '../decoder/tree.ts';

/** One complete envelope of a stream. */
export interface StreamEnvelope {
  readonly messages: readonly RawMessage[];
  /** a SOAP fault in place of messages */
  readonly fault: TreeNode | undefined;
}

const STREAM_LIMITS: ScannerLimits = { maxBytes: 8 << 20, maxDepth: 32, maxTextBytes: 1 << 20 };

/** Takes the bytes of a notification stream as they come and gives each envelope as soon as its last byte is there. */
export class StreamDecoder {
  readonly #scanner: XmlScanner<ResponseState>;

  constructor(onEnvelope: (envelope: StreamEnvelope) => void, limits: ScannerLimits = STREAM_LIMITS) {
    const state = new ResponseState((done) => {
      const envelope = { messages: [...done.messages], fault: done.fault };
      done.clear();
      onEnvelope(envelope);
    });
    this.#scanner = new XmlScanner(RESPONSE, state, { limits, several: true });
  }

  /** Takes the next bytes; throws XmlError when they are no envelopes. */
  push(chunk: Uint8Array): void {
    this.#scanner.push(chunk);
  }

  /** The stream is over; throws when it ended inside an envelope. */
  end(): void {
    this.#scanner.end();
  }
}
