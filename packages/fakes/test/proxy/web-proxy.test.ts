/** The web proxy between a client and the connector: signs in, hands through, drops idle pairs. Source: facts/trueconf.md §5, §9. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type FakeWebProxyOptions, startFakeWebProxy } from '../../src/proxy/web-proxy.ts';
import { defaultWorld } from '../../src/trueconf/fake-trueconf.ts';
import { WorldClock } from '../../src/world/clock.ts';

interface Arrival {
  readonly socket: WebSocket;
  readonly path: string;
  readonly origin: string | undefined;
  readonly protocol: string;
  readonly messages: string[];
}

/** Stands for the connector: keeps what it is sent and answers every message with its text in brackets. */
async function startConnector() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const arrivals: Arrival[] = [];
  server.on('connection', (socket, request) => {
    const arrival = {
      socket,
      path: request.url ?? '',
      origin: request.headers.origin,
      protocol: socket.protocol,
      messages: [] as string[],
    };
    arrivals.push(arrival);
    socket.on('message', (data) => {
      arrival.messages.push(data.toString());
      socket.send(`[${data.toString()}]`);
    });
  });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, arrivals, server };
}

async function start(options: Partial<FakeWebProxyOptions> = {}) {
  const connector = await startConnector();
  const world = options.world ?? defaultWorld();
  const timers = WorldClock.manual();
  const proxy = await startFakeWebProxy({ world, connectorUrl: connector.url, timers, ...options });
  onTestFinished(() => proxy.close());
  return { connector, world, timers, proxy };
}

async function nextMessage(socket: WebSocket): Promise<string> {
  return String((await once(socket, 'message'))[0]);
}

function closed(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once('close', resolve));
}

/** The HTTP status an upgrade is refused with. */
function refused(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  const socket = new WebSocket(url, { headers });
  return new Promise((resolve) => {
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode));
    socket.once('error', () => undefined);
  });
}

