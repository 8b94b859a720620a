/**
 * Logging in over real sockets: NTLMv2 that the fake verifies (proof, MIC, channel binding), Basic, refusals without
 * lock-out, certificates.
 */
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls';
import { itemId, mailboxAddress } from '@calendar-connector/calendar-model';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../src/index.ts';
import { failureOf } from './support/failure.ts';
import { certificate, resolveUser, startFake } from './support/fake.ts';
import { answer, BASIC, gotItem, startSoapServer } from './support/soap-server.ts';
import { mailboxAt, never, sourceTo } from './support/source.ts';

describe('NTLM', () => {
  it('logs in once per connection and sends the channel binding a server may require', async () => {
    const tls = certificate();
    await using started = await startFake({ tls, auth: { basic: false, ntlm: true, extendedProtection: 'require' } });
    const source = started.source({ auth: 'ntlm', ca: [tls.cert] });
    const mailbox = await resolveUser(source, 1);
    for (let i = 0; i < 20; i++) await source.fetchChanges(mailbox, undefined, never);
    expect(started.fake.counters.snapshot().connections).toBe(1);
    expect(started.fake.counters.snapshot().authFailures).toBe(0);
  });

  it('logs in with DOMAIN\\user and with a Cyrillic login and password', async () => {
    await using started = await startFake({ auth: { basic: false, ntlm: true } });
    started.world.addMailbox('ольга@example.test', { password: 'Пароль1!' });
    started.world.setPassword('svc@example.test', 'Пароль2!');
    const source = started.source({ credentials: [{ login: 'svc@example.test', password: () => 'Пароль2!' }] });
    expect((await resolveUser(source, 1)).address).toBe('user1@example.test');
  });

  it('is preferred to Basic where both are offered', async () => {
    await using started = await startFake({ auth: { basic: true, ntlm: true } });
    const source = started.source();
    await resolveUser(source, 1);
    expect(started.fake.counters.snapshot().authFailures).toBe(0);
  });

  it('falls back to Basic when a load balancer ends TLS and breaks channel binding', async () => {
    const outside = certificate();
    const tls = certificate();
    await using started = await startFake({ tls, auth: { basic: true, ntlm: true, extendedProtection: 'require' } });
    await using bridge = await startBridge(started.fake.port, outside, tls.cert);
    const source = started.source({ endpoint: { host: '127.0.0.1', port: bridge.port }, ca: [outside.cert] });
    expect((await resolveUser(source, 1)).address).toBe('user1@example.test');
  });

  it.each([
    ['alone', (challenge: string) => [challenge]],
    ['beside others in one line', (challenge: string) => [`Negotiate, ${challenge}, Basic realm="a, b"`]],
    ['beside others in one of several lines', (challenge: string) => [`${challenge}, Basic realm="x"`, 'Negotiate']],
  ])('finds its challenge %s', async (_name, linesOf) => {
    await using server = await startNtlmServer(undefined, () => true, linesOf);
    await using source = sourceTo(server.port, { auth: 'ntlm' });
    // Logged in; what comes then is an answer, though an empty one.
    expect(await failureOf(source.fetchChanges(mailboxAt(server.port), undefined, never))).toMatchObject({
      code: 'Xml_truncated',
    });
  });

  it('begins anew when the connection is cut under the handshake', async () => {
    let cuts = 1;
    await using server = await startNtlmServer(undefined, (_path, socket) => {
      if (cuts-- > 0) socket.destroy();
      return true;
    });
    await using source = sourceTo(server.port, { auth: 'ntlm' });
    expect(await failureOf(source.fetchChanges(mailboxAt(server.port), undefined, never))).toMatchObject({
      code: 'Xml_truncated',
    });
    expect(server.connections()).toBe(2);
  });

  it('that a gateway cuts in the middle each time is no wrong password, and says what to do', async () => {
    await using server = await startNtlmServer(
      undefined,
      () => false,
      (challenge) => [challenge],
      { connection: 'close' },
    );
    await using source = sourceTo(server.port, { auth: 'ntlm' });
    for (let i = 0; i < 3; i++) {
      const error = await failureOf(source.fetchChanges(mailboxAt(server.port), undefined, never));
      expect(error).toMatchObject({ kind: 'protocol', code: 'NtlmHandshake' });
      expect(error.message).toMatch(/closed between the two messages .* has to keep connections/);
    }
  });

  it.each(['https', 'http'] as const)(
    'says over %s that Extended Protection is the reason when the password is right',
    async (scheme) => {
      const tls = certificate();
      // Accepts every log-in at autodiscover (stock servers ask for no binding there) and none at EWS.
      await using server = await startNtlmServer(scheme === 'https' ? tls : undefined, (path) =>
        path.startsWith('/autodiscover'),
      );
      await using source = sourceTo(server.port, {
        auth: 'ntlm',
        ca: [tls.cert],
        endpoint: { scheme, host: '127.0.0.1', port: server.port, autodiscoverPath: '/autodiscover/autodiscover.svc' },
      });
      const work = source.fetchChanges(mailboxAt(server.port, 'anna@example.test', scheme), undefined, never);
      const error = await failureOf(work);
      expect(error).toMatchObject({ kind: 'extendedProtection', retriable: false });
      expect(error.message).toMatch(/password of svc is right.*Extended Protection/);
    },
  );
});

