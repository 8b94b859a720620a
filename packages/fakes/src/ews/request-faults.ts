/**
 * Faults that strike before a request is worked on: HTTP errors, the shapes of busy, broken connections.
 * Returns true when the request is answered (or never will be).
 */
import type { ServerResponse } from 'node:http';
import type { WorldClock } from '../world/clock.ts';
import type { BudgetLedger } from './budget-ledger.ts';
import { connectionCount, serverBusy } from './budget-ledger.ts';
import type { FaultRule } from './faults/fault-plan.ts';
import { EwsError, EwsFault } from './wire/ews-error.ts';

const LOGIN_PAGE =
  '<!DOCTYPE html><html><head><title>Outlook</title></head><body><form action="/owa/auth.owa" method="POST"><input name="username"><input name="password" type="password"></form></body></html>';
const DEFAULT_BACK_OFF_MS = 60_000;

export interface FaultScene {
  readonly rule: FaultRule;
  readonly response: ServerResponse;
  readonly clock: WorldClock;
  readonly ledger: BudgetLedger;
  /** whose budget is told to back off */
  readonly budgetKey: string;
  readonly challenges: readonly string[];
}

/** Plays a fault. `answered`: nothing more to do; otherwise the request goes on, or the thrown error is the answer. */
export async function playRequestFault(scene: FaultScene): Promise<'answered' | 'goOn'> {
  const { rule, response, clock, ledger, budgetKey } = scene;
  const ms = rule.backOffMs ?? DEFAULT_BACK_OFF_MS;
  switch (rule.kind) {
    case 'delay':
      await new Promise<void>((resolve) => void clock.after(rule.ms ?? 1000, resolve));
      return 'goOn';
    case 'reset':
      response.socket?.destroy();
      return 'answered';
    case 'halfOpen':
      // neither answer nor end: the client's own watchdog has to notice
      return 'answered';
    case 'status':
      return plain(response, rule.status ?? 503, rule);
    case 'unauthorized':
      response.setHeader('WWW-Authenticate', [...scene.challenges]);
      return plain(response, 401, rule);
    case 'html':
      response.writeHead(rule.status ?? 200, {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Length': Buffer.byteLength(LOGIN_PAGE),
      });
      response.end(LOGIN_PAGE);
      return 'answered';
    case 'emptyBody':
      response.writeHead(rule.status ?? 200, { 'Content-Type': 'text/xml; charset=utf-8', 'Content-Length': 0 });
      response.end();
      return 'answered';
    case 'busyFault':
      ledger.announce(budgetKey, ms);
      throw serverBusy(ms);
    case 'busyMessage':
      ledger.announce(budgetKey, rule.backOffMs ?? 5000);
      throw new EwsError(
        'ErrorServerBusy',
        `The server cannot service this request right now. Policy: ConcurrentSyncCalls, Value: 5. Suggested backoff time ${rule.backOffMs ?? 5000} ms.`,
        {
          values: { Policy: 'ConcurrentSyncCalls', BackOffMilliseconds: String(rule.backOffMs ?? 5000) },
        },
      );
    case 'busyInner':
      throw new EwsError('ErrorInternalServerError', 'An internal server error occurred. The operation failed.', {
        values: {
          InnerErrorMessageText: 'The server cannot service this request right now. Try again later.',
          InnerErrorResponseCode: 'ErrorServerBusy',
          InnerErrorDescriptiveLinkKey: '0',
        },
      });
    case 'connectionCount':
      throw connectionCount('MaxConcurrency', 27);
    case 'tooManyObjects':
      throw new EwsFault('ErrorTooManyObjectsOpened', 'Too many concurrent connections opened. Cannot open mailbox.');
    case 'soapFault':
      throw new EwsFault(
        rule.code ?? 'ErrorInternalServerError',
        rule.text ?? 'An internal server error occurred. The operation failed.',
      );
    case 'responseError':
      throw new EwsError(
        rule.code ?? 'ErrorInternalServerTransientError',
        rule.text ?? 'An internal server error occurred. Try again later.',
      );
    case 'mailboxMoved':
      throw new EwsError('ErrorMailboxMoveInProgress', rule.text ?? 'Mailbox move in progress. Try again later.');
    default:
      return 'goOn';
  }
}

function plain(response: ServerResponse, status: number, rule: FaultRule): 'answered' {
  if (rule.backOffMs !== undefined) response.setHeader('Retry-After', String(Math.ceil(rule.backOffMs / 1000)));
  response.writeHead(status, { 'Content-Type': 'text/plain', 'Content-Length': 0 });
  response.end();
  return 'answered';
}
