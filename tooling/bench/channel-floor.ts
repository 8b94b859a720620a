/**
 * The floor of the way from Exchange: what a client without any connector would wait for. One stream on one mailbox, and
 * after each notification the two calls nobody can do without: which items changed, and what is in them. Plain SOAP.
 */
import { type IncomingMessage, request } from 'node:http';

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const TYPES = 'http://schemas.microsoft.com/exchange/services/2006/types';
const MESSAGES = 'http://schemas.microsoft.com/exchange/services/2006/messages';
const CALENDAR = '<t:DistinguishedFolderId Id="calendar"/>';

export interface ExchangeFloor {
  /** When the next change was known with all its content (epoch ms). Ask before the change is made. */
  nextChange(): Promise<number>;
  close(): void;
}

export async function openExchangeFloor(url: string, mailbox: string): Promise<ExchangeFloor> {
  const send = (body: string): Promise<IncomingMessage> => post(url, mailbox, body);
  const ask = async (body: string): Promise<string> => read(await send(body));
  const sync = (state: string): Promise<string> =>
    ask(
      `<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId>${CALENDAR}</m:SyncFolderId>${
        state === '' ? '' : `<m:SyncState>${state}</m:SyncState>`
      }<m:MaxChangesReturned>512</m:MaxChangesReturned></m:SyncFolderItems>`,
    );
  let state = tag(await sync(''), 'SyncState');
  const subscription = tag(
    await ask(
      `<m:Subscribe><m:StreamingSubscriptionRequest><t:FolderIds>${CALENDAR}</t:FolderIds><t:EventTypes>${[
        'CreatedEvent',
        'ModifiedEvent',
        'DeletedEvent',
      ]
        .map((type) => `<t:EventType>${type}</t:EventType>`)
        .join('')}</t:EventTypes></m:StreamingSubscriptionRequest></m:Subscribe>`,
    ),
    'SubscriptionId',
  );
  const stream = await send(
    `<m:GetStreamingEvents><m:SubscriptionIds><t:SubscriptionId>${subscription}</t:SubscriptionId></m:SubscriptionIds><m:ConnectionTimeout>30</m:ConnectionTimeout></m:GetStreamingEvents>`,
  );
  let known: (at: number) => void = () => {};
  let reading = false;
  const readChange = async (): Promise<void> => {
    if (reading) return;
    reading = true;
    const changes = await sync(state);
    state = tag(changes, 'SyncState');
    const ids = [...changes.matchAll(/<t:ItemId [^>]+?\/>/g)].map(([id]) => id);
    if (ids.length > 0)
      await ask(
        `<m:GetItem><m:ItemShape><t:BaseShape>AllProperties</t:BaseShape></m:ItemShape><m:ItemIds>${ids.join('')}</m:ItemIds></m:GetItem>`,
      );
    reading = false;
    if (ids.length > 0) known(performance.timeOrigin + performance.now());
  };
  stream.on('data', (chunk: Buffer) => {
    if (/(Created|Modified|Deleted)Event/.test(chunk.toString())) void readChange();
  });
  return {
    nextChange: () =>
      new Promise((resolve) => {
        known = resolve;
      }),
    close: () => stream.destroy(),
  };
}

function tag(text: string, name: string): string {
  const found = new RegExp(`<(?:[a-z]+:)?${name}>([^<]+)<`).exec(text)?.[1];
  if (found === undefined) throw new Error(`no ${name} in: ${text.slice(0, 500)}`);
  return found;
}

function post(url: string, mailbox: string, body: string): Promise<IncomingMessage> {
  const text = `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="${SOAP}" xmlns:t="${TYPES}" xmlns:m="${MESSAGES}"><s:Header><t:RequestServerVersion Version="Exchange2016"/><t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>${mailbox}</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation></s:Header><s:Body>${body}</s:Body></s:Envelope>`;
  const authorization = `Basic ${Buffer.from('svc@example.test:Passw0rd!').toString('base64')}`;
  return new Promise((resolve, reject) => {
    const call = request(url, {
      method: 'POST',
      headers: { 'content-type': 'text/xml; charset=utf-8', authorization },
    });
    call.once('response', resolve).once('error', reject).end(text);
  });
}

async function read(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return text;
}
