/** ews-javascript-api against the fake beyond calendars: mail, conversations, contacts, tasks, absences, people's rules and push. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  BasePropertySet,
  BodyType,
  ConflictResolutionMode,
  ConnectingIdType,
  Contact,
  ConversationIndexedItemView,
  DateTime,
  DeleteMode,
  EmailAddress,
  EmailAddressKey,
  EmailMessage,
  EmailMessageSchema,
  EventType,
  ExchangeService,
  ExchangeVersion,
  FolderId,
  ImpersonatedUserId,
  ItemView,
  MessageBody,
  OofExternalAudience,
  OofReply,
  OofSettings,
  OofState,
  PhoneNumberKey,
  PropertySet,
  SearchFilter,
  Task,
  TaskStatus,
  TimeZoneInfo,
  Uri,
  WebCredentials,
  WellKnownFolderName,
} from 'ews-javascript-api';
import { afterAll, describe, expect, it } from 'vitest';
import { closeAndValidate, openExchange, PASSWORD } from './support/ews-caller.ts';

const { exchange, world } = await openExchange();

function serviceFor(user: string): ExchangeService {
  const service = new ExchangeService(ExchangeVersion.Exchange2016, TimeZoneInfo.Utc);
  service.Credentials = new WebCredentials('svc@example.test', PASSWORD);
  service.Url = new Uri(exchange.ewsUrl);
  service.ImpersonatedUserId = new ImpersonatedUserId(ConnectingIdType.SmtpAddress, user);
  return service;
}

const service = serviceFor('user1@example.test');
const other = serviceFor('user2@example.test');

async function inbox(owner: ExchangeService, subject: string): Promise<EmailMessage> {
  const filter = new SearchFilter.IsEqualTo(EmailMessageSchema.Subject, subject);
  const found = await owner.FindItems(WellKnownFolderName.Inbox, filter, new ItemView(10));
  const [first] = found.Items;
  if (first === undefined) throw new Error(`no message ${subject}`);
  return await EmailMessage.Bind(owner, first.Id);
}

async function send(subject: string, body = 'Why?'): Promise<void> {
  const message = new EmailMessage(service);
  message.Subject = subject;
  message.Body = new MessageBody(BodyType.HTML, body);
  message.ToRecipients.Add('user2@example.test');
  await message.SendAndSaveCopy();
}

describe('mail', () => {
  it('is sent, read, answered and forwarded', async () => {
    await send('Question');
    const received = await inbox(other, 'Question');
    expect([received.From.Address, received.IsRead]).toEqual(['user1@example.test', false]);
    received.IsRead = true;
    await received.Update(ConflictResolutionMode.AutoResolve);
    await received.Reply(new MessageBody('Because.'), true);
    const answer = await inbox(service, 'RE: Question');
    await answer.Load(new PropertySet(BasePropertySet.FirstClassProperties));
    expect(answer.Body.Text).toContain('Because.');
    expect(answer.Body.Text).toContain('Why?');
    expect(answer.InReplyTo).toBe(received.InternetMessageId);
    await received.Forward(new MessageBody('Look'), [new EmailAddress('user3@example.test')]);
    expect((await inbox(serviceFor('user3@example.test'), 'FW: Question')).Subject).toBe('FW: Question');
  });

  it('belongs to conversations', async () => {
    await send('Topic');
    await (await inbox(other, 'Topic')).Reply(new MessageBody('Yes'), false);
    const found = await service.FindConversation(
      new ConversationIndexedItemView(50),
      new FolderId(WellKnownFolderName.Inbox),
    );
    expect(found.map(({ Topic }) => Topic)).toContain('Topic');
  });

  it('goes to junk and back, to the bin, and to no archive', async () => {
    await send('Spam');
    const received = await inbox(other, 'Spam');
    const junk = await other.MarkAsJunk([received.Id], true, true);
    expect(junk.Responses[0]?.ErrorCode).toBe(0);
    const found = await other.FindItems(WellKnownFolderName.JunkEmail, new ItemView(10));
    expect(found.Items.map(({ Subject }) => Subject)).toEqual(['Spam']);
    await found.Items[0]?.Delete(DeleteMode.HardDelete);
    expect((await other.FindItems(WellKnownFolderName.JunkEmail, new ItemView(10))).TotalCount).toBe(0);
  });
});

describe('contacts and tasks', () => {
  it('are kept, found and changed', async () => {
    const contact = new Contact(service);
    contact.GivenName = 'Anna';
    contact.Surname = 'Petrova';
    contact.EmailAddresses._setItem(EmailAddressKey.EmailAddress1, new EmailAddress('anna@example.test'));
    contact.PhoneNumbers._setItem(PhoneNumberKey.MobilePhone, '+7 900');
    await contact.Save(WellKnownFolderName.Contacts);
    const bound = await Contact.Bind(service, contact.Id);
    expect([bound.GivenName, bound.Surname, bound.FileAs]).toEqual(['Anna', 'Petrova', 'Petrova, Anna']);
    expect(bound.PhoneNumbers._getItem(PhoneNumberKey.MobilePhone)).toBe('+7 900');
    expect(bound.EmailAddresses._getItem(EmailAddressKey.EmailAddress1).Address).toBe('anna@example.test');
  });

  it('a finished task is finished in every respect', async () => {
    const task = new Task(service);
    task.Subject = 'Work';
    task.DueDate = new DateTime('2027-01-05T00:00:00Z');
    await task.Save(WellKnownFolderName.Tasks);
    task.Status = TaskStatus.Completed;
    await task.Update(ConflictResolutionMode.AlwaysOverwrite);
    const bound = await Task.Bind(service, task.Id);
    expect([bound.IsComplete, bound.PercentComplete, bound.Status]).toEqual([true, 100, TaskStatus.Completed]);
  });
});

describe('the account', () => {
  it('says that its owner is away', async () => {
    const settings = new OofSettings();
    settings.State = OofState.Enabled;
    settings.ExternalAudience = OofExternalAudience.Known;
    settings.InternalReply = new OofReply('Away');
    settings.ExternalReply = new OofReply('Out');
    await service.SetUserOofSettings('user1@example.test', settings);
    const read = await service.GetUserOofSettings('user1@example.test');
    expect([read.State, read.ExternalAudience, read.InternalReply.Message]).toEqual([
      OofState.Enabled,
      OofExternalAudience.Known,
      'Away',
    ]);
    expect(world.directory.isAbsent('user1@example.test', world.clock.now())).toBe(true);
    await expect(service.GetUserOofSettings('user2@example.test')).rejects.toThrow();
  });

  it('has a password that does not expire', async () => {
    const date = await service.GetPasswordExpirationDate('user1@example.test');
    expect(date.Year).toBe(9999);
  });
});

/** a loaded machine is no reason to fail */
const PATIENTLY = { timeout: 20_000 };