describe('the web proxy', () => {
  it('opens the connector for a user, authorises first, then hands frames through both ways', async () => {
    const { connector, world, proxy } = await start();
    const client = proxy.openSocket('user1');
    const answers: string[] = [];
    client.on('message', (data) => answers.push(String(data)));
    client.once('open', () => client.send('{"method":"getCalendarList"}'));
    await expect.poll(() => answers).toHaveLength(2);
    const greeting = JSON.parse((answers[0] ?? '').slice(1, -1));
    expect(greeting).toEqual({ method: 'authorize', server: 'server.example.test#vcs', token: expect.any(String) });
    expect(world.tokens.find(greeting.token)?.userId).toBe('user1');
    expect(answers[1]).toBe('[{"method":"getCalendarList"}]');
    expect(connector.arrivals).toMatchObject([
      { path: '/calendar/', origin: 'https://server.example.test', protocol: 'calendar.v1' },
    ]);
    expect(client.protocol).toBe('calendar.v1');
    expect(proxy.sockets()).toEqual([{ id: 1, user: 'user1', fromClient: 1, fromConnector: 2 }]);
  });

  it('only relays when told not to authorise, and sends no Origin when told so', async () => {
    const { connector, proxy } = await start({ authorises: false, origin: null });
    const client = proxy.openSocket('user1');
    client.once('open', () => client.send('first'));
    expect(await nextMessage(client)).toBe('[first]');
    expect(connector.arrivals[0]?.origin).toBeUndefined();
  });

  it('takes the token from a cookie or the query too', async () => {
    const { world, proxy } = await start();
    const token = world.userToken('user2');
    for (const client of [
      new WebSocket(proxy.url, { headers: { cookie: `a=b; access_token=${token}` } }),
      new WebSocket(`${proxy.url}?access_token=${token}`),
    ]) {
      expect(await nextMessage(client)).toContain('"authorize"');
    }
    expect(proxy.sockets().map(({ user }) => user)).toEqual(['user2', 'user2']);
  });

  it('refuses nobody, nonsense, applications and other paths', async () => {
    const { world, proxy, connector } = await start();
    const app = world.tokens.issue({ clientId: 'connector', seconds: 60 }).access.token;
    expect(await refused(proxy.url)).toBe(401);
    expect(await refused(proxy.url, { authorization: 'Bearer nonsense' })).toBe(401);
    expect(await refused(proxy.url, { authorization: `Bearer ${app}` })).toBe(401);
    expect(
      await refused(proxy.url.replace('calendar/', 'chat/'), { authorization: `Bearer ${world.userToken('user1')}` }),
    ).toBe(404);
    expect(proxy.counters()).toEqual({ opened: 0, refused: 4, idleDropped: 0 });
    expect(connector.arrivals).toEqual([]);
    expect((await fetch(proxy.url.replace('ws:', 'http:'))).status).toBe(426);
  });

  it('drops a pair over which nothing passed for 41 seconds, without a close frame', async () => {
    const { proxy, timers, connector } = await start();
    const client = proxy.openSocket('user1');
    await nextMessage(client);
    const ends = [closed(client), closed(connector.arrivals[0]?.socket as WebSocket)];
    timers.advance(40_999);
    expect(proxy.sockets()).toHaveLength(1);
    timers.advance(1);
    expect(await Promise.all(ends)).toEqual([1006, 1006]);
    expect(proxy.counters().idleDropped).toBe(1);
    expect(proxy.sockets()).toEqual([]);
  });

  it('lets a ping of the connector reach the client and its pong come back, and counts both as life', async () => {
    const { proxy, timers, connector } = await start();
    const client = proxy.openSocket('user1');
    await nextMessage(client);
    const far = connector.arrivals[0]?.socket as WebSocket;
    for (let round = 0; round < 3; round += 1) {
      timers.advance(30_000);
      const pong = once(far, 'pong');
      far.ping(`p${round}`);
      expect(String((await pong)[0])).toBe(`p${round}`);
    }
    expect(proxy.sockets()).toHaveLength(1);
  });

  it('hands a close with its code through, either way', async () => {
    const { proxy, connector } = await start();
    const first = proxy.openSocket('user1');
    await nextMessage(first);
    connector.arrivals[0]?.socket.close(4401, 'unauthorized');
    expect(await closed(first)).toBe(4401);
    const second = proxy.openSocket('user1');
    await nextMessage(second);
    const end = closed(connector.arrivals[1]?.socket as WebSocket);
    second.close(1000);
    expect(await end).toBe(1000);
    expect(proxy.sockets()).toEqual([]);
  });

  it('tells the client when the connector is away', async () => {
    const { proxy } = await start({ connectorUrl: 'ws://127.0.0.1:9' });
    expect(await closed(proxy.openSocket('user1'))).toBe(1014);
  });

  it('cuts connections of one user, or all', async () => {
    const { proxy } = await start();
    const [one, other] = [proxy.openSocket('user1'), proxy.openSocket('user2')];
    await Promise.all([nextMessage(one), nextMessage(other)]);
    const end = closed(one);
    expect(proxy.cut('user1')).toBe(1);
    expect(await end).toBe(1006);
    expect(proxy.sockets().map(({ user }) => user)).toEqual(['user2']);
    expect([proxy.cut(), proxy.cut()]).toEqual([1, 0]);
  });

  it('holds frames back while paused and lets them go in order', async () => {
    const { proxy, connector } = await start();
    const client = proxy.openSocket('user1');
    await nextMessage(client);
    proxy.pause('user1');
    for (const text of ['a', 'b', 'c']) client.send(text);
    await expect.poll(() => proxy.sockets()[0]?.fromClient).toBe(3);
    expect(connector.arrivals[0]?.messages).toHaveLength(1);
    const answers: string[] = [];
    client.on('message', (data) => answers.push(String(data)));
    expect(proxy.resume()).toBe(1);
    await expect.poll(() => answers).toEqual(['[a]', '[b]', '[c]']);
  });
});
