/**
 * The library behind a narrow type: the parts of ews-javascript-api 0.15.3 we use, several of which its own typings leave
 * out. Nothing outside wire/ imports the package. It is loaded at the first request (0.5 s of CPU, 55 MB), so commands
 * that never talk to Exchange do not pay for it.
 */
import { installEscaping } from './escaping.ts';

/** Exact version the facade was written and tested against; anything else is refused (see wire contract tests). */
export const LIBRARY_VERSION = '0.15.3';

export interface XmlWriter {
  WriteStartElement(namespace: number, localName: string): void;
  WriteEndElement(): void;
  WriteAttributeValue(name: string, value: unknown): void;
  WriteElementValue(namespace: number, localName: string, value: unknown): void;
  WriteValue(value: string, name: string | null): void;
}

/** Anything the library asks to write itself. */
export interface Writable {
  WriteToXml(writer: XmlWriter, ...rest: unknown[]): void;
}

export interface LibraryService {
  Url: unknown;
  Credentials: unknown;
  ImpersonatedUserId: unknown;
  timeZoneDefinition: Writable;
}

interface WritableList {
  Add(id: unknown): void;
}

export interface LibraryRequest {
  Validate(): void;
  BuildXHR(): { data: string };
  WriteAttributesToXml(writer: XmlWriter): void;
  PropertySet: unknown;
  ItemIds: WritableList;
  FolderIds: WritableList;
  ParentFolderIds: WritableList;
  ParentFolderId: unknown;
  SyncFolderId: unknown;
  SyncState: string | null;
  MaxChangesReturned: number;
  View: unknown;
  SearchFilter: unknown;
  Items: unknown[];
  MessageDisposition: number;
  SendInvitationsMode: number;
  SendInvitationsOrCancellationsMode: number;
  SendCancellationsMode: number;
  ConflictResolutionMode: number;
  DeleteMode: number;
  EventTypes: number[];
  SubscriptionId: string;
  NameToResolve: string;
  SearchLocation: number;
  Ids: readonly string[];
  Attendees: unknown[];
  TimeWindow: unknown;
  Options: unknown;
  RequestedData: number;
  Mailbox: unknown;
  IncludePermissions: boolean;
}

type Enumeration<Names extends string> = Readonly<Record<Names, number>>;
type RequestClass = new (service: LibraryService, ...rest: never[]) => LibraryRequest;
type ReturningErrors = new (service: LibraryService, errorHandling: number) => LibraryRequest;

export interface Library {
  readonly ExchangeService: new (version: number, zone: unknown) => LibraryService;
  readonly ExchangeVersion: Enumeration<'Exchange2016'>;
  readonly TimeZoneInfo: { readonly Utc: unknown };
  readonly Uri: new (url: string) => unknown;
  readonly WebCredentials: new (user: string, password: string) => unknown;
  readonly ImpersonatedUserId: new (type: number, id: string) => unknown;
  readonly ConnectingIdType: Enumeration<'SmtpAddress' | 'PrincipalName'>;
  readonly XmlNamespace: Enumeration<'Messages' | 'Types'>;
  readonly ServiceErrorHandling: Enumeration<'ReturnErrors'>;
  readonly BasePropertySet: Enumeration<'IdOnly'>;
  readonly PropertySet: new (base: number, properties: readonly Writable[]) => { RequestedBodyType: number };
  readonly BodyType: Enumeration<'HTML' | 'Text'>;
  readonly ItemId: new (id: string) => { ChangeKey: string };
  readonly FolderId: new (id: string | number, mailbox?: unknown) => unknown;
  readonly Mailbox: new (address: string) => unknown;
  readonly WellKnownFolderName: Enumeration<'Calendar'>;
  readonly ItemView: new (pageSize: number) => { PropertySet: unknown };
  readonly CalendarView: new (start: unknown, end: unknown, max?: number) => { PropertySet: unknown };
  readonly DateTime: new (iso: string) => unknown;
  readonly MessageDisposition: Enumeration<'SaveOnly' | 'SendAndSaveCopy'>;
  readonly SendInvitationsMode: Enumeration<'SendToNone' | 'SendToAllAndSaveCopy'>;
  readonly SendInvitationsOrCancellationsMode: Enumeration<
    'SendToNone' | 'SendToAllAndSaveCopy' | 'SendToChangedAndSaveCopy'
  >;
  readonly SendCancellationsMode: Enumeration<'SendToNone' | 'SendToAllAndSaveCopy'>;
  readonly ConflictResolutionMode: Enumeration<'AutoResolve' | 'AlwaysOverwrite' | 'NeverOverwrite'>;
  readonly DeleteMode: Enumeration<'MoveToDeletedItems'>;
  readonly EventType: Enumeration<
    'NewMail' | 'Created' | 'Deleted' | 'Modified' | 'Moved' | 'Copied' | 'FreeBusyChanged'
  >;
  readonly ResolveNameSearchLocation: Enumeration<'DirectoryOnly'>;
  readonly AttendeeInfo: new (address: string) => unknown;
  readonly TimeWindow: new (start: unknown, end: unknown) => unknown;
  readonly AvailabilityOptions: new () => unknown;
  readonly AvailabilityData: Enumeration<'FreeBusy'>;
  readonly UserSettingName: Enumeration<
    'InternalEwsUrl' | 'ExternalEwsUrl' | 'GroupingInformation' | 'UserDisplayName' | 'AutoDiscoverSMTPAddress'
  >;
  readonly AutodiscoverService: new (...parts: never[]) => { Url: unknown; Credentials: unknown };
  readonly EwsServiceXmlWriter: new (service: unknown) => XmlWriter & { GetXML(): string };
  readonly GetItemRequest: ReturningErrors;
  readonly GetFolderRequest: ReturningErrors;
  readonly FindItemRequest: ReturningErrors;
  readonly CreateItemRequest: ReturningErrors;
  readonly CreateResponseObjectRequest: ReturningErrors;
  readonly UpdateItemRequest: ReturningErrors;
  readonly DeleteItemRequest: ReturningErrors;
  readonly SyncFolderItemsRequest: RequestClass;
  readonly SubscribeToStreamingNotificationsRequest: RequestClass;
  readonly UnsubscribeRequest: RequestClass;
  readonly ResolveNamesRequest: RequestClass;
  readonly GetServerTimeZonesRequest: RequestClass;
  readonly GetUserAvailabilityRequest: RequestClass;
  readonly GetDelegateRequest: RequestClass;
  readonly GetStreamingEventsRequest: new (
    service: LibraryService,
    handler: unknown,
    ids: readonly string[],
    minutes: number,
  ) => LibraryRequest;
  readonly GetUserSettingsRequest: new (
    service: unknown,
    url: unknown,
  ) => {
    SmtpAddresses: readonly string[];
    Settings: readonly number[];
    Validate(): void;
    WriteSoapRequest(url: unknown, writer: XmlWriter): void;
  };
}

let loading: Promise<Library> | undefined;

/** Loads the library once and makes its writer safe before anybody can use it. */
export function loadLibrary(): Promise<Library> {
  loading ??= import('ews-javascript-api').then((module) => {
    const library = module as unknown as Library;
    installEscaping(library.EwsServiceXmlWriter);
    return library;
  });
  return loading;
}
