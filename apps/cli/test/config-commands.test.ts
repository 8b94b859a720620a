/** `config check` and `config show`. */
import { describe, expect, it } from 'vitest';
import { newInstallation, openOffice } from './support/installation.ts';

describe('config check', () => {
  it('is content with a complete configuration', async () => {
    const office = await openOffice();
    expect(await office.command(['config', 'check'])).toMatchObject({ code: 0, out: 'The configuration is in order.' });
  });

  it('prints each finding with its place and ends with 78 when one is an error', async () => {
    const office = await openOffice();
    office.configure({ ...office.config, wsPort: 'x', wsPrt: 1 });
    const { code, out } = await office.command(['config', 'check']);
    expect(code).toBe(78);
    expect(out).toMatch(/^\S+config\.json:\d+:\d+: error: wsPort: .+$/m);
    expect(out).toMatch(/^\S+config\.json:\d+:\d+: warning: wsPrt: .*Did you mean "wsPort"/m);
  });

  it('gives the same as JSON, and in Russian', async () => {
    const office = await openOffice();
    office.configure({ ...office.config, wsPort: 'x' });
    const { code, out } = await office.command(['config', 'check', '--json'], { env: { LANG: 'ru_RU.UTF-8' } });
    expect(code).toBe(78);
    expect(JSON.parse(out)).toMatchObject({ ok: false, findings: [{ level: 'error', key: 'wsPort' }] });
    expect(out).toMatch(/допустимо/);
  });

  it('speaks the language of config.json when the locale is neutral', async () => {
    const office = await openOffice();
    office.configure({ ...office.config, language: 'ru' });
    const { out } = await office.command(['config', 'check'], { env: { LANG: 'C.UTF-8' } });
    expect(out).toBe('Конфигурация в порядке.');
  });

  it('checks the file named with --config', async () => {
    const { code, out } = await newInstallation().command(['config', 'check', '--config', '/nonexistent/c.json']);
    expect([code, out]).toEqual([78, expect.stringContaining('/nonexistent/c.json')]);
  });
});

describe('config show', () => {
  it.each([['--redact'], []])('prints the configuration in effect without any secret (%j)', async (...flags) => {
    const office = await openOffice();
    office.configure({ ...office.config, http: { port: 4316, adminToken: 'CANARY-TOKEN' } });
    const { code, out } = await office.command(['config', 'show', ...flags]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      launchConference: true,
      http: { adminToken: '***' },
      calendarProviders: [{ credentials: [{ login: 'svc@example.test', password: '***' }] }],
      trueConfServers: [{ clientSecret: '***' }],
    });
    expect(out).not.toMatch(/CANARY|Passw0rd|dGNf/);
  });
});
