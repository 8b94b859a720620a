/** Steering the fake Exchange itself: faults, mailbox servers, budgets, impersonation, seen through EWS. */
import { describe, expect, it } from 'vitest';
import { startControl } from './support/control-client.ts';

const GET_FOLDER = (impersonate: string): string => `<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"
  xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"
  xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">
  <s:Header>
    <t:RequestServerVersion Version="Exchange2013_SP1"/>
    <t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>${impersonate}</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>
  </s:Header>
  <s:Body><m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>
    <m:FolderIds><t:DistinguishedFolderId Id="calendar"/></m:FolderIds></m:GetFolder></s:Body>
</s:Envelope>`;

async function startExchange(options: Parameters<typeof startControl>[0] = {}) {
  const control = await startControl({ exchangePort: 0, exchange: { backEnds: ['one', 'two'] }, ...options });
  const ask = async (mailbox = 'user1@example.test', password = 'Passw0rd!') => {
    const response = await fetch(control.harness.exchange?.ewsUrl ?? '', {
      method: 'POST',
      headers: {
        'content-type': 'text/xml; charset=utf-8',
        authorization: `Basic ${Buffer.from(`svc@example.test:${password}`).toString('base64')}`,
      },
      body: GET_FOLDER(mailbox),
    });
    const text = await response.text();
    return { status: response.status, code: /ResponseCode[^>]*>(\w+)</.exec(text)?.[1], text };
  };
  return { ...control, ask };
}

describe('the fake Exchange under the control API', () => {
  it('answers, is counted and journalled beside the others', async () => {
    const { call, ask, harness } = await startExchange();
    expect(await ask()).toMatchObject({ status: 200, code: 'NoError' });
    expect((await call('GET', '/servers')).body.servers).toContainEqual({
      name: 'exchange',
      url: harness.exchange?.url,
    });
    expect((await call('GET', '/counters')).body.exchange).toMatchObject({
      requests: 1,
      byOperation: { GetFolder: 1 },
    });
    expect((await call('GET', '/journal?mailbox=user1@example.test')).body.entries).toMatchObject([
      { server: 'exchange', operation: 'GetFolder', status: 200, account: 'svc@example.test' },
    ]);
    await call('DELETE', '/journal');
    await call('DELETE', '/counters');
    expect((await call('GET', '/journal')).body.entries).toEqual([]);
    expect((await call('GET', '/counters')).body.exchange.requests).toBe(0);
  });

  it('has faults per mailbox and operation; `exchange` is the default server', async () => {
    const { call, ask } = await startExchange();
    const fault = { kind: 'status', status: 503, mailbox: 'user2@example.test', operation: 'GetFolder', count: 1 };
    const { body } = await call('POST', '/faults', fault);
    expect((await ask()).status).toBe(200);
    expect([(await ask('user2@example.test')).status, (await ask('user2@example.test')).status]).toEqual([503, 200]);
    expect((await call('GET', '/faults?server=exchange')).body.faults).toMatchObject([
      { ...fault, id: body.id, struck: 1 },
    ]);
    expect((await call('DELETE', `/faults/${body.id}`)).status).toBe(204);
    expect((await call('POST', '/faults', { server: 'exchange', kind: 'drip' })).status).toBe(400);
  });

  it('lets its service account act for whom it may', async () => {
    const { call, ask } = await startExchange();
    await call('PUT', '/exchange/impersonation', { scope: ['user1@example.test'] });
    expect([(await ask()).code, (await ask('user2@example.test')).code]).toEqual([
      'NoError',
      'ErrorImpersonateUserDenied',
    ]);
    await call('PUT', '/exchange/impersonation', { scope: 'nobody' });
    expect((await ask()).code).not.toBe('NoError');
    await call('PUT', '/exchange/impersonation', { scope: 'everybody' });
    expect((await ask('user2@example.test')).code).toBe('NoError');
  });

  it('changes passwords as an administrator would', async () => {
    const { call, ask } = await startExchange();
    await call('PUT', '/mailboxes/svc@example.test/password', { password: 'Other1' });
    expect([(await ask()).status, (await ask('user1@example.test', 'Other1')).status]).toEqual([401, 200]);
    expect((await call('POST', '/exchange/unlock', { login: 'svc@example.test' })).status).toBe(204);
  });

  it('has mailbox servers that fail and come back, and mailboxes that move', async () => {
    const { call } = await startExchange();
    const backEnds = async () => (await call('GET', '/exchange/back-ends')).body.backEnds;
    expect(await backEnds()).toEqual([
      { name: 'one', isUp: true },
      { name: 'two', isUp: true },
    ]);
    expect((await call('POST', '/exchange/back-ends/one/fail')).status).toBe(204);
    expect(await backEnds()).toContainEqual({ name: 'one', isUp: false });
    await call('POST', '/exchange/back-ends/one/restore');
    expect(await backEnds()).toContainEqual({ name: 'one', isUp: true });
    expect((await call('PUT', '/mailboxes/user1@example.test/back-end', { backEnd: 'two' })).status).toBe(204);
    expect((await call('PUT', '/mailboxes/user1@example.test/back-end', { backEnd: 'three' })).status).toBe(404);
    expect((await call('POST', '/exchange/back-ends/three/fail')).status).toBe(404);
  });

  it('takes budgets, habits, and being cut', async () => {
    const { call, ask, harness } = await startExchange();
    expect((await call('PUT', '/exchange/budgets', { maxConcurrency: 4, backOffMs: 1000 })).status).toBe(204);
    expect((await call('PUT', '/exchange/budgets', { maxConcurency: 4 })).status).toBe(400);
    expect((await call('PATCH', '/exchange/behaviour', { acceptRecreates: true })).body).toEqual({
      acceptRecreates: true,
      declineRemoves: true,
    });
    expect(harness.exchangeWorld.behaviour.acceptRecreates).toBe(true);
    for (const path of [
      '/exchange/cut',
      '/exchange/drop-subscriptions',
      '/mailboxes/user1@example.test/recreate-calendar',
    ]) {
      expect((await call('POST', path)).status, path).toBe(204);
    }
    expect((await ask()).code).toBe('NoError');
  });

  it('says so when it was not started', async () => {
    const { call } = await startControl();
    expect((await call('GET', '/exchange/back-ends')).body.error.code).toBe('notStarted');
    expect((await call('POST', '/faults', { kind: 'reset' })).body.error.code).toBe('notStarted');
  });
});