describe('a wrong password', () => {
  it.each(['basic', 'ntlm'] as const)('is tried twice with %s and never again, whatever asks', async (auth) => {
    await using started = await startFake({ auth: { basic: true, ntlm: true, lockoutThreshold: 3 } });
    let password = 'wrong';
    const source = started.source({ auth, credentials: [{ login: 'svc@example.test', password: () => password }] });
    const tries = Array.from({ length: 10 }, (_, i) =>
      failureOf(source.resolve(mailboxAddress(`user${i}@example.test`), never)),
    );
    for (const error of await Promise.all(tries)) expect(error).toMatchObject({ kind: 'authFailed', retriable: false });
    expect(started.fake.counters.snapshot().authFailures).toBe(2);
    password = 'Passw0rd!';
    expect((await resolveUser(source, 1)).address).toBe('user1@example.test');
  });
});

it('a right password that was refused while the directory was away is tried again after half an hour, then ever more rarely, once at a time', async () => {
  let now = Date.now();
  let isAway = false;
  let tries = 0;
  await using server = await startSoapServer(
    ({ headers }) => {
      if (headers.authorization !== BASIC) return { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } };
      tries++;
      return isAway
        ? { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }
        : answer('GetItem', gotItem('A'));
    },
    { open: true },
  );
  await using source = sourceTo(server.port, { clock: { now: () => now, after: systemClock.after } });
  const read = () => source.fetchItem(mailboxAt(server.port), itemId('A'), never);
  const triesOf = async (count: number) => {
    const before = tries;
    await Promise.allSettled(Array.from({ length: count }, read));
    return tries - before;
  };
  await read();
  isAway = true;
  await failureOf(read());
  expect((await failureOf(read())).message).toMatch(/no further tries .* but one in 30 minutes/);
  now += 29 * 60_000;
  expect(await triesOf(5)).toBe(0);
  now += 61_000;
  expect(await triesOf(5)).toBe(1);
  isAway = false;
  now += 59 * 60_000;
  expect(await triesOf(5)).toBe(0);
  now += 61_000;
  expect(await triesOf(5)).toBe(5);
});

