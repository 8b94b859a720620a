/**
 * The calendar page: who enters, and the wires between the page and its buttons. It is also the channel's reference
 * client: it uses nothing but the published protocol.
 */
import {
  type CalendarClient,
  ChannelError,
  createCalendarClient,
  RefusedError,
  SUBPROTOCOL,
} from '@calendar-connector/client-protocol';
import { byId } from '../shared/dom.ts';
import { words } from '../shared/words.ts';
import { CalendarPage, NoCalendar } from './page.ts';

const CONNECT_LIMIT_MS = 10_000;
const say = words({
  title: { en: 'Calendar', ru: 'Календарь' },
  server: { en: 'TrueConf Server', ru: 'Сервер TrueConf' },
  token: { en: 'Access token', ru: 'Токен доступа' },
  enter: { en: 'Open', ru: 'Открыть' },
  entering: { en: 'Connecting…', ru: 'Соединение…' },
  refused: { en: 'The server did not accept the token.', ru: 'Сервер не принял токен.' },
  notYet: {
    en: 'The calendar has not been found yet. Try again in a moment.',
    ru: 'Календарь ещё не найден. Повторите чуть позже.',
  },
  unreachable: {
    en: 'The connector cannot be reached. Try again later.',
    ru: 'Коннектор недоступен. Повторите позже.',
  },
  previous: { en: 'Previous month', ru: 'Предыдущий месяц' },
  next: { en: 'Next month', ru: 'Следующий месяц' },
  today: { en: 'Today', ru: 'Сегодня' },
});

async function enter(server: string, token: string): Promise<CalendarPage> {
  const { port } = (await (await fetch('/calendar/channel.json')).json()) as { port: number };
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const client: CalendarClient = createCalendarClient({
    openSocket: () =>
      new WebSocket(`${scheme}://${location.hostname}:${port}/websocket/calendar/`, SUBPROTOCOL) as never,
    credentials: async () => ({ server, token }),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    onPush: (push) => page.onPush(push),
    onState: (state) => page.showState(state === 'ready'),
  });
  const page = new CalendarPage(client);
  // The client tries for ever; a person who has just pressed a button wants to know.
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    client.close();
  }, CONNECT_LIMIT_MS);
  try {
    await client.connect();
    await page.open();
    return page;
  } catch (error) {
    client.close();
    throw isLate ? new Error(say.unreachable) : error;
  } finally {
    clearTimeout(limit);
  }
}

/** Why somebody could not enter, in words that name the cure. */
function reason(error: unknown): string {
  if (error instanceof NoCalendar) return error.message;
  if (error instanceof RefusedError) return error.code === 'unauthorized' ? say.refused : say.notYet;
  return error instanceof ChannelError && error.code === 'closed' ? say.refused : say.unreachable;
}

function showPage(page: CalendarPage): void {
  byId('login').hidden = true;
  byId('view').hidden = false;
  byId('previous').addEventListener('click', () => page.turn(-1));
  byId('next').addEventListener('click', () => page.turn(1));
  byId('today').addEventListener('click', () => page.choose(new Date()));
  byId('grid').addEventListener('keydown', (event) => {
    if (page.walk(event.key)) event.preventDefault();
  });
}

function submit(form: HTMLFormElement): void {
  const given = new FormData(form);
  const button = byId<HTMLButtonElement>('enter');
  const busy = (is: boolean): void => {
    button.disabled = is;
    button.textContent = is ? say.entering : say.enter;
  };
  byId('login-notice').textContent = '';
  busy(true);
  enter(String(given.get('server')).trim(), String(given.get('token')).trim())
    .then(showPage, (error: unknown) => {
      byId('login-notice').textContent = reason(error);
    })
    .finally(() => busy(false));
}

function start(): void {
  document.title = say.title;
  const texts = { 'login-title': say.title, 'server-label': say.server, 'token-label': say.token, enter: say.enter };
  for (const [id, text] of Object.entries({ ...texts, today: say.today })) byId(id).textContent = text;
  byId('previous').setAttribute('aria-label', say.previous);
  byId('next').setAttribute('aria-label', say.next);
  byId<HTMLFormElement>('login').addEventListener('submit', (submitted) => {
    submitted.preventDefault();
    submit(submitted.currentTarget as HTMLFormElement);
  });
}

start();
