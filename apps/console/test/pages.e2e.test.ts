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

  const open = async (path: string, locale = 'en-US'): Promise<Page> => {
    const page = await browser.newPage({ locale, viewport: { width: 1200, height: 800 } });
    page.on('pageerror', (error) => faults.push(error.message));
    await page.goto(`${scene.httpUrl}${path}`);
    return page;
  };

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
    await page.getByText('send the administrator’s token').waitFor();
    await page.close();
  });

  test('the calendar page shows a meeting the moment it is made, joins it, answers it, and marks it when it is cancelled', async () => {
    const { token, server } = await scene.control.token('user2');
    const page = await open('/calendar/');
    await page.locator('#server').fill(server);
    await page.locator('#token').fill(token);
    await page.locator('#enter').click();
    await page.locator('#view').waitFor();
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
