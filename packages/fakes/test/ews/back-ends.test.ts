/** Several mailbox servers behind one name: affinity by cookie, loss of it, fail-over (facts "Notifications", affinity). */
import { describe, expect, it } from 'vitest';
import { type Caller, closeAndValidate, openExchange } from './support/ews-caller.ts';
import { StreamReader } from './support/stream-reader.ts';

const SUBSCRIBE =
  '<m:Subscribe><m:StreamingSubscriptionRequest><t:FolderIds><t:DistinguishedFolderId Id="calendar"/></t:FolderIds><t:EventTypes><t:EventType>CreatedEvent</t:EventType></t:EventTypes></m:StreamingSubscriptionRequest></m:Subscribe>';

async function twoServers(): Promise<Caller & { readonly here: string; readonly there: string }> {
  const caller = await openExchange({ backEnds: ['exch01', 'exch02'] });
  const homes = await Promise.all(
    [...Array(10).keys()].map(async (index) => {
      const user = `user${index + 1}@example.test`;
      const reply = await caller.call(SUBSCRIBE, { user, headers: { 'x-anchormailbox': user } });
      return [user, reply.headers.get('x-calculatedbetarget')] as const;
    }),
  );
  const here = homes.find(([, home]) => home === 'exch01')?.[0] ?? '';
  const there = homes.find(([, home]) => home === 'exch02')?.[0] ?? '';
  return { ...caller, here, there };
}

describe('two mailbox servers', () => {
  it('keep a group together by the cookie of its anchor', async () => {
    const { exchange, call, here, there } = await twoServers();
    const group = { 'x-anchormailbox': here, 'x-preferserveraffinity': 'true' };
    const first = await call(SUBSCRIBE, { user: here, headers: group });
    const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(cookie).toMatch(/^X-BackEndOverrideCookie=exch01\.example\.test~\d+$/);
    const second = await call(SUBSCRIBE, { user: there, headers: { ...group, cookie } });
    const ids = [first, second].map((reply) => reply.first('SubscriptionId') ?? '');
    expect(ids.every((id) => Buffer.from(id, 'base64').toString('latin1').includes('exch01'))).toBe(true);
    const stream = new StreamReader(exchange, [ids[1] ?? ''], { user: there, headers: { ...group, cookie } });
    expect((await stream.next())?.first('ConnectionStatus')).toBe('OK');
    stream.close();
    const lost = new StreamReader(exchange, [ids[1] ?? ''], { user: there, headers: { 'x-anchormailbox': there } });
    expect((await lost.next())?.codes).toEqual(['ErrorProxyRequestNotAllowed']);
  });

  it('when one fails its streams are cut, its subscriptions are gone, its mailboxes live on', async () => {
    const { exchange, call, here } = await twoServers();
    const options = { user: here, headers: { 'x-anchormailbox': here } };
    const id = (await call(SUBSCRIBE, options)).first('SubscriptionId') ?? '';
    const stream = new StreamReader(exchange, [id], options);
    await stream.next();
    exchange.failBackEnd('exch01');
    expect(await stream.next()).toBeUndefined();
    expect(stream.isPolite).toBe(false);
    expect(exchange.backEnds()).toEqual([
      { name: 'exch01', isUp: false },
      { name: 'exch02', isUp: true },
    ]);
    const again = new StreamReader(exchange, [id], options);
    expect((await again.next())?.codes).toEqual(['ErrorSubscriptionNotFound']);
    const fresh = await call(SUBSCRIBE, options);
    expect(fresh.headers.get('x-calculatedbetarget')).toBe('exch02');
    exchange.restoreBackEnd('exch01');
    expect((await call(SUBSCRIBE, options)).headers.get('x-calculatedbetarget')).toBe('exch01');
  });

  it('a moved mailbox answers from its new server and has lost its subscriptions', async () => {
    const { exchange, call, here } = await twoServers();
    const options = { user: here, headers: { 'x-anchormailbox': here } };
    const id = (await call(SUBSCRIBE, options)).first('SubscriptionId') ?? '';
    exchange.moveMailbox(here, 'exch02');
    const reply = await call(`<m:Unsubscribe><m:SubscriptionId>${id}</m:SubscriptionId></m:Unsubscribe>`, options);
    expect([reply.headers.get('x-calculatedbetarget'), reply.codes[0]]).toEqual([
      'exch02',
      'ErrorSubscriptionNotFound',
    ]);
  });

  closeAndValidate();
});
