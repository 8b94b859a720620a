/**
 * Whether an item by itself can make the engine do anything. Most of a calendar names no conference and asks for none:
 * the plan of a meeting about which nothing was agreed and whose items all say so is empty (R00), and need not be made.
 * SPEC.md §3.5.
 */
import type { FolderItem } from '@calendar-connector/calendar-model';
import { recognizeConferenceLink } from '../links/recognize.ts';
import type { PlanSettings } from '../model/settings.ts';
import { hasKeyword } from './texts.ts';

/** What of the settings decides it; when one of these changes, items passed over before have to be looked at again. */
export type ConferenceSigns = Pick<PlanSettings, 'servers' | 'keyword'>;

/** False only for an item that cannot change anything about a meeting without an agreement. */
export function needsPlan(item: FolderItem, { servers, keyword }: ConferenceSigns): boolean {
  const { conferenceUrl, mirrorOf } = item.marker;
  if (conferenceUrl !== undefined || mirrorOf !== undefined || item.isCancelled) return true;
  if (keyword && hasKeyword(item.location, keyword.text)) return true;
  return recognizeConferenceLink(item, servers).conference !== undefined;
}
