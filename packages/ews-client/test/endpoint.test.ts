/**
 * Which hosts may be given a password.
 */
import { describe, expect, it } from 'vitest';
import { siblingHosts } from '../src/index.ts';
import { autodiscoverUrl, endpointUrl, isAllowedHost } from '../src/transport/endpoint.ts';

describe('the other servers of an organisation', () => {
  it.each([
    ['mail.example.com', ['*.example.com']],
    ['Mail.Office.Example.com', ['*.office.example.com']],
    ['example.com', ['*.example.com']],
    ['mail.example.co.uk', ['*.example.co.uk']],
    ['example.co.uk', ['*.example.co.uk']],
    ['firma.msk.ru', ['*.firma.msk.ru']],
    ['exchange', []],
    ['10.0.0.5', []],
    ['2001:db8::5', []],
  ])('of %s are %j', (host, patterns) => {
    expect(siblingHosts(host)).toEqual(patterns);
  });

  it('are allowed by name, whatever the case, and nothing that only looks like them', () => {
    const endpoint = { host: 'mail.example.com', allowedHosts: siblingHosts('mail.example.com') };
    const allowed = (host: string) => isAllowedHost(endpoint, new URL(`https://${host}/`));
    expect(['mail.example.com', 'MBX2.example.com', 'a.b.example.com'].filter((host) => !allowed(host))).toEqual([]);
    expect(['example.com', 'evilexample.com', 'mail.example.com.evil.test'].filter(allowed)).toEqual([]);
  });
});

describe('an endpoint', () => {
  it.each(['Mail.Example.com', '10.0.0.5', '2001:db8::5', '[2001:db8::5]'])(
    'at %s may be given the password',
    (host) => {
      expect(isAllowedHost({ host }, endpointUrl({ host }))).toBe(true);
    },
  );

  it('takes host and port as configured, IPv6 too, and the old path of autodiscover for the new one', () => {
    expect(endpointUrl({ host: '2001:db8::5', port: 8443 }).href).toBe('https://[2001:db8::5]:8443/EWS/Exchange.asmx');
    const old = { host: 'mail.example.com', autodiscoverPath: '/autodiscover/autodiscover.xml' };
    expect(autodiscoverUrl(old)?.href).toBe('https://mail.example.com/autodiscover/autodiscover.svc');
    expect(autodiscoverUrl({ host: 'mail.example.com' })).toBeUndefined();
  });

  it('is never plain http on another machine', () => {
    expect(() => endpointUrl({ scheme: 'http', host: 'mail.example.com' })).toThrow(/unencrypted/);
  });
});
