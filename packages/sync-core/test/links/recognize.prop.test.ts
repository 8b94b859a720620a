import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recognizeConferenceLink } from '../../src/index.ts';
import { SERVER } from '../build.ts';

const servers = [{ id: SERVER, hosts: ['server.example.test'] }];
const empty = { location: '', links: [], marker: {} } as const;

describe('link recognition on arbitrary texts', () => {
  it('never throws, and what it returns is a whitelisted server with a valid id', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'https://',
        'server.example.test',
        '/c/',
        '\\c\\',
        '@',
        '#vcs',
        '?url=',
        '%2F',
        '&amp;',
        '"',
        ' ',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const found = recognizeConferenceLink({ ...empty, body: { type: 'html', content: pieces.join('') } }, servers);
        if (!found.conference) return;
        expect(found.conference.serverId).toBe(SERVER);
        expect(found.conference.conferenceId).toMatch(/^[A-Za-z0-9_]{1,128}$/);
        expect(found.conference.url).toMatch(/^https:\/\/server\.example\.test(:\d+)?\/c\//);
      }),
      { numRuns: 2000 },
    );
  });

  it('finds a link through any stack of percent-encoding wrappers up to the limit', () => {
    const wrap = (inner: string): string =>
      `https://eur01.safelinks.protection.outlook.com/?url=${encodeURIComponent(inner)}&data=1`;
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_]{1,40}$/), fc.integer({ min: 0, max: 3 }), (id, depth) => {
        let text = `https://server.example.test/c/${id}`;
        for (let count = 0; count < depth; count += 1) text = wrap(text);
        const found = recognizeConferenceLink({ ...empty, body: { type: 'text', content: `join: ${text}` } }, servers);
        expect(found.conference?.conferenceId).toBe(id);
      }),
    );
  });
});
