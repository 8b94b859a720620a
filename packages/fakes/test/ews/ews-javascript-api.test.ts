/**
 * ews-javascript-api, the library most JavaScript clients use, against the fake: everything it can do with calendars works, and
 * its known weaknesses find what they find on Exchange (facts/ews-javascript-api).
 */
import util from 'node:util';
import {
  AlternateId,
  Appointment,
  AppointmentSchema,
  AttendeeInfo,
  AutodiscoverService,
  AvailabilityData,
  BasePropertySet,
  BodyType,
  CalendarFolder,
  CalendarView,
  ConflictResolutionMode,
  ConnectingIdType,
  DateTime,
  DayOfTheWeek,
  DelegateFolderPermissionLevel,
  DelegateUser,
  DeleteMode,
  EventType,
  ExchangeService,
  ExchangeVersion,
  ExtendedPropertyDefinition,
  type Folder,
  FolderId,
  FolderView,
  Guid,
  IdFormat,
  ImpersonatedUserId,
  ItemId,
  ItemView,
  Mailbox,
  MapiPropertyType,
  MeetingRequestsDeliveryScope,
  MessageBody,
  PropertySet,
  Recurrence,
  SearchFilter,
  SendCancellationsMode,
  SendInvitationsMode,
  SendInvitationsOrCancellationsMode,
  StreamingSubscriptionConnection,
  SyncFolderItemsScope,
  TimeWindow,
  TimeZoneInfo,
  Uri,
  UserId,
  UserSettingName,
  WebCredentials,
  WellKnownFolderName,
} from 'ews-javascript-api';
import { afterEach, describe, expect, it } from 'vitest';
import { type Caller, closeAndValidate, openExchange, PASSWORD } from './support/ews-caller.ts';

// the library calls a function of Node that Node 23 took away; without it no extended property can be written
Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });

const MARKER = new ExtendedPropertyDefinition(
  new Guid('7f8c2c5e-3a53-4b7e-9d0a-5c1f6a2e9b41'),
  'TrueConfConferenceUrl',
  MapiPropertyType.String,
);
const at = (text: string): DateTime => new DateTime(text);

