/**
 * A self-signed server certificate (X.509 v3, P-256, SHA-256) for the fakes: what most TrueConf and many Exchange servers have.
 * It is its own authority, so the certificate itself is the file a client is told to trust (`caFile`).
 */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import type { ServerTls } from '../wire/wire-server.ts';
import { bits, explicit, implicit, integer, octets, oid, sequence, set, utcTime, utf8, yes } from './der.ts';

export interface CertificateOptions {
  /** DNS names and IP addresses it is for */
  readonly names?: readonly string[] | undefined;
  /** epoch ms, default: an hour ago */
  readonly notBefore?: number | undefined;
  /** epoch ms, default: in a year */
  readonly notAfter?: number | undefined;
}

const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const DEFAULT_NAMES = [
  'localhost',
  '127.0.0.1',
  '::1',
  'server.example.test',
  'mail.example.test',
  'autodiscover.example.test',
];

/** Makes a key and its certificate. Validity is real time: it is the client's clock that judges it. */
export function makeCertificate(options: CertificateOptions = {}): ServerTls {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const names = options.names ?? DEFAULT_NAMES;
  const name = sequence(set(sequence(oid('2.5.4.3'), utf8(names[0] ?? 'localhost'))));
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_SHA256,
    name,
    sequence(utcTime(options.notBefore ?? Date.now() - HOUR_MS), utcTime(options.notAfter ?? Date.now() + YEAR_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, extensionsFor(names)),
  );
  const certificate = sequence(body, ECDSA_SHA256, bits(sign('sha256', body, privateKey)));
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: pem(certificate) };
}

function extensionsFor(names: readonly string[]): Buffer {
  const digitalSignatureAndCertSign = bits(Buffer.from([0x84]), 2);
  return sequence(
    sequence(oid('2.5.29.19'), yes(), octets(sequence(yes()))),
    sequence(oid('2.5.29.15'), yes(), octets(digitalSignatureAndCertSign)),
    sequence(oid('2.5.29.37'), octets(sequence(oid('1.3.6.1.5.5.7.3.1')))),
    sequence(oid('2.5.29.17'), octets(sequence(...names.map(alternativeName)))),
  );
}

function alternativeName(name: string): Buffer {
  switch (isIP(name)) {
    case 4:
      return implicit(7, Buffer.from(name.split('.').map(Number)));
    case 6:
      return implicit(7, ipv6Bytes(name));
    default:
      return implicit(2, Buffer.from(name));
  }
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const groups = (text: string | undefined): string[] => (text === undefined || text === '' ? [] : text.split(':'));
  const [left, right] = [groups(head), groups(tail)];
  const middle = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  return Buffer.from([...left, ...middle, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
