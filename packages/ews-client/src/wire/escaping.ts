/**
 * ews-javascript-api writes text and attributes into XML unescaped: a subject out of a stranger's invitation could change
 * other fields of a request (its issue 358). This patch escapes at the two places all its writers go through, drops what
 * XML cannot carry, and is installed before the first request can be built. The package version is pinned exactly.
 */
interface XmlWriterPrototype {
  WriteValue(this: XmlWriterInstance, value: unknown, name?: string): void;
  WriteAttributeString(this: XmlWriterInstance, ...parts: unknown[]): void;
}

interface XmlWriterInstance {
  soapData: string;
}

const INSTALLED = Symbol.for('calendar-connector.ews.escaping');

/** Makes every EwsServiceXmlWriter escape. Safe to call again. */
export function installEscaping(writer: { readonly prototype: object }): void {
  const prototype = writer.prototype as XmlWriterPrototype & { [INSTALLED]?: boolean };
  if (prototype[INSTALLED] === true) return;
  const { WriteValue, WriteAttributeString } = prototype;
  if (typeof WriteValue !== 'function' || typeof WriteAttributeString !== 'function') {
    throw new Error('ews-javascript-api has changed: its XML writer cannot be made safe, refusing to build requests');
  }
  prototype.WriteValue = function writeEscaped(value, name) {
    WriteValue.call(this, typeof value === 'string' ? escapeText(value) : value, name);
  };
  prototype.WriteAttributeString = function writeEscapedAttribute(...parts) {
    const last = parts.length - 1;
    const value = parts[last];
    if (typeof value === 'string') parts[last] = escapeAttribute(value);
    WriteAttributeString.apply(this, parts);
  };
  Object.defineProperty(prototype, INSTALLED, { value: true });
}

/** Characters XML 1.0 cannot carry: controls, lone surrogates, U+FFFE and U+FFFF. */
const ILLEGAL =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export function escapeText(value: string): string {
  return value
    .replace(ILLEGAL, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/\r/g, '&#13;');
}

export function escapeAttribute(value: string): string {
  return escapeText(value).replace(/"/g, '&quot;').replace(/\n/g, '&#10;').replace(/\t/g, '&#9;');
}
