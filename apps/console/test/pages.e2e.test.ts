/** Both pages in a real browser (Debian's chromium), against the real service and the fakes. Features E2, D3, C3, C9. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
// @boundaries-ignore the scene is the repository's own tool
import { openScene, type Scene } from '../../../tooling/scene/scene.ts';

const CHROMIUM = '/usr/bin/chromium';
const hasBrowser = existsSync(CHROMIUM);
if (!hasBrowser) console.warn('SKIPPED LOUDLY: there is no /usr/bin/chromium, the pages are not tested in a browser');

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describe.skipIf(!hasBrowser)('the pages in a browser', () => {
  let scene: Scene;
  let browser: Browser;
  const faults: string[] = [];

  const open = async (path: string, locale = 'en-US', width = 1200): Promise<Page> => {
    const page = await browser.newPage({ locale, viewport: { width, height: 800 }, timezoneId: 'Europe/Moscow' });
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`${scene.httpUrl}${path}`);
    return page;
  };

  const enter = async (user: string, locale?: string, width?: number): Promise<Page> => {
    const { token, server } = await scene.control.token(user);
    const page = await open('/calendar/', locale, width);
    await page.locator('#server').fill(server);
    await page.locator('#token').fill(token);
    await page.locator('#enter').click();
    await page.locator('#view').waitFor();
    return page;
  };
  const focusedKey = (page: Page): Promise<string | undefined> =>
    page.evaluate(() => document.activeElement?.getAttribute('data-key') ?? undefined);
  const isWiderThanItsWindow = (page: Page): Promise<boolean> =>
    page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

  beforeAll(async () => {
    scene = await openScene({ mailboxes: 3 });
    await scene.startDaemon();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
  });

  afterAll(async () => {
    await browser?.close();
    await scene?.close();
  });

  test('the status page shows every mailbox, in the reader’s language, and refuses an action without a token', async () => {
    const page = await open('/', 'ru-RU');
    await page.getByRole('cell', { name: 'user3@example.test' }).waitFor();
    expect(await page.locator('#rows tr').count()).toBe(3);
    expect(await page.locator('#mailboxes-title').textContent()).toBe('Почтовые ящики (3)');
    await page.locator('#rows button').first().click();
    await page.getByText('Сначала введите токен администратора.').waitFor();
    await page.locator('#token').fill('not the token');
    await page.locator('#rows button').first().click();
    await page.getByText('Это не токен администратора.').waitFor();
    await page.close();
  });

  test('the calendar page shows a meeting the moment it is made, joins it, answers it, and marks it when it is cancelled', async () => {
    const page = await enter('user2');
    expect(await page.locator('#login').isVisible()).toBe(false);
    const start = Date.now() + 60_000;
    const subject = '<img src=x onerror=alert(1)> Plan';
    const made = await scene.control.create('user1@example.test', {
      subject,
      start,
      end: start + 600_000,
      location: 'https://server.example.test/c/pages_1',
      attendees: ['user2@example.test'],
      body: '<p>Agenda</p><script>window.hacked = true</script>',
    });
    const row = page.locator('.events button', { hasText: subject });
    await row.waitFor();
    await row.click();
    expect(await page.locator('#details .join').getAttribute('href')).toBe('https://server.example.test/c/pages_1');
    expect(await page.locator('#details .body').textContent()).toBe('Agenda');
    await page.getByRole('button', { name: 'Accept' }).click();
    await page.locator('#details dd', { hasText: 'Accepted' }).first().waitFor();
    const inExchange = (await scene.control.items('user2@example.test')).find(({ uid }) => uid === made.uid);
    expect(inExchange?.myResponse.toLowerCase()).toContain('accept');
    await scene.control.cancel('user1@example.test', made.id);
    await page.locator('.events .cancelled').waitFor();
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
    await page.close();
  });

  test('days and times read as people write them: an event of whole days ends on its last day', async () => {
    const today = new Date();
    const [year, month] = [today.getFullYear(), today.getMonth()];
    const at = (day: number, hour = 0): number => Date.UTC(year, month, day, hour);
    await scene.control.create('user3@example.test', {
      subject: 'Fair',
      allDay: true,
      start: at(10),
      end: at(12),
      timeZone: 'UTC',
    });
    await scene.control.create('user3@example.test', { subject: 'Visit', start: at(10, 7), end: at(10, 8) });
    const page = await enter('user3', 'ru-RU');
    const dayTen = new Intl.DateTimeFormat('ru-RU', { day: 'numeric', month: 'long' }).format(
      new Date(year, month, 10),
    );
    await page.getByRole('button', { name: dayTen }).click();
    const rows = page.locator('.events button');
    await rows.nth(1).waitFor();
    expect(await rows.locator('.what span').allTextContents()).toEqual(['Fair', 'Visit']);
    expect(await rows.nth(0).locator('time').textContent()).toMatch(/^10–11 .*, весь день$/);
    expect(await rows.nth(1).locator('time').textContent()).toBe('10:00–11:00');
    await rows.nth(0).click();
    await page.locator('#details h2', { hasText: 'Fair' }).waitFor();
    const ends = page.locator('#details dt', { hasText: 'Время окончания' }).locator('xpath=following-sibling::dd[1]');
    expect(await ends.textContent()).toMatch(/^11 /);
    await page.close();
  });

  test('the keyboard is enough: arrows walk over the days, and what has the focus keeps it when the page shows itself anew', async () => {
    const page = await enter('user2');
    const today = page.locator('#grid button[aria-current="date"]');
    await today.focus();
    const key = await focusedKey(page);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    const later = new Date(Date.parse(`${key}T12:00:00Z`) + 8 * 86_400_000).toISOString().slice(0, 10);
    expect(await focusedKey(page)).toBe(later);
    expect(await page.locator('#grid button[aria-pressed="true"]').getAttribute('data-key')).toBe(later);
    await page.close();

    const status = await open('/');
    await status.getByRole('cell', { name: 'user3@example.test' }).waitFor();
    await status.locator('#rows button').nth(2).focus();
    const held = await focusedKey(status);
    expect(held).toContain('/resync');
    await Promise.all([status.waitForResponse('**/api/v1/anomalies'), status.waitForResponse('**/api/v1/status')]);
    await Promise.all([status.waitForResponse('**/api/v1/anomalies'), status.waitForResponse('**/api/v1/status')]);
    expect(await focusedKey(status)).toBe(held);
    await status.close();
  });

  test.each(['en-US', 'ru-RU'])('on a narrow window nothing runs out to the side (%s)', async (locale) => {
    const status = await open('/', locale, 360);
    await status.getByRole('cell', { name: 'user3@example.test' }).waitFor();
    expect(await isWiderThanItsWindow(status)).toBe(false);
    await status.close();
    const page = await enter('user2', locale, 360);
    expect(await isWiderThanItsWindow(page)).toBe(false);
    await page.close();
  });

  test.each([1200, 1030, 900, 360])('a long address pushes nothing out of a window of %i', async (width) => {
    const page = await browser.newPage({ locale: 'ru-RU', viewport: { width, height: 800 } });
    const address = `${'very.long.name.'.repeat(6)}@${'department-'.repeat(5)}x.example.test`;
    const error = { code: 'ErrorNonExistentMailbox'.repeat(3), message: '', advice: 'x'.repeat(90) };
    const mailboxes = [{ address, state: 'notFound', items: 0, error }];
    await page.route('**/api/v1/mailboxes', (route) => route.fulfill({ json: { mailboxes } }));
    await page.goto(`${scene.httpUrl}/`);
    await page.getByText(address).waitFor();
    expect(await isWiderThanItsWindow(page)).toBe(false);
    await page.close();
  });

  test('a connector that cannot be reached is told so, and not taken for a wrong token', async () => {
    const page = await open('/calendar/');
    await page.route('**/calendar/channel.json', (route) => route.abort());
    await page.locator('#server').fill('server.example.test#vcs');
    await page.locator('#token').fill('any');
    await page.locator('#enter').click();
    await page.getByText('The connector cannot be reached.').waitFor();
    expect(await page.locator('#enter').isEnabled()).toBe(true);
    await page.close();
  });

  test('a wrong token is told so', async () => {
    const page = await open('/calendar/');
    await page.locator('#server').fill('server.example.test#vcs');
    await page.locator('#token').fill('nonsense');
    await page.locator('#enter').click();
    await page.getByText('The server did not accept the token.').waitFor();
    await page.close();
  });

  test('no script of a page failed', () => {
    expect(faults).toEqual([]);
  });
});
