/** The month's days and the chosen day's events as elements. What is done with them the page decides. */
import type { EventSummary } from '@calendar-connector/client-protocol';
import { element } from '../shared/dom.ts';
import { locale, words } from '../shared/words.ts';
import { dayTitle, spanText, weekdayName } from './dates.ts';
import { type Day, dayKey } from './month.ts';

const MAX_DOTS = 4;
const say = words({
  events: { en: 'events', ru: 'событий' },
  quiet: { en: 'Nothing on this day', ru: 'В этот день ничего нет' },
  running: { en: 'in progress', ru: 'идёт' },
});
const number = new Intl.NumberFormat(locale);

export function weekdayNames(grid: readonly Day[]): readonly HTMLElement[] {
  return grid
    .slice(0, 7)
    .map(({ date }) => element('div', { class: 'name', 'aria-hidden': 'true' }, weekdayName(date)));
}

/** One tab stop for the whole grid, the chosen day; arrows go from there. */
export function dayCell(
  day: Day,
  events: readonly EventSummary[],
  isChosen: boolean,
  onChoose: () => void,
): HTMLElement {
  const isToday = day.key === dayKey(new Date());
  const kinds = [day.inMonth ? '' : 'other', isToday ? 'today' : '', isChosen ? 'chosen' : ''];
  const dots = events.slice(0, MAX_DOTS).map(({ indicator }) => element('span', { class: `dot ${indicator}` }));
  return element(
    'button',
    {
      type: 'button',
      class: kinds.filter(Boolean).join(' '),
      'data-key': day.key,
      tabindex: isChosen ? '0' : '-1',
      'aria-label': `${dayTitle(day.date)}, ${say.events}: ${number.format(events.length)}`,
      'aria-pressed': String(isChosen),
      ...(isToday ? { 'aria-current': 'date' } : {}),
      click: onChoose,
    },
    number.format(day.date.getDate()),
    element('span', { class: 'dots' }, ...dots),
  );
}

export function dayRows(
  events: readonly EventSummary[],
  opened: string | undefined,
  onOpen: (eventId: string) => void,
): readonly HTMLElement[] {
  if (events.length === 0) return [element('li', { class: 'muted' }, say.quiet)];
  return events.map((event) =>
    element(
      'li',
      {},
      element(
        'button',
        {
          type: 'button',
          'data-key': event.id,
          ...(event.id === opened ? { 'aria-current': 'true' } : {}),
          click: () => onOpen(event.id),
        },
        element('span', { class: `mark ${event.indicator}` }),
        element(
          'span',
          { class: 'what' },
          element('span', event.isCancelled ? { class: 'cancelled' } : {}, event.title),
          element('time', { datetime: event.start }, spanText(event)),
        ),
        event.conference?.state === 'running' && element('span', { class: 'chip' }, say.running),
      ),
    ),
  );
}
