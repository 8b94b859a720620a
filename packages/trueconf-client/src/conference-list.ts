/**
 * All conferences of a server, page by page. Pages may shift while they are read, so each id is given once; an entry the
 * list shows without its participants is read on its own. The end is a page that brings nothing new: a server may give
 * smaller pages than asked for. Named limit: `maxPages`.
 */
import type { Conference, ConferenceId } from '@calendar-connector/calendar-model';
import type { CancelSignal } from '@calendar-connector/sync-core';
import { eachBounded } from './bounded-work.ts';
import { findConference } from './conference-writes.ts';
import type { Dialect } from './dialect.ts';
import { TrueConfError } from './error.ts';
import { LIMITS } from './options.ts';

export async function* listConferences(
  dialect: Dialect,
  limits: { readonly pageSize: number; readonly maxPages: number },
  signal: CancelSignal,
): AsyncGenerator<Conference> {
  const seen = new Set<ConferenceId>();
  for (let page = 1; page <= limits.maxPages; page += 1) {
    const { entries, total } = await dialect.fetchConferencePage(page, limits.pageSize, signal);
    const fresh = entries.filter(({ conference }) => !seen.has(conference.id));
    for (const { conference } of fresh) seen.add(conference.id);
    const whole = await eachBounded(fresh, LIMITS.callConcurrency, async ({ conference, complete }) =>
      complete ? conference : (await findConference(dialect, conference.id, signal))?.conference,
    );
    for (const conference of whole) if (conference) yield conference;
    if (fresh.length === 0 || (total !== undefined && seen.size >= total)) return;
  }
  throw new TrueConfError(`listConferences: more than ${limits.maxPages} pages`, {
    kind: 'limitExceeded',
    code: 'tooManyPages',
    operation: 'listConferences',
  });
}
