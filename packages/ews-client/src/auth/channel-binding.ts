/**
 * Channel binding data of a TLS connection: `tls-server-end-point:` plus the hash of the server's certificate
 * (RFC 5929 §4.1: the hash of the certificate's own signature, but SHA-256 where that is MD5 or SHA-1).
 */
import { createHash, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

const PREFIX = Buffer.from('tls-server-end-point:', 'latin1');

export function channelBinding(socket: TLSSocket): Buffer | undefined {
  // Not getPeerX509Certificate(): on Node 24 only its first call on a socket gives the certificate.
  const { raw } = socket.getPeerCertificate();
  return raw === undefined ? undefined : bindingOf(new X509Certificate(raw));
}

export function bindingOf(certificate: X509Certificate): Buffer {
  const digest = createHash(hashOf(certificate)).update(certificate.raw).digest();
  return Buffer.concat([PREFIX, digest]);
}

function hashOf(certificate: X509Certificate): string {
  const name = (certificate as { readonly signatureAlgorithm?: string }).signatureAlgorithm ?? '';
  const found = /sha-?(384|512|224|256)/i.exec(name)?.[1];
  return found === undefined ? 'sha256' : `sha${found}`;
}
