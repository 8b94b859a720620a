/**
 * Cancelled events stay visible with a prefix in their title (feature C9). Exchange writes a prefix of its own in the
 * organizer's language: ours takes its place, so that a list of meetings from everywhere reads alike. Whether an event is cancelled is told by its flag alone.
 */
import type { Language } from '../model/settings.ts';

/** What stands before the title of a cancelled event, unless an administrator chose another one. */
export const CANCELLED_PREFIX: Readonly<Record<Language, string>> = { ru: 'Отменено: ', en: 'Cancelled: ' };

/** Prefixes Exchange and Outlook write, without the colon, lower case. */
const KNOWN = [
  'отменено',
  'отменена',
  'отмена',
  'canceled',
  'cancelled',
  'abgesagt',
  'annulé',
  'annulée',
  'cancelado',
  'cancelada',
  'annullato',
  'annullata',
  'geannuleerd',
  'odwołane',
  'anulowano',
  'скасовано',
  'iptal edildi',
  '已取消',
  'キャンセル済み',
];

/** The title of a cancelled event, with exactly one prefix: ours. */
export function cancelledTitle(title: string, prefix: string): string {
  return `${prefix}${withoutPrefixes(title.trimStart(), prefix)}`;
}

/** A meeting that was forwarded between languages, or called off twice, has several. */
function withoutPrefixes(text: string, ours: string): string {
  const own = ours.trim();
  const rest = own !== '' && text.startsWith(own) ? text.slice(own.length).trimStart() : withoutPrefix(text);
  return rest === text ? text : withoutPrefixes(rest, ours);
}

function withoutPrefix(text: string): string {
  const lower = text.toLowerCase();
  for (const word of KNOWN) {
    if (!lower.startsWith(word)) continue;
    const colon = /^\s?[:：]\s*/.exec(text.slice(word.length));
    if (colon) return text.slice(word.length + colon[0].length);
  }
  return text;
}