it('a password that cannot be had is told as that, and is had once it can be', async () => {
  await using started = await startFake();
  let isSealed = true;
  const password = () => {
    if (isSealed) throw new Error('the secret was sealed with another key');
    return 'Passw0rd!';
  };
  const source = started.source({ credentials: [{ login: 'svc@example.test', password }] });
  const error = await failureOf(resolveUser(source, 1));
  expect(error).toMatchObject({ kind: 'authFailed', code: 'NoPassword', retriable: false });
  expect(error.message).toBe('The password of svc@example.test cannot be had: the secret was sealed with another key');
  isSealed = false;
  expect((await resolveUser(source, 1)).address).toBe('user1@example.test');
});

describe('certificates', () => {
  it('refuses an unknown authority with a reason, then recovers when it is trusted again (rotated certificate)', async () => {
    const first = certificate();
    const second = certificate();
    await using started = await startFake({ tls: first });
    const source = started.source({ ca: [first.cert] });
    const mailbox = await resolveUser(source, 1);
    started.fake.changeCertificate(second);
    started.fake.cutConnections();
    expect(await failureOf(source.fetchChanges(mailbox, undefined, never))).toMatchObject({
      kind: 'tls',
      retriable: false,
    });
    started.fake.changeCertificate(first);
    expect((await source.fetchChanges(mailbox, undefined, never)).complete).toBe(true);
  });

  it('follows a rotation to another certificate of a trusted authority, NTLM binding included', async () => {
    const first = certificate();
    const second = certificate();
    const auth = { basic: false, ntlm: true, extendedProtection: 'require' } as const;
    await using started = await startFake({ tls: first, auth });
    const source = started.source({ auth: 'ntlm', ca: [first.cert, second.cert] });
    const mailbox = await resolveUser(source, 1);
    started.fake.changeCertificate(second);
    started.fake.cutConnections();
    expect((await source.fetchChanges(mailbox, undefined, never)).complete).toBe(true);
  });

  it('never sends a password in clear text to another machine', async () => {
    await using started = await startFake();
    const source = started.source({ endpoint: { scheme: 'http', host: 'mail.example.test' } });
    expect(await failureOf(resolveUser(source, 1))).toMatchObject({ kind: 'forbidden', code: 'InsecureEndpoint' });
  });
});

/** Plays the NTLM dialogue without checking anything; `accepts` decides by path. */
function startNtlmServer(
  tls: ReturnType<typeof certificate> | undefined,
  accepts: (path: string, socket: Socket) => boolean,
  linesOf: (challenge: string) => string[] = (challenge) => [challenge],
  more: Readonly<Record<string, string>> = {},
) {
  const challenge = Buffer.alloc(56);
  challenge.write('NTLMSSP\0', 'latin1');
  challenge.writeUInt32LE(2, 8);
  challenge.writeUInt32LE(0x00880201, 20);
  challenge.writeUInt32LE(56, 44);
  const offer = { status: 401, headers: { 'www-authenticate': ['NTLM'] } };
  return startSoapServer(
    ({ headers, path, socket }) => {
      const token = Buffer.from(headers.authorization?.slice(5) ?? '', 'base64');
      if (token.length > 12 && token.readUInt32LE(8) === 1) {
        const lines = linesOf(`NTLM ${challenge.toString('base64')}`);
        return { status: 401, headers: { 'www-authenticate': lines, ...more } };
      }
      return token.length > 12 && accepts(path, socket) ? { status: 200 } : offer;
    },
    { open: true, ...(tls === undefined ? {} : { tls }) },
  );
}

/** A load balancer that ends TLS with a certificate of its own and talks TLS to the server behind. */
async function startBridge(
  port: number,
  outside: { readonly key: string; readonly cert: string },
  ca: string,
): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createTlsServer(outside, (socket) => {
    const behind = tlsConnect({ port, host: '127.0.0.1', ca: [ca] });
    socket.pipe(behind).pipe(socket);
    socket.on('error', () => behind.destroy());
    behind.on('error', () => socket.destroy());
    socket.on('close', () => behind.destroy());
    behind.on('close', () => socket.destroy());
    open.add(socket);
  });
  const open = new Set<{ destroy(): void }>();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
