/**
 * Pieces of a text that may be links: http(s) addresses, TrueConf call strings and `trueconf:` URIs, in reading order.
 * One pass, bounded, for plain text and HTML alike: an HTML attribute is just a piece between quotes.
 */
import { MAX_URL_LENGTH } from './http-url.ts';

/** Characters of one field that are scanned; join blocks stand at one of the two ends. */
export const MAX_SCANNED_CHARACTERS = 262_144;
/** Candidates of one field that are examined. */
export const MAX_CANDIDATES = 256;

const START = /https?:\/\/|\\c\\|trueconf:/gi;
const END = /[\s"'<>`]/g;

/** Candidate links of a text; entities decoded, trailing punctuation of a sentence cut off. */
export function linkCandidates(text: string): readonly string[] {
  const scanned = bounded(text);
  const found: string[] = [];
  START.lastIndex = 0;
  for (let hit = START.exec(scanned); hit && found.length < MAX_CANDIDATES; hit = START.exec(scanned)) {
    END.lastIndex = hit.index;
    const end = END.exec(scanned)?.index ?? scanned.length;
    if (end - hit.index <= MAX_URL_LENGTH) found.push(trimSentence(decodeEntities(scanned.slice(hit.index, end))));
    START.lastIndex = Math.max(end, hit.index + hit[0].length);
  }
  return found;
}

/** Long texts: the head and the tail are scanned. */
function bounded(text: string): string {
  if (text.length <= MAX_SCANNED_CHARACTERS) return text;
  const half = MAX_SCANNED_CHARACTERS / 2;
  return `${text.slice(0, half)} ${text.slice(-half)}`;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]{2,4}));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? whole;
    const code = hex === undefined ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** `(see https://host/c/1).` ends before `).`: punctuation at the end belongs to the sentence. */
function trimSentence(text: string): string {
  let end = text.length;
  while (end > 0 && '.,;:!?)]}»”’*'.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