describe('ews-javascript-api with the fake Exchange', async () => {
  const { exchange, world }: Caller = await openExchange();

  function serviceFor(user: string): ExchangeService {
    const service = new ExchangeService(ExchangeVersion.Exchange2016, TimeZoneInfo.Utc);
    service.Credentials = new WebCredentials('svc@example.test', PASSWORD);
    service.Url = new Uri(exchange.ewsUrl);
    service.ImpersonatedUserId = new ImpersonatedUserId(ConnectingIdType.SmtpAddress, user);
    service.HttpHeaders.Add('X-AnchorMailbox', user);
    return service;
  }

  const service = serviceFor('user1@example.test');
  const other = serviceFor('user2@example.test');

  afterEach(() => {
    for (const address of ['user1@example.test', 'user2@example.test']) {
      for (const item of world.listItems(address)) world.deleteItem(address, item.id, { hard: true, send: 'none' });
    }
  });

  async function newAppointment(
    subject: string,
    change: (appointment: Appointment) => void = () => undefined,
  ): Promise<Appointment> {
    const appointment = new Appointment(service);
    appointment.Subject = subject;
    appointment.Start = at('2026-03-10T10:00:00Z');
    appointment.End = at('2026-03-10T11:00:00Z');
    change(appointment);
    await appointment.Save(SendInvitationsMode.SendToNone);
    return appointment;
  }

  it('creates, binds, updates and deletes an appointment', async () => {
    const appointment = await newAppointment('First', (item) => {
      item.Body = new MessageBody(BodyType.HTML, 'plain words');
      item.Location = 'Hall';
      item.SetExtendedProperty(MARKER, 'https://server.example.test/c/1');
    });
    const properties = new PropertySet(BasePropertySet.FirstClassProperties, [MARKER]);
    const bound = await Appointment.Bind(service, appointment.Id, properties);
    expect([bound.Subject, bound.Location, bound.Start.ToISOString()]).toEqual([
      'First',
      'Hall',
      '2026-03-10T10:00:00.000Z',
    ]);
    expect(bound.ExtendedProperties._getItem(0).Value).toBe('https://server.example.test/c/1');
    const before = bound.Id.ChangeKey;
    bound.Subject = 'Second';
    await bound.Update(ConflictResolutionMode.AlwaysOverwrite, SendInvitationsOrCancellationsMode.SendToNone);
    expect(bound.Id.ChangeKey).not.toBe(before);
    expect((await Appointment.Bind(service, appointment.Id)).Subject).toBe('Second');
    await bound.Delete(DeleteMode.HardDelete, SendCancellationsMode.SendToNone);
    await expect(Appointment.Bind(service, appointment.Id)).rejects.toMatchObject({ ErrorCode: expect.anything() });
  });

  it('sends text unescaped, which a server refuses as no XML: the library’s own gap', async () => {
    await expect(newAppointment('R&D <plan>')).rejects.toMatchObject({ ResponseCode: expect.anything() });
  });

  it('finds appointments in a view and pages of a folder with filters', async () => {
    await newAppointment('Seen');
    const found = await service.FindAppointments(
      WellKnownFolderName.Calendar,
      new CalendarView(at('2026-03-10T00:00:00Z'), at('2026-03-11T00:00:00Z')),
    );
    expect(found.Items.map((item) => item.Subject)).toEqual(['Seen']);
    const filter = new SearchFilter.IsEqualTo(AppointmentSchema.Subject, 'Seen');
    const page = await service.FindItems(WellKnownFolderName.Calendar, filter, new ItemView(10));
    expect(page.TotalCount).toBe(1);
  });

  it('writes and reads a series with exceptions and deletions', async () => {
    const master = await newAppointment('Series', (item) => {
      item.Start = at('2026-03-09T10:00:00Z');
      item.End = at('2026-03-09T11:00:00Z');
      // The library's types know only the constructor without arguments.
      const WeeklyPattern = Recurrence.WeeklyPattern as unknown as new (...args: unknown[]) => Recurrence;
      item.Recurrence = new WeeklyPattern(at('2026-03-09T10:00:00Z'), 1, [DayOfTheWeek.Monday]);
      item.Recurrence.NumberOfOccurrences = 4;
    });
    const second = await Appointment.BindToOccurrence(service, master.Id, 2);
    second.Location = 'Elsewhere';
    await second.Update(ConflictResolutionMode.AlwaysOverwrite, SendInvitationsOrCancellationsMode.SendToNone);
    const third = await Appointment.BindToOccurrence(service, master.Id, 3);
    await third.Delete(DeleteMode.MoveToDeletedItems, SendCancellationsMode.SendToNone);
    const read = await Appointment.Bind(service, master.Id);
    expect(read.ModifiedOccurrences.Count).toBe(1);
    expect(read.DeletedOccurrences.Count).toBe(1);
    expect(read.FirstOccurrence.Start.ToISOString()).toBe('2026-03-09T10:00:00.000Z');
    expect(read.LastOccurrence.Start.ToISOString()).toBe('2026-03-30T10:00:00.000Z');
    const owner = await Appointment.BindToRecurringMaster(service, new ItemId(second.Id.UniqueId));
    expect(owner.Id.UniqueId).toBe(master.Id.UniqueId);
    const view = await service.FindAppointments(
      WellKnownFolderName.Calendar,
      new CalendarView(at('2026-03-01T00:00:00Z'), at('2026-04-10T00:00:00Z')),
    );
    expect(view.Items.map((item) => item.Start.ToISOString().slice(0, 10))).toEqual([
      '2026-03-09',
      '2026-03-16',
      '2026-03-30',
    ]);
  });

  it('invites, answers, tracks and cancels', async () => {
    const meeting = new Appointment(service);
    meeting.Subject = 'Meeting';
    meeting.Start = at('2026-03-12T10:00:00Z');
    meeting.End = at('2026-03-12T11:00:00Z');
    meeting.RequiredAttendees.Add('user2@example.test');
    await meeting.Save(SendInvitationsMode.SendToAllAndSaveCopy);
    const [invitation] = world.listItems('user2@example.test');
    expect(invitation?.myResponse).toBe('NoResponseReceived');
    const bound = await Appointment.Bind(other, new ItemId(invitation?.id ?? ''));
    await bound.Accept(true);
    const tracked = await Appointment.Bind(service, meeting.Id);
    expect(tracked.RequiredAttendees._getItem(0).Address).toBe('user2@example.test');
    expect(world.listItems('user1@example.test')[0]?.attendees[0]?.response).toBe('Accept');
    await tracked.CancelMeeting();
    expect(world.listItems('user2@example.test')[0]?.isCancelled).toBe(true);
  });

  it('declines and tentatively accepts', async () => {
    const make = (subject: string): string =>
      world.createItem('user1@example.test', {
        subject,
        start: Date.UTC(2026, 2, 13, 9),
        end: Date.UTC(2026, 2, 13, 10),
        attendees: [{ name: 'User 2', address: 'user2@example.test', role: 'required', response: 'Unknown' }],
      }).id;
    const ids = [make('A'), make('B')];
    const [first, second] = world.listItems('user2@example.test');
    await (await Appointment.Bind(other, new ItemId(first?.id ?? ''))).Decline(true);
    await (await Appointment.Bind(other, new ItemId(second?.id ?? ''))).AcceptTentatively(true);
    const answers = ids.map((id) => world.getItem('user1@example.test', id)?.attendees[0]?.response);
    expect(answers.sort()).toEqual(['Decline', 'Tentative']);
  });

  it('synchronises items and folders', async () => {
    const properties = new PropertySet(BasePropertySet.IdOnly);
    const start = await service.SyncFolderItems(
      new FolderId(WellKnownFolderName.Calendar),
      properties,
      [],
      512,
      SyncFolderItemsScope.NormalItems,
      null as unknown as string,
    );
    const appointment = await newAppointment('New');
    const next = await service.SyncFolderItems(
      new FolderId(WellKnownFolderName.Calendar),
      properties,
      [],
      512,
      SyncFolderItemsScope.NormalItems,
      start.SyncState,
    );
    expect(next.Count).toBe(1);
    expect(next.MoreChangesAvailable).toBe(false);
    expect(next._getItem(0).Item.Id.UniqueId).toBe(appointment.Id.UniqueId);
    const folders = await service.SyncFolderHierarchy(
      new FolderId(WellKnownFolderName.MsgFolderRoot),
      properties,
      null as unknown as string,
    );
    expect(folders.Count).toBeGreaterThan(5);
  });

  it('binds many items at once, with an error for the one that is gone', async () => {
    const [first, second] = [await newAppointment('One'), await newAppointment('Two')];
    await second.Delete(DeleteMode.HardDelete, SendCancellationsMode.SendToNone);
    const answers = await service.BindToItems(
      [first.Id, second.Id],
      new PropertySet(BasePropertySet.FirstClassProperties),
    );
    expect(answers.Responses.map((answer) => answer.Result)).toEqual([0, 2]);
  });

  it('works with folders: bind, find, create, rename, delete', async () => {
    const calendar = await CalendarFolder.Bind(service, WellKnownFolderName.Calendar);
    expect(calendar.DisplayName).toBe('Calendar');
    const folder = new CalendarFolder(service);
    folder.DisplayName = 'Projects';
    await folder.Save(WellKnownFolderName.Calendar);
    const found = await service.FindFolders(WellKnownFolderName.Calendar, new FolderView(10));
    expect(found.Folders.map((entry: Folder) => entry.DisplayName)).toEqual(['Projects']);
    folder.DisplayName = 'Old';
    await folder.Update();
    await folder.Delete(DeleteMode.HardDelete);
  });

  it('moves and copies an item', async () => {
    const appointment = await newAppointment('Moving');
    const copy = await appointment.Copy(new FolderId(WellKnownFolderName.DeletedItems));
    expect(copy.Id.UniqueId).not.toBe(appointment.Id.UniqueId);
    const moved = await appointment.Move(new FolderId(WellKnownFolderName.DeletedItems));
    expect(moved.Id.UniqueId).not.toBe(appointment.Id.UniqueId);
  });

  it('resolves names, asks for availability, zones, rooms and converts ids', async () => {
    const names = await service.ResolveName('user2@example.test');
    expect(names._getItem(0).Mailbox.Address).toBe('user2@example.test');
    await newAppointment('Busy');
    const window = new TimeWindow(at('2026-03-10T00:00:00Z'), at('2026-03-12T00:00:00Z'));
    const availability = await service.GetUserAvailability(
      [new AttendeeInfo('user1@example.test')],
      window,
      AvailabilityData.FreeBusy,
    );
    expect(availability.AttendeesAvailability.Responses[0]?.CalendarEvents.length).toBe(1);
    expect((await service.GetRoomLists()).Count).toBe(1);
    const appointment = await newAppointment('Convert');
    const converted = await service.ConvertId(
      new AlternateId(IdFormat.EwsId, appointment.Id.UniqueId, 'user1@example.test'),
      IdFormat.HexEntryId,
    );
    expect((converted as AlternateId).UniqueId).toMatch(/^[0-9A-F]{140}$/);
  });

  it('cannot list server zones, as with any server: its sorting mistakes every transition for the first one', async () => {
    await expect(service.GetServerTimeZones()).rejects.toMatchObject({ message: expect.stringContaining('AddDays') });
    expect(exchange.journal.list({ operation: 'GetServerTimeZones' }).at(-1)?.responseCodes).toEqual(['NoError']);
  });

  it('manages delegates', async () => {
    const owner = new Mailbox('user1@example.test');
    const delegate = new DelegateUser('user3@example.test');
    delegate.Permissions.CalendarFolderPermissionLevel = DelegateFolderPermissionLevel.Editor;
    await service.AddDelegates(owner, MeetingRequestsDeliveryScope.DelegatesAndMe, [delegate]);
    const known = await service.GetDelegates(owner, true);
    expect(known.DelegateUserResponses[0]?.DelegateUser.UserId.PrimarySmtpAddress).toBe('user3@example.test');
    await service.RemoveDelegates(owner, [new UserId('user3@example.test')]);
    expect(world.directory.delegatesOf('user1@example.test')).toEqual([]);
  });

  it('pulls events and takes a stream’s events', async () => {
    const pull = await service.SubscribeToPullNotifications(
      [new FolderId(WellKnownFolderName.Calendar)],
      10,
      null as unknown as string,
      EventType.Created,
    );
    const streaming = await service.SubscribeToStreamingNotifications(
      [new FolderId(WellKnownFolderName.Calendar)],
      EventType.Created,
    );
    const connection = new StreamingSubscriptionConnection(service, 1);
    connection.AddSubscription(streaming);
    const seen = new Promise<string>((resolve) => {
      connection.OnNotificationEvent.push((_sender, event) =>
        resolve(EventType[event.Events[0]?.EventType ?? 0] ?? ''),
      );
    });
    void connection.Open();
    await newAppointment('Heard');
    const events = await pull.GetEvents();
    expect(events.ItemEvents.length).toBe(1);
    expect(await seen).toBe('Created');
    connection.Close();
    await pull.Unsubscribe();
  });

  it('asks autodiscover', async () => {
    const autodiscover = new AutodiscoverService(new Uri(exchange.autodiscoverUrl), 'example.test' as never);
    autodiscover.Credentials = new WebCredentials('svc@example.test', PASSWORD);
    const answer = await autodiscover.GetUserSettings('user1@example.test', [
      UserSettingName.ExternalEwsUrl,
      UserSettingName.GroupingInformation,
    ]);
    expect((answer as unknown as { Settings: Map<number, string> }).Settings.get(UserSettingName.ExternalEwsUrl)).toBe(
      exchange.ewsUrl,
    );
  });

  closeAndValidate();
});
