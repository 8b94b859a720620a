/**
 * The SOAP envelope in and out: request headers EWS knows, the envelope of answers and faults as IIS sends them.
 * Shapes: facts "Fake Exchange fidelity checklist" 3; Microsoft reference pages of the SOAP headers.
 */
import type { TimeZoneRef } from '@calendar-connector/calendar-model';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { Attributes, XmlWriter } from '../../xml/xml-writer.ts';
import { readTimeZone } from '../items/time-zone-xml.ts';
import { EwsFault } from './ews-error.ts';
import { BUILD, ERRORS_NS, MESSAGES_NS, SERVER_VERSIONS, SOAP_NS, TYPES_NS } from './names.ts';

export interface Impersonation {
  readonly kind: 'PrimarySmtpAddress' | 'SmtpAddress' | 'PrincipalName' | 'SID';
  readonly value: string;
}

export interface SoapRequest {
  readonly version: string;
  readonly impersonation?: Impersonation;
  readonly timeZone?: TimeZoneRef;
  readonly operation: string;
  readonly body: XmlElement;
}

/** Reads the parts every operation needs. The document has passed the schema check. */
export function readEnvelope(root: XmlElement): SoapRequest {
  const body = root.child('Body')?.children[0];
  if (root.name !== 'Envelope' || root.namespace !== SOAP_NS || body === undefined) {
    throw new EwsFault('ErrorInvalidRequest', 'The request is invalid.');
  }
  const header = root.child('Header');
  const version = header?.child('RequestServerVersion')?.attribute('Version') ?? 'Exchange2013';
  if (!(SERVER_VERSIONS as readonly string[]).includes(version)) {
    throw new EwsFault('ErrorInvalidServerVersion', 'The specified server version is invalid.');
  }
  const zone = header?.at('TimeZoneContext', 'TimeZoneDefinition');
  const impersonation = readImpersonation(header?.child('ExchangeImpersonation'));
  return {
    version,
    operation: operationOf(body.name),
    body,
    ...(zone === undefined ? {} : { timeZone: readTimeZone(zone) }),
    ...(impersonation === undefined ? {} : { impersonation }),
  };
}

/** The operation a request element asks for: three of them are called Request on the wire. */
export function operationOf(element: string): string {
  return element.replace(/Request$/, '');
}

function readImpersonation(element: XmlElement | undefined): Impersonation | undefined {
  if (element === undefined) return undefined;
  const sid = element.at('ConnectingSID')?.children[0];
  const value = sid?.text.trim() ?? '';
  if (sid === undefined || value === '') {
    throw new EwsFault(
      'ErrorInvalidExchangeImpersonationHeaderData',
      'ExchangeImpersonation SOAP header must be present for this type of OAuth token or is invalid.',
    );
  }
  return { kind: sid.name as Impersonation['kind'], value };
}

/** Opens envelope, header and body of an answer. */
export function openEnvelope(out: XmlWriter): void {
  out.declaration().open('s:Envelope', { 'xmlns:s': SOAP_NS });
  out.open('s:Header');
  writeServerVersion(out);
  out.close();
  out.open('s:Body', {
    'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
    'xmlns:xsd': 'http://www.w3.org/2001/XMLSchema',
  });
}

function writeServerVersion(out: XmlWriter): void {
  out.element('h:ServerVersionInfo', undefined, {
    MajorVersion: BUILD.major,
    MinorVersion: BUILD.minor,
    MajorBuildNumber: BUILD.majorBuild,
    MinorBuildNumber: BUILD.minorBuild,
    Version: BUILD.version,
    'xmlns:h': TYPES_NS,
    xmlns: TYPES_NS,
    'xmlns:xsd': 'http://www.w3.org/2001/XMLSchema',
    'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
  });
}

export function closeEnvelope(out: XmlWriter): void {
  out.close().close();
}

/** `m:…Response` with the two prefixes declared. */
export function openResponse(out: XmlWriter, name: string, attributes: Attributes = {}): void {
  out.open(`m:${name}`, { ...attributes, 'xmlns:m': MESSAGES_NS, 'xmlns:t': TYPES_NS });
}

/** A whole fault document; faults have no SOAP header. */
export function writeFault(out: XmlWriter, fault: EwsFault): void {
  out.declaration().open('s:Envelope', { 'xmlns:s': SOAP_NS }).open('s:Body').open('s:Fault');
  out.element('faultcode', `a:${fault.code}`, { 'xmlns:a': TYPES_NS });
  const text =
    fault.position === undefined ? fault.message : `${fault.message.replace(/\.$/, ':')} ${fault.position.violation}`;
  out.element('faultstring', text, { 'xml:lang': 'en-US' });
  out.open('detail');
  out.element('e:ResponseCode', fault.code, { 'xmlns:e': ERRORS_NS });
  out.element('e:Message', fault.message, { 'xmlns:e': ERRORS_NS });
  writeFaultDetail(out, fault);
  out.close().close().close().close();
}

function writeFaultDetail(out: XmlWriter, fault: EwsFault): void {
  const values = Object.entries(fault.values);
  if (fault.position === undefined && values.length === 0) return;
  out.open('t:MessageXml', { 'xmlns:t': TYPES_NS });
  if (fault.position !== undefined) {
    out.element('t:LineNumber', fault.position.line);
    out.element('t:LinePosition', fault.position.column);
    out.element('t:Violation', fault.position.violation);
  }
  for (const [name, value] of values) out.element('t:Value', value, { Name: name });
  out.close();
}
