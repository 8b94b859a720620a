/**
 * HTML of an invitation comes from anybody on the internet and is shown inside TrueConf clients: an allow-list keeps
 * text, structure and http(s)/mailto links; scripts, styles, forms and remote images go (threat T13).
 */
import type { ItemBody } from '@calendar-connector/calendar-model';
import sanitizeHtml from 'sanitize-html';

/** Longer bodies are cut before cleaning; nobody reads a megabyte in a calendar card. */
const MAX_BODY_CHARACTERS = 256 * 1024;

const OPTIONS: sanitizeHtml.IOptions = {
  allowedTags: [
    ...[
      'p',
      'br',
      'div',
      'span',
      'b',
      'strong',
      'i',
      'em',
      'u',
      's',
      'sub',
      'sup',
      'a',
      'ul',
      'ol',
      'li',
      'blockquote',
      'pre',
      'code',
      'hr',
    ],
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table', 'thead', 'tbody', 'tr', 'td', 'th'],
  ],
  allowedAttributes: { a: ['href', 'title'], td: ['colspan', 'rowspan'], th: ['colspan', 'rowspan'] },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
  nonTextTags: ['script', 'style', 'textarea', 'option', 'noscript', 'title', 'xml'],
  transformTags: { a: sanitizeHtml.simpleTransform('a', { rel: 'noopener noreferrer nofollow' }) },
  parser: { lowerCaseTags: true },
};
OPTIONS.allowedAttributes = { ...(OPTIONS.allowedAttributes as Record<string, string[]>), a: ['href', 'title', 'rel'] };

/** The body as a client may show it. Text bodies pass unchanged. */
export function sanitizeBody(body: ItemBody | undefined): ItemBody | undefined {
  if (body === undefined) return undefined;
  const content = body.content.slice(0, MAX_BODY_CHARACTERS);
  return body.type === 'text'
    ? { type: 'text', content }
    : { type: 'html', content: sanitizeHtml(content, OPTIONS).trim() };
}
