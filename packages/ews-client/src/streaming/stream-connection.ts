/**
 * One open GetStreamingEvents response: read until it ends, with two watchdogs. No byte for too long means the link is
 * dead though the socket does not know (half-open TCP, facts §3.1 no. 1); and no stream outlives the time it asked for.
 */
import { EwsError } from '../errors/ews-error.ts';
import { errorOfException } from '../errors/network.ts';
import type { ResolvedOptions } from '../options.ts';
import { decoded } from '../transport/coding.ts';
import type { EwsTransport, Target } from '../transport/ews-transport.ts';
import { notSoap } from '../transport/http-session.ts';
import type { WireRequest } from '../wire/request.ts';
import { StreamDecoder, type StreamEnvelope } from './stream-decoder.ts';

export interface StreamConnectionOptions {
  readonly options: ResolvedOptions;
  readonly transport: EwsTransport;
  readonly request: WireRequest;
  readonly target: Target;
  readonly signal: AbortSignal;
  /** true: with this envelope the server has ended the stream, whatever becomes of the connection */
  readonly onEnvelope: (envelope: StreamEnvelope) => boolean;
}

/** Reads one stream to its end. Returns on an orderly end; throws EwsError otherwise. */
export async function readStream(parts: StreamConnectionOptions): Promise<void> {
  const { clock, timings } = parts.options;
  const { response, drop } = await parts.transport.openStream(parts.request, parts.target, parts.signal);
  let failure: EwsError | undefined;
  const stop = (error: EwsError) => {
    failure ??= error;
    response.body.destroy();
    drop();
  };
  const mailbox = parts.target.mailbox;
  const silent = () => stop(streamError('StreamSilent', `nothing came for ${timings.streamSilenceMs} ms`, mailbox));
  let cancelSilence = clock.after(timings.streamSilenceMs, silent);
  const lifetime = timings.streamMinutes * 60_000 + timings.streamGraceMs;
  const cancelLifetime = clock.after(lifetime, () => {
    stop(streamError('StreamOverdue', 'the server did not end it in time', mailbox));
  });
  const onAbort = () => stop(new EwsError({ kind: 'aborted', code: 'Aborted', message: 'the stream was closed' }));
  if (parts.signal.aborted) onAbort();
  else parts.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const body = decoded(response);
    if (body === undefined) throw notSoap(response, { operation: 'GetStreamingEvents', mailbox });
    let isOver = false;
    const decoder = new StreamDecoder((envelope) => {
      isOver ||= parts.onEnvelope(envelope);
    });
    for await (const chunk of body) {
      cancelSilence();
      cancelSilence = clock.after(timings.streamSilenceMs, silent);
      decoder.push(chunk);
      if (isOver) return;
    }
    decoder.end();
    if (failure !== undefined) throw failure;
  } catch (error) {
    throw failure ?? errorOfException(error, { operation: 'GetStreamingEvents', mailbox }, false);
  } finally {
    cancelSilence();
    cancelLifetime();
    parts.signal.removeEventListener('abort', onAbort);
    drop();
  }
}

function streamError(code: string, what: string, mailbox: string): EwsError {
  const message = `the notification stream was given up: ${what}`;
  return new EwsError({ kind: 'timeout', code, message, mailbox });
}
