/**
 * Response messages: one per thing asked for, in the order of the request, success or error.
 * An operation prepares each answer first and writes it only when preparing went well, so an error never leaves half a message.
 */
import { setImmediate } from 'node:timers/promises';
import { RecurrenceError } from '@calendar-connector/recurrence';
import { WorldError } from '../../world/world-error.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import type { RequestContext } from '../request-context.ts';
import { openResponse } from './envelope.ts';
import { EwsError } from './ews-error.ts';

/** Writes the contents of a success message after its ResponseCode. */
export type MessageBody = (out: XmlWriter) => void;

export interface BatchOptions {
  /** element name of one message; default `<operation>ResponseMessage` */
  readonly message?: string;
  /** written into error messages too, after the code */
  readonly onError?: MessageBody;
  /** charged and cut off like a batch of items */
  readonly isBatch?: boolean;
}

/** The longest that the items of one answer hold the event loop. */
const BREATH_MS = 4;

const STOPPED = new EwsError('ErrorBatchProcessingStopped', 'An internal server error occurred. Try again later.');

/** Answers each input with a message of its own. */
export async function answerEach<T>(
  context: RequestContext,
  out: XmlWriter,
  inputs: readonly T[],
  prepare: (input: T) => MessageBody,
  options: BatchOptions = {},
): Promise<void> {
  const name = options.message ?? `${context.operation}ResponseMessage`;
  openResponse(out, `${context.operation}Response`);
  out.open('m:ResponseMessages');
  const deadline = context.batchDeadline();
  let isStopped = false;
  let breathed = performance.now();
  for (const input of inputs) {
    if (options.isBatch === true) await context.spendItemTime();
    isStopped ||= context.now() > deadline || context.takeFault(['batchStopped']) !== undefined;
    if (isStopped) writeError(context, out, name, STOPPED, options.onError, 'Warning');
    else answerOne(context, out, name, () => prepare(input), options.onError);
    await out.ready();
    if (performance.now() - breathed > BREATH_MS) breathed = await breathe();
  }
  out.close().close();
}

/** A long answer stands in nobody's way: other calls get their turn between its items. */
async function breathe(): Promise<number> {
  await setImmediate();
  return performance.now();
}

/** Answers with exactly one message. */
export function answerOnce(
  context: RequestContext,
  out: XmlWriter,
  prepare: () => MessageBody,
  options: BatchOptions = {},
): void {
  openResponse(out, `${context.operation}Response`);
  out.open('m:ResponseMessages');
  answerOne(context, out, options.message ?? `${context.operation}ResponseMessage`, prepare, options.onError);
  out.close().close();
}

export interface DirectOptions {
  /** root element; default `<operation>Response` */
  readonly root?: string;
  readonly onError?: MessageBody;
}

/** An answer that carries its class on the root element and has no list of messages. */
export function answerDirectly(
  context: RequestContext,
  out: XmlWriter,
  prepare: () => MessageBody,
  options: DirectOptions = {},
): void {
  const name = options.root ?? `${context.operation}Response`;
  try {
    const write = prepare();
    context.noteCode('NoError');
    openResponse(out, name, { ResponseClass: 'Success' });
    out.element('m:ResponseCode', 'NoError');
    write(out);
  } catch (error) {
    const known = toEwsError(error);
    context.noteCode(known.code);
    openResponse(out, name, { ResponseClass: 'Error' });
    writeErrorFields(out, known);
    options.onError?.(out);
  }
  out.close();
}

function answerOne(
  context: RequestContext,
  out: XmlWriter,
  name: string,
  prepare: () => MessageBody,
  onError: MessageBody | undefined,
): void {
  let body: MessageBody;
  try {
    body = prepare();
  } catch (error) {
    writeError(context, out, name, toEwsError(error), onError, 'Error');
    return;
  }
  context.noteCode('NoError');
  out.open(`m:${name}`, { ResponseClass: 'Success' });
  out.element('m:ResponseCode', 'NoError');
  body(out);
  out.close();
}

/** Errors of the world and of the dialect; anything else is a bug and goes on. */
export function toEwsError(error: unknown): EwsError {
  if (error instanceof EwsError) return error;
  if (error instanceof WorldError) return new EwsError(error.code, error.message, { values: error.values });
  if (error instanceof RecurrenceError) return new EwsError('ErrorCalendarOutOfRange', error.message);
  throw error;
}

/** An error message with its code, text and details. */
export function writeError(
  context: RequestContext,
  out: XmlWriter,
  name: string,
  error: EwsError,
  onError: MessageBody | undefined,
  responseClass: 'Error' | 'Warning',
): void {
  context.noteCode(error.code);
  out.open(`m:${name}`, { ResponseClass: responseClass });
  writeErrorFields(out, error);
  onError?.(out);
  out.close();
}

export function writeErrorFields(out: XmlWriter, error: EwsError): void {
  out.element('m:MessageText', error.message);
  out.element('m:ResponseCode', error.code);
  out.element('m:DescriptiveLinkKey', 0);
  const values = Object.entries(error.values);
  if (values.length === 0 && error.field === undefined) return;
  out.open('m:MessageXml');
  if (error.field !== undefined) out.element('t:FieldURI', undefined, { FieldURI: error.field });
  for (const [key, value] of values) out.element('t:Value', value, { Name: key });
  out.close();
}
