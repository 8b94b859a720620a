/**
 * Channel binding data of a TLS connection: `tls-server-end-point:` plus the hash of the server's certificate
 * (RFC 5929 §4.1: the hash of the certificate's own signature, but SHA-256 where that is MD5 or SHA-1).
 */
import { createHash, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { signatureHash } from './certificate-hash.ts';

const PREFIX = Buffer.from('tls-server-end-point:', 'latin1');

export function channelBinding(socket: TLSSocket): Buffer | undefined {
  // Not getPeerX509Certificate(): on Node 24 only its first call on a socket gives the certificate.
  const { raw } = socket.getPeerCertificate();
  return raw === undefined ? undefined : bindingOf(new X509Certificate(raw));
}

export function bindingOf(certificate: X509Certificate): Buffer {
  const hash = signatureHash(certificate.raw) ?? 'sha256';
  return Buffer.concat([PREFIX, createHash(hash).update(certificate.raw).digest()]);
}