describe('push', { timeout: 30_000 }, () => {
  const calls: string[] = [];
  const listeners: (() => void)[] = [];
  const verdict = { status: 'OK' };
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += String(chunk);
    });
    request.on('end', () => {
      response.setHeader('content-type', 'text/xml');
      response.end(
        `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><SendNotificationResult xmlns="http://schemas.microsoft.com/exchange/services/2006/messages"><SubscriptionStatus>${verdict.status}</SubscriptionStatus></SendNotificationResult></s:Body></s:Envelope>`,
      );
      calls.push(text);
      for (const listener of listeners) listener();
    });
  });
  const called = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (calls.length >= count) resolve();
      };
      listeners.push(check);
      check();
    });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('calls the client’s address until the client has had enough', async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new Uri(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const folders = [new FolderId(WellKnownFolderName.Calendar)];
    await service.SubscribeToPushNotifications(folders, url, 1, null as unknown as string, EventType.Created);
    await called(1);
    expect(calls[0]).toContain('StatusEvent');
    const start = world.clock.now();
    world.createItem('user1@example.test', { subject: 'Told', start, end: start + 60_000 });
    await called(2);
    expect(calls[1]).toContain('CreatedEvent');
    verdict.status = 'Unsubscribe';
    world.createItem('user1@example.test', { subject: 'Last', start, end: start + 60_000 });
    await called(3);
    await expect.poll(() => exchange.counters.subscriptions, PATIENTLY).toBe(0);
  });

  it('gives a client up that stays away for a whole status interval', async () => {
    const gone = new Uri('http://127.0.0.1:9/');
    const folders = [new FolderId(WellKnownFolderName.Calendar)];
    await service.SubscribeToPushNotifications(folders, gone, 1, null as unknown as string, EventType.Created);
    expect(exchange.counters.subscriptions).toBe(1);
    await expect
      .poll(() => {
        world.clock.advance(30_000);
        return exchange.counters.subscriptions;
      }, PATIENTLY)
      .toBe(0);
  });
});

closeAndValidate();
