/**
 * What goes wrong between us and Exchange, on real sockets: each ends in a named failure or heals by itself, and other
 * mailboxes do not notice.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { gzipSync } from 'node:zlib';
import { itemId, mailboxAddress } from '@calendar-connector/calendar-model';
import { describe, expect, it, vi } from 'vitest';
import { type Clock, createEwsSource, type EwsTimings, systemClock } from '../src/index.ts';
import { failureOf } from './support/failure.ts';
import { certificate, resolveUser, startFake } from './support/fake.ts';
import { answer, failure, gotItem, startSoapServer, success } from './support/soap-server.ts';
import { mailboxAt, never, sourceTo } from './support/source.ts';

const DRAFT = {
  subject: 'x',
  start: Date.parse('2026-12-01T09:00:00Z'),
  end: Date.parse('2026-12-01T10:00:00Z'),
  timeZone: 'UTC',
};

describe('a server that does not answer', () => {
  it('half-open TCP: the call ends by its deadline, the connection is given up, the next call works', async () => {
    const sockets: Socket[] = [];
    let dead = true;
    await using server = await startSoapServer(({ socket }) => {
      if (!dead) return answer('GetItem', gotItem('A'));
      sockets.push(socket);
      return undefined;
    });
    // The time-out is short while the server is dead, and no matter when it is back.
    const clock: Clock = {
      now: Date.now,
      after: (ms, run) => systemClock.after(ms === 90_000 && dead ? 150 : ms, run),
    };
    await using source = sourceTo(server.port, { timings: { callMs: 90_000 }, clock });
    const mailbox = mailboxAt(server.port);
    const error = await failureOf(source.fetchItem(mailbox, itemId('A'), never));
    expect(error).toMatchObject({ kind: 'timeout', retriable: true, mailbox: mailbox.address });
    dead = false;
    expect((await source.fetchItem(mailbox, itemId('A'), never))?.itemId).toBe('A');
    expect(server.connections()).toBe(2);
  });

  it('a write that got no answer says that it may have happened; a refused connection says that it did not', async () => {
    await using server = await startSoapServer(({ operation }) =>
      operation === 'FindItem'
        ? answer(
            'FindItem',
            success('FindItem', '<m:RootFolder IncludesLastItemInRange="true"><t:Items/></m:RootFolder>'),
          )
        : undefined,
    );
    await using source = sourceTo(server.port, { timings: { callMs: 150 } });
    const lost = await failureOf(source.createEvent(mailboxAt(server.port), DRAFT, 'k', 'none', never));
    expect(lost).toMatchObject({ kind: 'timeout', maybeDone: true });
    const refused = await failureOf(source.createEvent(mailboxAt(1), DRAFT, 'k', 'none', never));
    expect(refused.kind).toBe('unavailable');
    expect(refused.maybeDone).toBeUndefined();
  });

  const html = { 'content-type': 'text/html' };
  it.each([
    ['502 of a gateway', { status: 502, headers: html }, true],
    ['504 of a gateway', { status: 504, headers: html }, true],
    ['500 without a word', { status: 500, headers: html }, true],
    ['a page in place of an answer', { headers: html, body: '<html/>' }, true],
    ['the answer to another question', answer('GetItem', gotItem('A')), true],
    ['no item', answer('CreateItem', success('CreateItem', '<m:Items/>')), true],
    ['no response message', answer('CreateItem'), true],
    ["Exchange's own refusal", answer('CreateItem', failure('CreateItem', 'ErrorAccessDenied')), undefined],
    ['HTTP 403', { status: 403, headers: html }, undefined],
  ] as const)(
    'a write that is answered with %s tells whether it may have happened',
    async (_name, reply, maybeDone) => {
      const nothing = success('FindItem', '<m:RootFolder IncludesLastItemInRange="true"><t:Items/></m:RootFolder>');
      await using server = await startSoapServer(({ operation }) =>
        operation === 'FindItem' ? answer('FindItem', nothing) : reply,
      );
      await using source = sourceTo(server.port);
      const failed = await failureOf(source.createEvent(mailboxAt(server.port), DRAFT, 'k', 'none', never));
      expect(failed.maybeDone).toBe(maybeDone);
      expect(server.requests.filter(({ operation }) => operation === 'CreateItem')).toHaveLength(1);
    },
  );

  it('can be given up by the caller at any moment', async () => {
    await using server = await startSoapServer(() => undefined);
    await using source = sourceTo(server.port);
    const giveUp = new AbortController();
    const work = failureOf(source.fetchItem(mailboxAt(server.port), itemId('A'), giveUp.signal));
    giveUp.abort();
    expect(await work).toMatchObject({ kind: 'aborted', retriable: false });
  });
});

describe('answers that are none', () => {
  it.each([
    [
      'a login page',
      { headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' },
      'protocol',
      'NoSoapAnswer',
    ],
    ['HTML called XML', { body: '<html><body/></html>' }, 'protocol', 'Xml_unexpectedRoot'],
    ['nothing', { body: '' }, 'unavailable', 'Xml_truncated'],
    [
      'the answer to another question',
      answer('SyncFolderItems', success('SyncFolderItems')),
      'protocol',
      'UnexpectedAnswer',
    ],
    ['HTTP 403', { status: 403, headers: { 'content-type': 'text/plain' } }, 'forbidden', 'Http403'],
    ['a redirect', { status: 302, headers: { location: 'https://evil.example.test/' } }, 'mailboxMoved', 'Http302'],
    [
      'a redirect to a login page',
      { status: 302, headers: { location: '/owa/auth/logon.aspx?replaceCurrent=1&url=https%3a%2f%2fmail%2fEWS' } },
      'protocol',
      'Http302',
    ],
    [
      'a redirect to a federation server',
      { status: 302, headers: { location: 'https://sts.example.test/adfs/ls/?wa=wsignin1.0' } },
      'protocol',
      'Http302',
    ],
    [
      'a redirect to a server of such a name',
      { status: 302, headers: { location: 'https://login.example.test/EWS/Exchange.asmx' } },
      'mailboxMoved',
      'Http302',
    ],
    ...['/owa', 'https://mail.example.test/owa', '/CookieAuth.dll?GetLogon?curl=Z2FEWS', '/my.policy'].map(
      (location) =>
        [`a redirect to ${location}`, { status: 302, headers: { location } }, 'protocol', 'Http302'] as const,
    ),
    ['a redirect to nowhere', { status: 302 }, 'protocol', 'Http302'],
    ['a log-in that has expired', { status: 440, headers: { 'content-type': 'text/html' } }, 'protocol', 'Http440'],
    ['HTTP 404', { status: 404, body: 'x', headers: { 'content-type': 'text/html' } }, 'invalidRequest', 'Http404'],
  ] as const)('%s is told as such', async (_name, reply, kind, code) => {
    await using server = await startSoapServer(() => reply);
    await using source = sourceTo(server.port);
    const error = await failureOf(source.fetchItem(mailboxAt(server.port), itemId('A'), never));
    expect(error).toMatchObject({ kind, code });
  });

  it('a body cut in the middle is no success, whatever it promised', async () => {
    const body = Buffer.from(String(answer('GetItem', gotItem('A')).body));
    await using server = await startSoapServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/xml', 'content-length': String(body.length) });
      response.write(body.subarray(0, body.length - 10), () => response.destroy());
      return undefined;
    });
    await using source = sourceTo(server.port);
    expect(await failureOf(source.fetchItem(mailboxAt(server.port), itemId('A'), never))).toMatchObject({
      kind: 'unavailable',
    });
  });

  it('a second answer after a fault is not taken for the answer of the next request: the socket is dropped', async () => {
    const first = answer('GetItem', gotItem('A', { Subject: 'right' }));
    const stray = String(answer('GetItem', gotItem('A', { Subject: 'stray' })).body);
    let faults = 1;
    await using server = await startSoapServer(({ socket }) => {
      if (faults-- <= 0) return first;
      const fault =
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>x</faultcode><faultstring>y</faultstring></s:Fault></s:Body></s:Envelope>';
      const http = (status: string, text: string) =>
        `HTTP/1.1 ${status}\r\ncontent-type: text/xml\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
      socket.write(http('500 Internal Server Error', fault) + http('200 OK', stray));
      return undefined;
    });
    await using source = sourceTo(server.port);
    const mailbox = mailboxAt(server.port);
    await failureOf(source.fetchItem(mailbox, itemId('A'), never));
    expect((await source.fetchItem(mailbox, itemId('A'), never))?.subject).toBe('right');
    expect(server.connections()).toBe(2);
  });

  it('compressed answers are read, compressed bombs stopped', async () => {
    const body = String(answer('GetItem', gotItem('A')).body);
    const bomb = gzipSync(body.replace('Subject of A', 'x'.repeat(4 << 20)));
    let send: Buffer = gzipSync(body);
    await using server = await startSoapServer(() => ({ headers: { 'content-encoding': 'gzip' }, body: send }));
    await using source = sourceTo(server.port, { limits: { maxResponseBytes: 1 << 20 } });
    const mailbox = mailboxAt(server.port);
    expect((await source.fetchItem(mailbox, itemId('A'), never))?.itemId).toBe('A');
    send = bomb;
    expect(await failureOf(source.fetchItem(mailbox, itemId('A'), never))).toMatchObject({ kind: 'limitExceeded' });
  });
});

describe('connections', () => {
  it('are kept: many calls, one connection (failure mode 17: connection churn)', async () => {
    await using server = await startSoapServer(() => answer('GetItem', gotItem('A')));
    await using source = sourceTo(server.port);
    for (let i = 0; i < 50; i++) await source.fetchItem(mailboxAt(server.port), itemId('A'), never);
    expect(server.connections()).toBe(1);
  });

  it('that the server closed while idle are replaced without a failure', async () => {
    await using server = await startSoapServer(() => answer('GetItem', gotItem('A')));
    await using source = sourceTo(server.port);
    await source.fetchItem(mailboxAt(server.port), itemId('A'), never);
    server.cut();
    expect((await source.fetchItem(mailboxAt(server.port), itemId('A'), never))?.itemId).toBe('A');
  });

  it('go on to a replaced server on the same address', async () => {
    const first = await startSoapServer(() => answer('GetItem', gotItem('old')));
    await using source = sourceTo(first.port);
    const mailbox = mailboxAt(first.port);
    await source.fetchItem(mailbox, itemId('old'), never);
    const { port } = first;
    await first[Symbol.asyncDispose]();
    expect(await failureOf(source.fetchItem(mailbox, itemId('A'), never))).toMatchObject({ kind: 'unavailable' });
    await using second = await startSoapServer(() => answer('GetItem', gotItem('new')), { port });
    expect((await source.fetchItem(mailbox, itemId('new'), never))?.itemId).toBe('new');
    expect(second.requests).toHaveLength(1);
  });

  it('work through a proxy, TLS to Exchange included', async () => {
    const tls = certificate();
    await using started = await startFake({ tls });
    await using proxy = await startTunnel();
    const source = started.source({ ca: [tls.cert], proxy: { url: `http://127.0.0.1:${proxy.port}` } });
    expect((await resolveUser(source, 1)).address).toBe('user1@example.test');
    expect(proxy.tunnels()).toBe(1);
  });
});

const hasIPv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
if (!hasIPv6) console.warn('SKIPPED: a proxy at an IPv6 address, this machine has none');

describe('a proxy', () => {
  const throughTo = async (proxy: string) => {
    const source = createEwsSource({
      name: 'test',
      endpoint: { host: '2001:db8::7' },
      credentials: [{ login: 'svc', password: () => 'pw' }],
      proxy: { url: proxy },
      timings: { connectMs: 50 },
    });
    const endpoint = 'https://[2001:db8::7]/EWS/Exchange.asmx';
    const mailbox = { ...mailboxAt(1), endpoint, affinityGroup: endpoint };
    const error = await failureOf(source.fetchItem(mailbox, itemId('A'), never));
    await source.close();
    return error;
  };

  it('is told an IPv6 address in brackets', async () => {
    await using tunnel = await startTunnel({ mute: true });
    expect(await throughTo(`http://127.0.0.1:${tunnel.port}`)).toMatchObject({ code: 'ProxyFailed' });
    expect(tunnel.asked).toEqual(['[2001:db8::7]:443']);
  });

  it.skipIf(!hasIPv6)('may have an IPv6 address itself', async () => {
    await using tunnel = await startTunnel({ mute: true, host: '::1' });
    expect(await throughTo(`http://[::1]:${tunnel.port}`)).toMatchObject({ code: 'ProxyFailed' });
    expect(tunnel.asked).toHaveLength(1);
  });
});

describe('a proxy that opens tunnels to nowhere', () => {
  const behind = async (timings: EwsTimings) => {
    const tunnel = await startTunnel({ mute: true });
    const source = createEwsSource({
      name: 'test',
      endpoint: { host: 'mail.example.test' },
      credentials: [{ login: 'svc', password: () => 'pw' }],
      proxy: { url: `http://127.0.0.1:${tunnel.port}` },
      timings,
    });
    const endpoint = 'https://mail.example.test/EWS/Exchange.asmx';
    const mailbox = { ...mailboxAt(1), endpoint, affinityGroup: endpoint };
    const fetch = (signal: AbortSignal) => failureOf(source.fetchItem(mailbox, itemId('A'), signal));
    const dispose = async () => {
      await source.close();
      await tunnel[Symbol.asyncDispose]();
    };
    return { fetch, tunnel, [Symbol.asyncDispose]: dispose };
  };

  it('is given up when the time to connect is over', async () => {
    await using proxy = await behind({ connectMs: 50 });
    expect(await proxy.fetch(never)).toMatchObject({ kind: 'unavailable', code: 'ProxyFailed', retriable: true });
  });

  it('does not outlive the deadline of the call', async () => {
    await using proxy = await behind({ callMs: 50 });
    expect(await proxy.fetch(never)).toMatchObject({ kind: 'timeout', code: 'CallTimeout' });
  });

  it('is left at once by a caller who gives up', async () => {
    await using proxy = await behind({});
    const giveUp = new AbortController();
    const work = proxy.fetch(giveUp.signal);
    await vi.waitFor(() => expect(proxy.tunnel.tunnels()).toBe(1));
    giveUp.abort();
    expect(await work).toMatchObject({ kind: 'aborted' });
  });
});

describe('one mailbox in trouble', () => {
  it('without impersonation, with a move under way or unknown fails alone', async () => {
    await using started = await startFake();
    const source = started.source();
    const mailboxes = [await resolveUser(source, 1), await resolveUser(source, 2), await resolveUser(source, 3)];
    started.fake.faults.add({ kind: 'impersonationDenied', mailbox: 'user1@example.test' });
    started.world.removeMailbox('user2@example.test');
    const [denied, unknown, good] = await Promise.allSettled(
      mailboxes.map((mailbox) => source.fetchChanges(mailbox, undefined, never)),
    );
    expect(denied).toMatchObject({
      status: 'rejected',
      reason: { kind: 'impersonationDenied', mailbox: 'user1@example.test' },
    });
    expect(unknown).toMatchObject({ status: 'rejected', reason: { kind: 'mailboxNotFound' } });
    expect(good).toMatchObject({ status: 'fulfilled', value: { complete: true } });
  });

  it('that moved to another server is followed through autodiscover', async () => {
    let url = '';
    const settings = () =>
      `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetUserSettingsResponseMessage xmlns="http://schemas.microsoft.com/exchange/2010/Autodiscover"><Response><ErrorCode>NoError</ErrorCode><UserResponses><UserResponse><ErrorCode>NoError</ErrorCode><UserSettings><UserSetting><Name>ExternalEwsUrl</Name><Value>${url}</Value></UserSetting></UserSettings></UserResponse></UserResponses></Response></GetUserSettingsResponseMessage></s:Body></s:Envelope>`;
    await using front = await startSoapServer(({ path }) => {
      if (path.startsWith('/autodiscover')) return { body: settings() };
      return {
        status: 500,
        body: '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>x</faultcode><faultstring>moved</faultstring><detail><e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">ErrorNonExistentMailbox</e:ResponseCode></detail></s:Fault></s:Body></s:Envelope>',
      };
    });
    url = `http://127.0.0.1:${front.port}/EWS/Exchange.asmx`;
    await using source = sourceTo(front.port, {
      endpoint: {
        scheme: 'http',
        host: '127.0.0.1',
        port: front.port,
        autodiscoverPath: '/autodiscover/autodiscover.svc',
      },
    });
    const old = { ...mailboxAt(front.port, 'user1@example.test'), endpoint: url, affinityGroup: url };
    expect((await source.getUserSettings(old.address, never))?.url).toBe(url);
    // Only the origin that is configured may be http; the mailbox's new place must be reachable under an allowed host.
    url = `http://127.0.0.1:${front.port}/EWS/Moved.asmx`;
    const error = await failureOf(source.fetchChanges(old, undefined, never));
    expect(error).toMatchObject({ kind: 'mailboxMoved', retriable: true });
    expect((await source.getUserSettings(old.address, never))?.url).toBe(url);
  });
});

describe('autodiscover', () => {
  const settings = (value: string) =>
    `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetUserSettingsResponseMessage xmlns="http://schemas.microsoft.com/exchange/2010/Autodiscover"><Response><ErrorCode>NoError</ErrorCode><UserResponses><UserResponse>${value}</UserResponse></UserResponses></Response></GetUserSettingsResponseMessage></s:Body></s:Envelope>`;

  it.each([
    [
      'an unlisted host',
      '<ErrorCode>RedirectUrl</ErrorCode><RedirectTarget>https://evil.example.test/a.svc</RedirectTarget>',
      'HostNotAllowed',
    ],
    [
      'plain http',
      '<ErrorCode>RedirectUrl</ErrorCode><RedirectTarget>http://127.0.0.1/a.svc</RedirectTarget>',
      'RedirectUrlRefused',
    ],
    [
      'itself',
      '<ErrorCode>RedirectAddress</ErrorCode><RedirectTarget>anna@example.test</RedirectTarget>',
      'RedirectLoop',
    ],
  ])('never follows a redirect to %s', async (_name, value, code) => {
    await using server = await startSoapServer(() => ({ body: settings(value) }));
    const warnings: string[] = [];
    await using source = sourceTo(server.port, {
      endpoint: {
        scheme: 'http',
        host: '127.0.0.1',
        port: server.port,
        autodiscoverPath: '/autodiscover/autodiscover.xml',
      },
      observer: { warning: (record) => warnings.push(record.code) },
    });
    expect(await source.getUserSettings(mailboxAddress('anna@example.test'), never)).toBeUndefined();
    expect(warnings).toEqual([code]);
    expect(server.requests[0]?.path).toBe('/autodiscover/autodiscover.svc');
  });
});

it('operations outside the published list are refused by the client itself', async () => {
  const source = createEwsSource({
    name: 'x',
    endpoint: { host: 'mail.example.test' },
    credentials: [{ login: 'svc', password: () => 'pw' }],
  });
  const { EwsTransport } = await import('../src/transport/ews-transport.ts');
  const { resolveOptions } = await import('../src/options.ts');
  const options = resolveOptions({
    name: 'x',
    endpoint: { host: 'h' },
    credentials: [{ login: 'a', password: () => 'b' }],
  });
  const transport = new EwsTransport(options);
  const request = { operation: 'EmptyFolder' as never, body: '', idempotent: false };
  const error = await failureOf(transport.call(request, { url: 'https://h/', mailbox: 'm' }, never));
  expect(error).toMatchObject({ kind: 'forbidden', code: 'OperationNotAllowed' });
  await source.close();
});

it('a failed item names itself and its batch goes on', async () => {
  await using server = await startSoapServer(() =>
    answer('GetItem', failure('GetItem', 'ErrorCorruptData', '<m:Items/>')),
  );
  await using source = sourceTo(server.port);
  expect(await failureOf(source.fetchItem(mailboxAt(server.port), itemId('A'), never))).toMatchObject({
    code: 'ErrorCorruptData',
  });
});

/** An HTTP proxy that only knows CONNECT; a mute one says yes and nothing more. */
async function startTunnel({ mute = false, host = '127.0.0.1' } = {}) {
  let count = 0;
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.once('data', (head) => {
      const target = /^CONNECT (\[.+\]|[^:]+):(\d+) /.exec(head.toString('latin1'));
      if (target === null) return client.destroy();
      count++;
      asked.push(`${target[1]}:${target[2]}`);
      if (mute) return client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      void import('node:net').then(({ connect }) => {
        const server = connect(Number(target[2]), target[1] ?? '', () => {
          client.write('HTTP/1.1 200 Connection established\r\n\r\n');
          client.pipe(server).pipe(client);
        });
        server.on('error', () => client.destroy());
        client.on('close', () => server.destroy());
      });
    });
    client.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    tunnels: () => count,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
