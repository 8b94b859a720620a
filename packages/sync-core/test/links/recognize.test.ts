import { trueConfServerId } from '@calendar-connector/calendar-model';
import { describe, expect, it } from 'vitest';
import { type LinkCarrier, recognizeConferenceLink } from '../../src/index.ts';
import { SERVER } from '../build.ts';

const servers = [{ id: SERVER, hosts: ['server.example.test', 'vc.example.test'] }];
const other = { id: trueConfServerId('second.example.test#vcs'), hosts: ['second.example.test'] };
const empty: LinkCarrier = { location: '', links: [], marker: {}, body: { type: 'text', content: '' } };
const inBody = (content: string, type: 'html' | 'text' = 'html') => ({ ...empty, body: { type, content } });
const idIn = (carrier: LinkCarrier) => recognizeConferenceLink(carrier, servers).conference?.conferenceId;

describe('recognizing a conference link (C3)', () => {
  it('reads marker, location, link fields and body in this order', () => {
    const url = (id: string) => `https://server.example.test/c/${id}`;
    const all: LinkCarrier = {
      marker: { conferenceUrl: url('marker') },
      location: `room 5, ${url('location')}`,
      links: [url('field')],
      body: { type: 'text', content: url('body') },
    };
    expect(idIn(all)).toBe('marker');
    expect(idIn({ ...all, marker: {} })).toBe('location');
    expect(idIn({ ...all, marker: {}, location: '' })).toBe('field');
    expect(idIn({ ...all, marker: {}, location: '', links: [] })).toBe('body');
  });

  it.each([
    ['page', 'https://server.example.test/c/100500'],
    ['browser client', 'https://server.example.test/webrtc/100500'],
    ['upper-case host, port and query', 'HTTPS://SERVER.EXAMPLE.TEST:443/c/100500?lang=ru#x'],
    ['link at the end of a sentence', 'join (https://server.example.test/c/100500).'],
    ['HTML attribute', '<a href="https://server.example.test/c/100500">Join</a>'],
    ['HTML attribute with entities', "<a href='https://server.example.test/c/100500?a=1&amp;b=2'>Join</a>"],
    ['call string', 'call \\c\\100500@server.example.test#vcs now'],
    ['call string without a server when one is whitelisted', '\\c\\100500'],
    ['trueconf: URI', 'trueconf:\\c\\100500@server.example.test#vcs&h=x'],
    ['percent-encoded trueconf: URI', 'trueconf:%5Cc%5C100500%40server.example.test%23vcs'],
    [
      'Outlook SafeLinks',
      'https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fserver.example.test%2Fc%2F100500&amp;data=05%7C01',
    ],
    ['Proofpoint v2', 'https://urldefense.proofpoint.com/v2/url?u=https-3A__server.example.test_c_100500&d=DwMF'],
    ['Proofpoint v3', 'https://urldefense.com/v3/__https://server.example.test/c/100500__;!!abc!xyz$'],
    [
      'Proofpoint v3 with a replaced character',
      'https://urldefense.com/v3/__https:/server.example.test/c/100500*x__;Iw!!a$',
    ],
    ['Cisco', 'https://secure-web.cisco.com/1AbC/https%3A%2F%2Fserver.example.test%2Fc%2F100500'],
    ['any wrapper with an address', 'https://www.google.com/url?q=https://server.example.test/c/100500&sa=D'],
    [
      'a wrapper inside a wrapper',
      'https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Furldefense.com%2Fv3%2F__https%3A%2F%2Fserver.example.test%2Fc%2F100500__%3B!!a%24',
    ],
  ])('finds it in a %s', (_what, text) => {
    expect(idIn(inBody(text))).toBe('100500');
  });

  it.each([
    ['foreign host', 'https://evil.test/c/1'],
    ['host that only begins like a whitelisted one', 'https://server.example.test.evil.test/c/1'],
    ['whitelisted name as user info', 'https://server.example.test@evil.test/c/1'],
    ['backslash trick', 'https://evil.test\\@server.example.test/c/1'],
    ['id with foreign characters', 'https://server.example.test/c/1-2'],
    ['id that is too long', `https://server.example.test/c/${'a'.repeat(129)}`],
    ['another page of the server', 'https://server.example.test/download/100500'],
    ['call to a person', 'trueconf:anna@server.example.test'],
    ['call string of another server', '\\c\\1@evil.test#vcs'],
    ['script address', 'javascript:https://server.example.test/c/1'.replace('https', 'xttps')],
  ])('does not take a %s for a conference', (_what, text) => {
    expect(idIn(inBody(text))).toBeUndefined();
  });

  it('names no server by guess when several are whitelisted', () => {
    const found = recognizeConferenceLink(inBody('\\c\\7'), [...servers, other]);
    expect(found.conference).toBeUndefined();
  });

  it('tells servers apart by host', () => {
    const found = recognizeConferenceLink(inBody('https://second.example.test/c/9'), [...servers, other]);
    expect(found.conference?.serverId).toBe(other.id);
  });

  it.each([
    ['zoom', 'https://us02web.zoom.us/j/123?pwd=x'],
    ['teams', 'https://teams.microsoft.com/l/meetup-join/19%3ameeting'],
    ['webex', 'https://acme.webex.com/meet/anna'],
    ['meet', 'https://meet.google.com/abc-defg-hij'],
    ['jitsi', 'https://meet.jit.si/Standup'],
    ['telemost', 'https://telemost.yandex.ru/j/123'],
    ['trueconf', 'https://trueconf.partner.test/c/5'],
  ])('shows a join link of %s and does not act on it', (vendor, url) => {
    const found = recognizeConferenceLink(inBody(`<a href="${url}">`), servers);
    expect(found.other).toMatchObject({ vendor, url });
    expect(found.conference).toBeUndefined();
  });

  it('prefers a whitelisted server to other vendors wherever they stand', () => {
    const found = recognizeConferenceLink(
      {
        ...empty,
        location: 'https://us02web.zoom.us/j/1',
        body: { type: 'text', content: 'https://vc.example.test/c/2' },
      },
      servers,
    );
    expect(found.conference?.conferenceId).toBe('2');
    expect(found.other?.vendor).toBe('zoom');
  });

  it('says when the body was not there to be read', () => {
    const { body: _body, ...unread } = empty;
    expect(recognizeConferenceLink(unread, servers).complete).toBe(false);
  });

  it('stays linear on hostile bodies of a megabyte', () => {
    const hostile = [
      'http://'.repeat(150_000),
      `https://server.example.test/c/${'%'.repeat(1_000_000)}`,
      `https://a/?url=${'https%3A%2F%2Fa%2F%3Furl%3D'.repeat(40_000)}`,
      '\\c\\'.repeat(300_000),
      '&#x26;'.repeat(170_000),
      `https://urldefense.com/v3/__${'*'.repeat(1_000_000)}__;`,
      `https://x/?${'url=a&'.repeat(170_000)}`,
    ];
    // Counted in characters looked at, not in time: the scan is bounded, so the longest text costs as much as its bound.
    for (const content of hostile) expect(() => recognizeConferenceLink(inBody(content), servers)).not.toThrow();
  });
});
