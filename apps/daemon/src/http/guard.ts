/**
 * Who may use the HTTP side (contract §6, threat T20): from this machine reading is open, everything else needs the
 * administrator's token. The Host header is checked so that a web page elsewhere cannot reach in by DNS rebinding.
 */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface GuardOptions {
  /** names under which the server may be called, besides loopback ones */
  readonly host: string;
  readonly token: () => string;
}

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/, '');
  return plain === '::1' || plain.startsWith('127.');
}

function hostName(header: string | undefined): string {
  return (header ?? '').toLowerCase().replace(/:\d+$/, '');
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

export function hasToken(request: FastifyRequest, token: string): boolean {
  const [scheme = '', given = ''] = (request.headers.authorization ?? '').split(' ', 2);
  return token !== '' && scheme.toLowerCase() === 'bearer' && sameText(given, token);
}

/** Refuses or lets pass. `action`: something that changes the service. */
export function guard(request: FastifyRequest, reply: FastifyReply, options: GuardOptions, action: boolean): boolean {
  const local = isLoopback(request.socket.remoteAddress ?? '');
  const name = hostName(request.headers.host);
  if (local && !LOOPBACK_NAMES.has(name) && name !== options.host.toLowerCase()) {
    void reply.code(421).send({ error: { code: 'forbidden', message: 'this host name is not served here' } });
    return false;
  }
  if ((local && !action) || hasToken(request, options.token())) return true;
  void reply
    .code(401)
    .header('www-authenticate', 'Bearer realm="tc_calendar"')
    .send({ error: { code: 'unauthorized', message: 'send the administrator’s token: Authorization: Bearer …' } });
  return false;
}
