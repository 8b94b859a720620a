/**
 * A source towards a test server, and the mailbox everything is asked about.
 */
import { type FolderId, folderId, mailboxAddress } from '@calendar-connector/calendar-model';
import type { ResolvedMailbox } from '@calendar-connector/sync-core';
import { type Clock, createEwsSource, type EwsSource, type EwsSourceOptions, systemClock } from '../../src/index.ts';

/** The platform's clock with timers a hundred times as short, for tests that would wait for nothing else. */
export const hurried: Clock = { now: () => Date.now(), after: (ms, run) => systemClock.after(ms / 100, run) };

export const never = new AbortController().signal;

export function sourceTo(port: number, options: Partial<EwsSourceOptions> = {}): EwsSource & AsyncDisposable {
  const source = createEwsSource({
    name: 'test',
    endpoint: { scheme: 'http', host: '127.0.0.1', port },
    credentials: [{ login: 'svc', password: () => 'pw' }],
    auth: 'basic',
    random: () => 0.5,
    ...options,
  });
  return Object.assign(source, { [Symbol.asyncDispose]: () => source.close() });
}

export function mailboxAt(port: number, address = 'anna@example.test', scheme = 'http'): ResolvedMailbox {
  const endpoint = `${scheme}://127.0.0.1:${port}/EWS/Exchange.asmx`;
  return {
    address: mailboxAddress(address),
    folderId: folderId(`folder-of-${address}`) as FolderId,
    calendarTitle: 'Calendar',
    ownerName: address,
    endpoint,
    affinityGroup: endpoint,
  };
}
