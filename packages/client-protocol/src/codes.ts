/** Error codes of the channel and the close codes of its sockets. Specified in the contract, section 5. */
import * as z from 'zod';

export const errorCode = z.enum([
  'unauthorized',
  'forbidden',
  'notFound',
  'invalidRequest',
  'conflict',
  'rateLimited',
  'licenceLimit',
  'providerUnavailable',
  'internal',
]);

export type ErrorCode = z.infer<typeof errorCode>;

/** What each code means and what a client does about it; feeds the generated reference. */
export const ERROR_CODES: Readonly<Record<ErrorCode, { readonly meaning: string; readonly clientDoes: string }>> = {
  unauthorized: {
    meaning:
      'The socket is not authorised: no `authorize` yet, unknown server, or a token that server does not accept.',
    clientDoes: 'Get a fresh token and connect again; the socket is closed with 4401.',
  },
  forbidden: {
    meaning: 'The calendar or event belongs to somebody else, or the connector may only read.',
    clientDoes: 'Do not repeat.',
  },
  notFound: { meaning: 'No such calendar or event (any more).', clientDoes: 'Drop it from the view.' },
  invalidRequest: {
    meaning: 'The message is not JSON, not a known method, or a field is wrong; the message names the field.',
    clientDoes: 'Correct the request.',
  },
  conflict: {
    meaning: 'The event was changed meanwhile, or the idempotency key was used for a different change.',
    clientDoes: 'Read the event again and let the person decide.',
  },
  rateLimited: {
    meaning: 'Too many requests.',
    clientDoes: 'Wait `retryAfterMs`, then repeat with the same idempotency key.',
  },
  licenceLimit: {
    meaning: 'The licence does not cover this mailbox, or it has ended: reading works, writing does not.',
    clientDoes: 'Show the message.',
  },
  providerUnavailable: {
    meaning: 'Exchange or TrueConf Server cannot be reached now.',
    clientDoes: 'Repeat later with the same idempotency key.',
  },
  internal: {
    meaning: 'A fault of the connector; it is in its log.',
    clientDoes: 'Repeat later with the same idempotency key.',
  },
};

/** Codes a WebSocket of this channel is closed with. */
export const CLOSE_CODES = {
  /** normal end */
  normal: 1000,
  /** the server shuts down; connect again */
  goingAway: 1001,
  /** a frame that is no text, or too large a frame */
  unsupportedData: 1003,
  messageTooBig: 1009,
  /** too many connections or messages */
  policyViolation: 1008,
  /** not authorised, or the authorisation ended */
  unauthorized: 4401,
} as const;
