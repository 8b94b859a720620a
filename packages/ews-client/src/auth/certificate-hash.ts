/**
 * The hash a certificate is signed with, read from the certificate itself: channel binding needs it (RFC 5929 §4.1), and
 * Node names it in its newest versions only, and never that of an RSASSA-PSS signature, which stands in the parameters.
 */

interface Der {
  readonly tag: number;
  readonly content: Buffer;
}

const OBJECT_ID = 0x06;
/** [0] of RSASSA-PSS-params; absent, the hash is SHA-1 */
const PSS_HASH = 0xa0;
const RSASSA_PSS = '2a864886f70d01010a';

/** By the DER of an object identifier: signatures that imply a hash, and hashes themselves. MD5 and SHA-1 are left out. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['2a864886f70d01010b', 'sha256'],
  ['2a864886f70d01010c', 'sha384'],
  ['2a864886f70d01010d', 'sha512'],
  ['2a864886f70d01010e', 'sha224'],
  ['2a8648ce3d040301', 'sha224'],
  ['2a8648ce3d040302', 'sha256'],
  ['2a8648ce3d040303', 'sha384'],
  ['2a8648ce3d040304', 'sha512'],
  ['608648016503040201', 'sha256'],
  ['608648016503040202', 'sha384'],
  ['608648016503040203', 'sha512'],
  ['608648016503040204', 'sha224'],
]);

/** Name of the hash, as `createHash` wants it; undefined when the signature has none of its own, or a broken one. */
export function signatureHash(certificate: Buffer): string | undefined {
  const algorithm = inside(inside(certificate)[0])[1];
  const [id, parameters] = inside(algorithm);
  if (id?.tag !== OBJECT_ID) return undefined;
  if (id.content.toString('hex') !== RSASSA_PSS) return HASHES.get(id.content.toString('hex'));
  const named = inside(parameters).find(({ tag }) => tag === PSS_HASH);
  const hash = inside(inside(named)[0])[0];
  return hash?.tag === OBJECT_ID ? HASHES.get(hash.content.toString('hex')) : undefined;
}

/** The elements that bytes, or the content of an element, consist of. */
function inside(from: Buffer | Der | undefined): readonly Der[] {
  const bytes = from === undefined || Buffer.isBuffer(from) ? from : from.content;
  const elements: Der[] = [];
  for (let at = 0; bytes !== undefined && at + 2 <= bytes.length; ) {
    const short = bytes[at + 1] as number;
    const extra = short < 0x80 ? 0 : short - 0x80;
    if (extra > 4 || at + 2 + extra > bytes.length) break;
    const length = extra === 0 ? short : bytes.readUIntBE(at + 2, extra);
    const start = at + 2 + extra;
    elements.push({ tag: bytes[at] as number, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}
