/** The card of one event: everything the guide's chapter 5.1 shows, and the buttons to answer or join. */
import type { EventDetails } from '@calendar-connector/client-protocol';
import { type Child, element, webLink } from '../shared/dom.ts';
import { words } from '../shared/words.ts';
import { endText, startText } from './dates.ts';

const say = words({
  answer: { en: 'My response', ru: 'Мой ответ' },
  start: { en: 'Start', ru: 'Время начала' },
  end: { en: 'End', ru: 'Время окончания' },
  location: { en: 'Location', ru: 'Место' },
  people: { en: 'Participants', ru: 'Участники' },
  join: { en: 'Join', ru: 'Подключиться' },
  running: { en: 'in progress', ru: 'идёт' },
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
const BUTTONS = words({
  accepted: { en: 'Accept', ru: 'Принять' },
  tentative: { en: 'Maybe', ru: 'Под вопросом' },
  declined: { en: 'Decline', ru: 'Отклонить' },
});

export type Response = keyof typeof BUTTONS;
const RESPONSES = Object.keys(BUTTONS) as Response[];

/** HTML becomes its text: the page shows what the invitation says, never what it would do. */
function bodyText(body: NonNullable<EventDetails['body']>): string {
  if (body.type === 'text') return body.content.trim();
  const lines = body.content.replace(/<li\b[^>]*>/gi, '$&• ').replace(/<(br|\/p|\/div|\/li|\/tr)\b/gi, '\n<$1');
  const { body: parsed } = new DOMParser().parseFromString(lines, 'text/html');
  return (parsed.textContent ?? '').trim();
}

function person({ name, email, role, response }: EventDetails['attendees'][number]): HTMLElement {
  const answer = role === 'organizer' ? '' : `, ${ANSWERS[response].toLowerCase()}`;
  return element(
    'li',
    {},
    element('div', {}, name || (email ?? '')),
    element('span', { class: 'muted' }, `${ROLES[role]}${answer}`),
  );
}

function facts(event: EventDetails): HTMLElement {
  const lines: readonly (readonly [string, string])[] = [
    [say.answer, ANSWERS[event.myResponse]],
    [say.start, startText(event)],
    [say.end, endText(event)],
    [say.location, event.location],
  ];
  const shown = lines.filter(([, value]) => value !== '');
  return element('dl', {}, ...shown.flatMap(([label, value]) => [element('dt', {}, label), element('dd', {}, value)]));
}

function answerButtons(event: EventDetails, onAnswer: (response: Response) => void): HTMLElement {
  const buttons = RESPONSES.map((response) =>
    element(
      'button',
      {
        type: 'button',
        'data-key': response,
        'aria-pressed': String(event.myResponse === response),
        click: () => onAnswer(response),
      },
      BUTTONS[response],
    ),
  );
  return element('div', { class: 'answers' }, ...buttons);
}

export function detailsCard(event: EventDetails, onAnswer: (response: Response) => void): readonly Child[] {
  const join = event.joinUrl === undefined ? undefined : webLink(event.joinUrl);
  const mayAnswer = event.myResponse !== 'organizer' && !event.isCancelled && event.attendees.length > 0;
  const body = event.body ? bodyText(event.body) : '';
  const isRunning = event.conference?.state === 'running';
  return [
    element('h2', event.isCancelled ? { class: 'cancelled' } : {}, event.title),
    facts(event),
    join !== undefined &&
      element(
        'p',
        {},
        element('a', { class: 'join', href: join, target: '_blank', rel: 'noopener noreferrer' }, say.join),
        isRunning && ' ',
        isRunning && element('span', { class: 'chip' }, say.running),
      ),
    mayAnswer && answerButtons(event, onAnswer),
    element('p', { id: 'card-notice', class: 'notice', role: 'alert' }),
    body !== '' && element('p', { class: 'body' }, body),
    event.attendees.length > 0 && element('h3', {}, `${say.people} (${event.attendees.length})`),
    event.attendees.length > 0 && element('ul', { class: 'people' }, ...event.attendees.map(person)),
  ];
}
