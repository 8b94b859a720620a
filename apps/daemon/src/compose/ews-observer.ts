/** What an EWS client tells about itself, as metrics and a few lines of log. */
import type { EwsObserver } from '@calendar-connector/ews-client';
import type { Log } from '../operation/log.ts';
import type { Metrics } from '../operation/metrics.ts';
import type { Repeats } from '../operation/repeats.ts';

export interface Reporting {
  readonly metrics: Metrics;
  readonly log: Log;
  readonly repeats: Repeats;
}

export function observeEws(provider: string, { metrics, log, repeats }: Reporting): EwsObserver {
  return {
    requestFinished: ({ operation, code, ms }) => {
      metrics.ewsRequests.inc({ op: operation, code });
      metrics.ewsSeconds.observe({ op: operation }, ms / 1000);
    },
    throttled: ({ untilMs, code, budget }) => {
      const seconds = Math.max(0, (untilMs - Date.now()) / 1000);
      metrics.ewsBackoff.inc(seconds);
      const news = repeats.news(`pause/${provider}/${budget}/${code}`);
      const facts = { provider, budget: log.address(budget), code, seconds: Math.round(seconds) };
      if (news) log.logger.info({ ...facts, ...news }, 'Exchange asked for a pause');
    },
    limitChanged: ({ budget, limit, reason }) => {
      log.logger.debug({ provider, budget: log.address(budget), limit, reason }, 'calls at a time that Exchange bears');
    },
    streamState: ({ state, mailboxes, reason }) => {
      log.logger.debug({ provider, state, mailboxes, reason }, 'notification stream');
    },
    warning: ({ code, message, mailbox }) => {
      const news = repeats.news(`warning/${provider}/${code}/${mailbox ?? ''}`);
      const whose = mailbox === undefined ? {} : { mailbox: log.address(mailbox) };
      if (news) log.logger.warn({ provider, code, ...whose, ...news }, message);
    },
  };
}
