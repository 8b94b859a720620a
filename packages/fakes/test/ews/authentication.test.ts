/** Credentials: all challenges at once, Basic, NTLMv2 with MIC and channel binding, lock-out (facts "Authentication"). */
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../src/control/tls/self-signed.ts';
import { md4 } from '../../src/ews/auth/md4.ts';
import { closeAndValidate, envelope, openExchange, PASSWORD } from './support/ews-caller.ts';
import { NtlmConnection, type NtlmOptions } from './support/ntlm-client.ts';

const GET_FOLDER =
  '<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="calendar"/></m:FolderIds></m:GetFolder>';
const BODY = envelope(GET_FOLDER, { login: 'user1' });
const tls = makeCertificate();

async function handshake(url: string, options: Partial<NtlmOptions>): Promise<number> {
  const connection = new NtlmConnection(url, {
    user: 'user1',
    domain: 'EXAMPLE',
    password: PASSWORD,
    ca: tls.cert,
    ...options,
  });
  try {
    return (await connection.call(BODY)).status;
  } finally {
    connection.close();
  }
}

describe('MD4', () => {
  it.each([
    ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
    ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
    [
      '12345678901234567890123456789012345678901234567890123456789012345678901234567890',
      'e33b4ddc9c38f2199c3e7b164fcc0536',
    ],
  ])('digests %j as RFC 1320 says', (text, digest) => expect(md4(Buffer.from(text)).toString('hex')).toBe(digest));
});

describe('the door', () => {
  it('offers Negotiate, NTLM and Basic, each in a line of its own', async () => {
    const { exchange } = await openExchange();
    const lines = await new Promise<string[]>((resolve) => {
      const outgoing = request(
        exchange.ewsUrl,
        { method: 'POST', headers: { 'content-type': 'text/xml', 'content-length': BODY.length } },
        (response) => {
          response.resume();
          expect(response.statusCode).toBe(401);
          resolve(response.rawHeaders.filter((_, index) => response.rawHeaders[index - 1] === 'WWW-Authenticate'));
        },
      );
      outgoing.end(BODY);
    });
    expect(lines).toEqual(['Negotiate', 'NTLM', 'Basic realm="mail.example.test"']);
  });

  it('lets Basic in by address, by name and by domain, with an umlaut in the password, and nobody else', async () => {
    const { world, call } = await openExchange();
    world.setPassword('user2@example.test', 'Päßwörd:х');
    const status = async (login: string, password = PASSWORD) => (await call(GET_FOLDER, { login, password })).status;
    expect([
      await status('user1@example.test'),
      await status('user1'),
      await status('EXAMPLE\\user1'),
      await status('example.test\\USER1'),
    ]).toEqual([200, 200, 200, 200]);
    expect([await status('user2@example.test', 'Päßwörd:х'), await status('user2@example.test')]).toEqual([200, 401]);
    expect([await status('nobody@example.test'), await status('OTHER\\user1')]).toEqual([401, 401]);
  });

  it('can be shut for Basic', async () => {
    const { call } = await openExchange({ auth: { basic: false } });
    const reply = await call(GET_FOLDER, { login: 'user1' });
    expect([reply.status, reply.headers.get('www-authenticate')]).toEqual([401, 'Negotiate, NTLM']);
  });

  it('locks an account after wrong passwords, for a while, even for the right one', async () => {
    const { exchange, world, call } = await openExchange({ auth: { lockoutThreshold: 3, lockoutMs: 60_000 } });
    const status = async (password: string) => (await call(GET_FOLDER, { login: 'user1', password })).status;
    for (let index = 0; index < 3; index += 1) expect(await status('wrong')).toBe(401);
    expect(await status(PASSWORD)).toBe(401);
    expect(exchange.journal.list().at(-1)?.fault).toBe('lockedOut');
    world.clock.advance(60_001);
    expect(await status(PASSWORD)).toBe(200);
    for (let index = 0; index < 3; index += 1) await status('wrong');
    exchange.unlockAccount('user1@example.test');
    expect(await status(PASSWORD)).toBe(200);
    expect(exchange.counters.snapshot().authFailures).toBe(7);
  });
});

