/**
 * Servers that ask for a log-in in other ways than the one at hand, or for none at all. What NTLM itself must do is in
 * authentication.test.ts.
 */
import { itemId, mailboxAddress } from '@calendar-connector/calendar-model';
import { describe, expect, it } from 'vitest';
import { failureOf } from './support/failure.ts';
import { startRawServer } from './support/raw-server.ts';
import { answer, BASIC, gotItem, startSoapServer, success } from './support/soap-server.ts';
import { mailboxAt, never, sourceTo } from './support/source.ts';

const CALENDAR = '<m:Folders><t:CalendarFolder><t:FolderId Id="F" ChangeKey="x"/></t:CalendarFolder></m:Folders>';
const GOOD = String(answer('GetItem', gotItem('A')).body);

describe('a log-in dialogue of another kind', () => {
  const challenges = (...lines: readonly string[]) => lines.map((line) => `WWW-Authenticate: ${line}\r\n`).join('');
  const ok = `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: ${Buffer.byteLength(GOOD)}\r\n\r\n${GOOD}`;

  it.each([
    [
      'one line for each scheme, no body',
      `${challenges('Negotiate', 'NTLM', 'Basic realm="mail"')}Content-Length: 0\r\n\r\n`,
    ],
    ['all schemes in one line', `${challenges('Negotiate, NTLM, Basic realm="a, b"')}Content-Length: 0\r\n\r\n`],
    ['schemes in lower case, a body of its own', `${challenges('basic realm=x')}Content-Length: 6\r\n\r\ndenied`],
    ['a closed connection and neither body nor length', `${challenges('Basic realm="x"')}Connection: close\r\n\r\n`],
    ['a chunked body', `${challenges('Basic')}Transfer-Encoding: chunked\r\n\r\n6\r\ndenied\r\n0\r\n\r\n`],
    [
      'a bearer scheme nobody asked for',
      `${challenges('Bearer client_id="x", trusted_issuers="y", e="z"', 'Basic realm="x"')}Content-Length: 0\r\n\r\n`,
    ],
  ])('%s: Basic is found', async (_name, refused) => {
    await using server = await startRawServer((head) =>
      head.includes(`authorization: ${BASIC}`) ? ok : `HTTP/1.1 401 Unauthorized\r\n${refused}`,
    );
    await using source = sourceTo(server.port, { auth: 'basic' });
    expect((await source.fetchItem(mailboxAt(server.port), itemId('A'), never))?.itemId).toBe('A');
  });

  it.each([200, 400, 411, 500])(
    'a server that wants no log-in, but a question (HTTP %i without one), is asked it',
    async (status) => {
      await using server = await startSoapServer(({ body }) => (body === '' ? { status } : { body: GOOD }), {
        open: true,
      });
      await using source = sourceTo(server.port, { auth: 'auto' });
      for (let i = 0; i < 3; i++) {
        expect((await source.fetchItem(mailboxAt(server.port), itemId('A'), never))?.itemId).toBe('A');
      }
      expect(server.requests.map(({ body }) => body === '')).toEqual([true, false, false, false]);
      expect(server.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
    },
  );

  it('a server that wants a log-in only when it is asked something is told who asks', async () => {
    await using server = await startSoapServer(
      ({ body, headers }) => {
        if (headers.authorization === BASIC) return { body: GOOD };
        return body === '' ? { status: 200 } : { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } };
      },
      { open: true },
    );
    await using source = sourceTo(server.port, { auth: 'auto' });
    expect((await source.fetchItem(mailboxAt(server.port), itemId('A'), never))?.itemId).toBe('A');
  });

  it('NTLM that is offered and never begun leaves Basic', async () => {
    const refused = `HTTP/1.1 401 Unauthorized\r\n${challenges('NTLM', 'Basic realm="x"')}Content-Length: 0\r\n\r\n`;
    await using server = await startRawServer((head) => (head.includes(`authorization: ${BASIC}`) ? ok : refused));
    await using source = sourceTo(server.port, { auth: 'auto' });
    expect((await source.fetchItem(mailboxAt(server.port), itemId('A'), never))?.itemId).toBe('A');
  });

  it.each([
    ['auto', 'Basic realm="x"', 'NTLM'],
    ['basic', 'Basic realm="x"', 'Negotiate'],
    ['basic', 'Basic realm="x"', 'Bearer x="y"'],
  ] as const)('with %s: EWS that takes %s is found though autodiscover offers %s', async (auth, ews, autodiscover) => {
    await using server = await startSoapServer(
      ({ headers, path }) => {
        const isEws = path.startsWith('/EWS');
        if (isEws && headers.authorization === BASIC) return answer('GetFolder', success('GetFolder', CALENDAR));
        return { status: 401, headers: { 'www-authenticate': isEws ? ews : autodiscover } };
      },
      { open: true },
    );
    const endpoint = { host: '127.0.0.1', port: server.port, autodiscoverPath: '/autodiscover/a.svc' };
    const warnings: string[] = [];
    await using source = sourceTo(server.port, {
      auth,
      endpoint: { ...endpoint, scheme: 'http' },
      observer: { warning: ({ code }) => void warnings.push(code) },
    });
    for (let i = 0; i < 3; i++) {
      const found = source.resolve(mailboxAddress('anna@example.test'), never);
      expect(await found).toMatchObject({ folderId: 'F', endpoint: mailboxAt(server.port).endpoint });
    }
    expect(warnings.length).toBe(3);
  });

  it('Basic that is not taken for a while is no wrong password', async () => {
    let offer = 'Basic';
    await using server = await startSoapServer(
      ({ headers }) => {
        if (offer === 'Basic' && headers.authorization === BASIC) return { body: GOOD };
        return { status: 401, headers: { 'www-authenticate': offer } };
      },
      { open: true },
    );
    await using source = sourceTo(server.port, { auth: 'auto' });
    const read = () => source.fetchItem(mailboxAt(server.port), itemId('A'), never);
    await read();
    offer = 'Bearer';
    for (let i = 0; i < 3; i++) expect(await failureOf(read())).toMatchObject({ code: 'NoCommonScheme' });
    offer = 'Basic';
    expect((await read())?.itemId).toBe('A');
  });

  it('an offer of nothing but what we do not speak is named', async () => {
    const refused = `HTTP/1.1 401 Unauthorized\r\n${challenges('Bearer x="y"')}Content-Length: 0\r\n\r\n`;
    await using server = await startRawServer(() => refused);
    await using source = sourceTo(server.port, { auth: 'auto' });
    const error = await failureOf(source.fetchItem(mailboxAt(server.port), itemId('A'), never));
    expect(error).toMatchObject({ kind: 'authFailed', code: 'NoCommonScheme' });
    expect(error.message).toContain('bearer');
  });
});
