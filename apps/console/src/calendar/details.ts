/** The card of one event: everything the guide's chapter 5.1 shows, and the buttons to answer or join. */
import type { EventDetails } from '@calendar-connector/client-protocol';
import { element, webLink } from '../shared/dom.ts';
import { language, words } from '../shared/words.ts';

const say = words({
  answer: { en: 'My response', ru: 'Мой ответ' },
  start: { en: 'Start', ru: 'Время начала' },
  end: { en: 'End', ru: 'Время окончания' },
  location: { en: 'Location', ru: 'Место' },
  people: { en: 'Participants', ru: 'Участники' },
  join: { en: 'Join', ru: 'Подключиться' },
  accept: { en: 'Accept', ru: 'Принять' },
  maybe: { en: 'Maybe', ru: 'Под вопросом' },
  decline: { en: 'Decline', ru: 'Отклонить' },
});
const ROLES = words({
  organizer: { en: 'Organizer', ru: 'Организатор' },
  required: { en: 'Required', ru: 'Обязательный' },
  optional: { en: 'Optional', ru: 'Необязательный' },
  resource: { en: 'Resource', ru: 'Ресурс' },
});
const ANSWERS = words({
  organizer: { en: 'Organizer', ru: 'Организатор' },
  accepted: { en: 'Accepted', ru: 'Принял' },
  tentative: { en: 'Maybe', ru: 'Под вопросом' },
  declined: { en: 'Declined', ru: 'Отклонил' },
  none: { en: 'No response', ru: 'Нет ответа' },
});

export type Response = 'accepted' | 'tentative' | 'declined';

/** A moment for people; all-day events show dates. */
export function moment(text: string, allDay: boolean): string {
  if (allDay)
    return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(
      new Date(`${text}T00:00:00Z`),
    );
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(text));
}

/** HTML becomes its text: the page shows what the invitation says, never what it would do. */
function bodyText(body: NonNullable<EventDetails['body']>): string {
  if (body.type === 'text') return body.content;
  const { body: parsed } = new DOMParser().parseFromString(
    body.content.replace(/<(br|\/p|\/div|\/li|\/tr)\b/gi, '\n<$1'),
    'text/html',
  );
  return (parsed.textContent ?? '').trim();
}

function person({ name, email, role, response }: EventDetails['attendees'][number]): HTMLElement {
  const answer = role === 'organizer' ? '' : `, ${ANSWERS[response]}`;
  return element(
    'li',
    {},
    element('div', {}, name || (email ?? '')),
    element('span', { class: 'muted' }, `${ROLES[role]}${answer}`),
  );
}

export function detailsCard(event: EventDetails, onAnswer: (response: Response) => void): readonly (Node | string)[] {
  const line = (label: string, value: string): readonly Node[] => [element('dt', {}, label), element('dd', {}, value)];
  const join = event.joinUrl && webLink(event.joinUrl);
  const mayAnswer = event.myResponse !== 'organizer' && !event.isCancelled && event.attendees.length > 0;
  const answers = (
    [
      ['accepted', say.accept],
      ['tentative', say.maybe],
      ['declined', say.decline],
    ] as const
  ).map(([response, label]) => element('button', { type: 'button', click: () => onAnswer(response) }, label));
  const parts: (Node | string | undefined | false)[] = [
    element('h2', event.isCancelled ? { class: 'cancelled' } : {}, event.title),
    element(
      'dl',
      {},
      ...line(say.answer, ANSWERS[event.myResponse]),
      ...line(say.start, moment(event.start, event.allDay)),
      ...line(say.end, moment(event.end, event.allDay)),
      ...(event.location ? line(say.location, event.location) : []),
    ),
    join &&
      element(
        'p',
        {},
        element('a', { class: 'join', href: join, target: '_blank', rel: 'noopener noreferrer' }, say.join),
      ),
    mayAnswer && element('div', { class: 'answers' }, ...answers),
    event.body && element('p', { class: 'body' }, bodyText(event.body)),
    event.attendees.length > 0 && element('h3', {}, `${say.people} (${event.attendees.length})`),
    event.attendees.length > 0 && element('ul', { class: 'people' }, ...event.attendees.map(person)),
  ];
  return parts.filter((part): part is Node | string => part !== undefined && part !== false && part !== '');
}