describe('NTLM', () => {
  it('proves the password once per connection', async () => {
    const { exchange } = await openExchange();
    const connection = new NtlmConnection(exchange.ewsUrl, { user: 'user1', domain: 'EXAMPLE', password: PASSWORD });
    expect((await connection.call(BODY)).status).toBe(200);
    expect((await connection.again(BODY)).status).toBe(200);
    expect(exchange.journal.list().map((entry) => entry.status)).toEqual([401, 200, 200]);
    expect(exchange.counters.snapshot().connections).toBe(1);
    connection.close();
    const other = new NtlmConnection(exchange.ewsUrl, { user: 'user1', domain: 'EXAMPLE', password: PASSWORD });
    expect((await other.again(BODY)).status).toBe(401);
    other.close();
  });

  it('takes a user principal name, and refuses a wrong password, a stranger and a damaged MIC', async () => {
    const { exchange } = await openExchange();
    const of = (options: Partial<NtlmOptions>) => handshake(exchange.ewsUrl, options);
    expect(await of({ user: 'user1@example.test', domain: '' })).toBe(200);
    expect([await of({ password: 'wrong' }), await of({ user: 'nobody' })]).toEqual([401, 401]);
    expect([await of({ mic: 'right' }), await of({ mic: 'wrong' })]).toEqual([200, 401]);
    expect(exchange.journal.list().flatMap((entry) => entry.fault ?? [])).toEqual([
      'wrongPassword',
      'unknownUser',
      'badMic',
    ]);
  });

  it.each([
    ['off', { none: 200, right: 200, wrong: 200 }],
    ['allow', { none: 200, right: 200, wrong: 401 }],
    ['require', { none: 401, right: 200, wrong: 401 }],
  ] as const)(
    'with Extended Protection %s over TLS looks at the channel binding',
    async (extendedProtection, expected) => {
      const { exchange } = await openExchange({ tls, auth: { extendedProtection } });
      const status = (binding: 'none' | 'right' | 'wrong') =>
        handshake(exchange.ewsUrl.replace('127.0.0.1', 'localhost'), { binding, mic: 'right' });
      expect({ none: await status('none'), right: await status('right'), wrong: await status('wrong') }).toEqual(
        expected,
      );
    },
  );

  it('binds to the new certificate after a rotation', async () => {
    const { exchange } = await openExchange({ tls, auth: { extendedProtection: 'require' } });
    const fresh = makeCertificate();
    exchange.changeCertificate(fresh);
    const url = exchange.ewsUrl.replace('127.0.0.1', 'localhost');
    expect(await handshake(url, { binding: 'right', mic: 'right', ca: fresh.cert })).toBe(200);
    await expect(handshake(url, { binding: 'right', ca: tls.cert })).rejects.toThrow(/self.signed|certificate/i);
  });

  it('survives nonsense', async () => {
    const { exchange } = await openExchange();
    for (const blob of [
      '',
      'AAAA',
      Buffer.from('NTLMSSP\0\x03\0\0\0', 'latin1').toString('base64'),
      Buffer.concat([Buffer.from('NTLMSSP\0', 'latin1'), Buffer.alloc(80, 0xff)]).toString('base64'),
    ]) {
      const response = await fetch(exchange.ewsUrl, {
        method: 'POST',
        headers: { authorization: `NTLM ${blob}`, 'content-type': 'text/xml' },
        body: BODY,
      });
      expect(response.status).toBe(401);
    }
  });
});

describe('impersonation', () => {
  const as = (kind: string, value: string): string =>
    envelope(GET_FOLDER, { login: 'x' }).replace(
      '</s:Header>',
      `<t:ExchangeImpersonation><t:ConnectingSID><t:${kind}>${value}</t:${kind}></t:ConnectingSID></t:ExchangeImpersonation></s:Header>`,
    );

  it('finds people by address, alias, principal name; an alias is no primary address', async () => {
    const { world, call } = await openExchange();
    world.addMailbox('anna@example.test', { aliases: ['a.petrova@example.test'] });
    const code = async (kind: string, value: string) => (await call(as(kind, value), { raw: true })).codes[0];
    expect([
      await code('SmtpAddress', 'a.petrova@example.test'),
      await code('PrimarySmtpAddress', 'anna@example.test'),
      await code('PrincipalName', 'anna@example.test'),
    ]).toEqual(['NoError', 'NoError', 'NoError']);
    const alias = await call(as('PrimarySmtpAddress', 'a.petrova@example.test'), { raw: true });
    expect([alias.status, alias.codes[0], alias.first('Message')]).toEqual([
      500,
      'ErrorNonPrimarySmtpAddress',
      'anna@example.test',
    ]);
    expect(await code('PrimarySmtpAddress', 'ghost@example.test')).toBe('ErrorNonExistentMailbox');
    expect(await code('SmtpAddress', '  ')).toBe('ErrorInvalidExchangeImpersonationHeaderData');
    expect(await code('SID', 'S-1-5-21-1')).toBe('ErrorImpersonationFailed');
  });

  it('is for those who may, within their scope', async () => {
    const { world, call } = await openExchange();
    const asUser1 = { user: 'user2@example.test', login: 'user1@example.test' };
    expect((await call(GET_FOLDER, asUser1)).codes).toEqual(['ErrorImpersonateUserDenied']);
    world.directory.addImpersonator({ login: 'svc@example.test', scope: (address) => address.startsWith('user1@') });
    expect((await call(GET_FOLDER, { user: 'user1@example.test' })).codes).toEqual(['NoError']);
    expect((await call(GET_FOLDER, { user: 'user2@example.test' })).codes).toEqual(['ErrorImpersonateUserDenied']);
  });

  it('without it an account that has no mailbox must name one', async () => {
    const { call } = await openExchange({ worldOptions: { serviceMailbox: false } });
    expect((await call(GET_FOLDER, { login: 'svc@example.test' })).codes).toEqual(['ErrorMissingEmailAddress']);
  });

  closeAndValidate();
});
