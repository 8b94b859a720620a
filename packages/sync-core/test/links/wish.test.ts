/** What a client asked for with an event, on its way through the marker (SPEC.md §4.3, feature D4). */
import { describe, expect, it } from 'vitest';
import { conferenceWish, wishingUrl } from '../../src/links/wish.ts';

const URL = 'https://server.example.test/c/cal_1';

describe('the wish in a marker', () => {
  it('is read back as it was written', () => {
    const wish = { mode: 'videoLecture', access: 'public' } as const;
    expect(conferenceWish(wishingUrl(URL, wish))).toEqual(wish);
    expect(conferenceWish(wishingUrl(URL, { access: 'private' }))).toEqual({ access: 'private' });
  });

  it('is nothing without a query, and nothing that is unknown counts', () => {
    expect(wishingUrl(URL, {})).toBe(URL);
    for (const url of [URL, `${URL}?`, `${URL}?mode=dance&access=all`, `${URL}?mode`, '', '?'])
      expect(conferenceWish(url)).toBeUndefined();
  });
});
