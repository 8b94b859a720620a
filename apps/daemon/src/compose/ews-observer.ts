/** What an EWS client tells about itself, as metrics and a few lines of log. */
import type { EwsObserver } from '@calendar-connector/ews-client';
import type { Log } from '../operation/log.ts';
import type { Metrics } from '../operation/metrics.ts';

export function observeEws(provider: string, metrics: Metrics, log: Log): EwsObserver {
  return {
    requestFinished: ({ operation, code, ms }) => {
      metrics.ewsRequests.inc({ op: operation, code });
      metrics.ewsSeconds.observe({ op: operation }, ms / 1000);
    },
    throttled: ({ untilMs, code, budget }) => {
      const seconds = Math.max(0, (untilMs - Date.now()) / 1000);
      metrics.ewsBackoff.inc(seconds);
      log.logger.info(
        { provider, budget: log.address(budget), code, seconds: Math.round(seconds) },
        'Exchange asked for a pause',
      );
    },
    streamState: ({ state, mailboxes, reason }) => {
      log.logger.debug({ provider, state, mailboxes, reason }, 'notification stream');
    },
    warning: ({ code, message, mailbox }) => {
      log.logger.warn({ provider, code, ...(mailbox === undefined ? {} : { mailbox: log.address(mailbox) }) }, message);
    },
  };
}
