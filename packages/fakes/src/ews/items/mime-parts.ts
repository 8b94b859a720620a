/** MIME taken apart: headers unfolded and decoded, bodies decoded, multiparts as trees (RFC 2045–2047, 2231's simple case). */

export interface MimePart {
  /** lower-case names, decoded values */
  readonly headers: ReadonlyMap<string, string>;
  readonly type: string;
  readonly disposition: string;
  readonly fileName: string | undefined;
  readonly bytes: Buffer;
  readonly parts: readonly MimePart[];
  text(): string;
}

const MAX_DEPTH = 10;

export function parseMime(bytes: Buffer, depth = 0): MimePart {
  const raw = bytes.toString('latin1');
  const end = /\r?\n\r?\n/.exec(raw);
  const head = end === null ? raw : raw.slice(0, end.index);
  const rest = end === null ? '' : raw.slice(end.index + end[0].length);
  const headers = readHeaders(head);
  const contentType = headers.get('content-type') ?? 'text/plain';
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  const disposition = headers.get('content-disposition') ?? '';
  const boundary = parameter(contentType, 'boundary');
  const body = decodeBody(rest, headers.get('content-transfer-encoding') ?? '');
  const isTree = isWithin('multipart', type) && boundary !== undefined && depth < MAX_DEPTH;
  return {
    headers,
    type,
    disposition: (disposition.split(';')[0] ?? '').trim().toLowerCase(),
    fileName: parameter(disposition, 'filename') ?? parameter(contentType, 'name'),
    bytes: body,
    parts: isTree ? split(rest, boundary).map((part) => parseMime(Buffer.from(part, 'latin1'), depth + 1)) : [],
    text: () => decodeText(body, parameter(contentType, 'charset') ?? 'utf-8'),
  };
}

/** Whether a content type belongs to a family: text, image, multipart. */
export function isWithin(family: string, type: string): boolean {
  return type.startsWith(`${family}/`);
}

function readHeaders(head: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    if (!headers.has(name)) headers.set(name, decodeWords(line.slice(colon + 1).trim()));
  }
  return headers;
}

/** `=?utf-8?B?…?=` and raw UTF-8 in headers. */
function decodeWords(value: string): string {
  const utf8 = Buffer.from(value, 'latin1').toString('utf8');
  const joined = utf8.replace(/(=\?[^?]+\?[bq]\?[^?]*\?=)\s+(?==\?)/gi, '$1');
  return joined.replace(
    /=\?([^?*]+)[^?]*\?([bq])\?([^?]*)\?=/gi,
    (_all, charset: string, kind: string, text: string) => {
      const bytes =
        kind.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : quotedPrintable(text.replaceAll('_', ' '));
      return decodeText(bytes, charset);
    },
  );
}

function parameter(header: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^;\\s]+))`, 'i').exec(header);
  return match?.[1] ?? match?.[2];
}

function decodeBody(text: string, encoding: string): Buffer {
  switch (encoding.trim().toLowerCase()) {
    case 'base64':
      return Buffer.from(text, 'base64');
    case 'quoted-printable':
      return quotedPrintable(text.replace(/[ \t]*=\r?\n/g, ''));
    default:
      return Buffer.from(text, 'latin1');
  }
}

function quotedPrintable(text: string): Buffer {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}

function decodeText(bytes: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}

function split(body: string, boundary: string): string[] {
  const pieces = `\n${body}`.split(`\n--${boundary}`);
  return pieces
    .slice(1)
    .flatMap((piece) => (piece.startsWith('--') ? [] : [piece.replace(/^[^\n]*\n/, '').replace(/\r$/, '')]));
}
