/**
 * R30: the join link of a conference the connector made is written back to the organizer's item, once. The marker makes
 * it once over restarts and item ids; mail is sent only when the configuration says so (mass mails are failure mode 25).
 */
import type { ConferenceBinding } from '../model/meeting.ts';
import { locationWithLink } from '../standing/texts.ts';
import type { Draft } from './draft.ts';

/** Decides whether the organizer's item needs the link. */
export function planJoinLink(draft: Draft, binding: ConferenceBinding): void {
  const { assessment, settings, base } = draft;
  const { source } = assessment.view;
  if (binding.ownership !== 'created' || source?.rank !== 'organizer') return;
  if (base.linkWritten?.url === binding.url) return;
  const { mailbox, item } = source;
  if (item.marker.conferenceUrl === binding.url) {
    // Our own echo, seen before the baseline that should have said so: the link is there, nothing to write (I4).
    draft.base = { ...base, linkWritten: { mailbox, itemId: item.itemId, url: binding.url } };
    return;
  }
  if (settings.access !== 'full') {
    draft.fire('R44', 'readAccess');
    return;
  }
  const marker = { ...item.marker, conferenceUrl: binding.url };
  const location = locationWithLink(item.location, settings.keyword?.text, binding.url);
  draft.decide({
    kind: 'writeJoinLink',
    rule: 'R30',
    why: 'keyword',
    mailbox,
    itemId: item.itemId,
    address: { itemId: item.itemId },
    url: binding.url,
    marker,
    ...(settings.joinLink.place === 'location' && { patch: { location, ifLocation: item.location, marker } }),
    mail: settings.joinLink.mail,
  });
}
