import { describe, expect, test } from 'vitest';
import { sanitizeBody } from '../../src/channel/body-sanitizer.ts';

const clean = (content: string) => sanitizeBody({ type: 'html', content })?.content ?? '';

describe('a body written by anybody on the internet (threat T13)', () => {
  test.each([
    ['a script', '<p>Hi</p><script>alert(1)</script>'],
    ['an event handler', '<p onclick="alert(1)">Hi</p>'],
    ['a picture that runs', '<p>Hi</p><img src=x onerror=alert(1)>'],
    ['a frame', '<p>Hi</p><iframe src="https://evil.example"></iframe>'],
    ['a style that covers the page', '<style>*{display:none}</style><p style="position:fixed">Hi</p>'],
    ['a form', '<form action="https://evil.example"><p>Hi</p></form>'],
    ['svg with a script', '<svg><script>alert(1)</script></svg><p>Hi</p>'],
  ])('%s does not pass, the text does', (_what, html) => {
    expect(clean(html)).toBe('<p>Hi</p>');
  });

  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '//evil.example/x',
    'file:///etc/passwd',
  ])('a link to %s loses its target', (target) => {
    expect(clean(`<a href="${target}">x</a>`)).toBe('<a rel="noopener noreferrer nofollow">x</a>');
  });

  test('links to web pages and mail stay', () => {
    expect(clean('<a href="https://server.example.test/c/1">Join</a>')).toContain(
      'href="https://server.example.test/c/1"',
    );
    expect(clean('<a href="mailto:a@example.test">Mail</a>')).toContain('href="mailto:a@example.test"');
  });

  test('text stays text, whatever it looks like', () => {
    expect(sanitizeBody({ type: 'text', content: '<b>1 & 2</b>' })).toEqual({ type: 'text', content: '<b>1 & 2</b>' });
  });

  test('nothing stays nothing', () => {
    expect(sanitizeBody(undefined)).toBeUndefined();
  });
});
