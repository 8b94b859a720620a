export type {
  Attendee,
  AttendeeRole,
  CalendarItem,
  ExceptionItem,
  FolderItem,
  FreeBusyStatus,
  ItemBody,
  ItemKind,
  ItemMarker,
  OccurrenceItem,
  Person,
  ResponseStatus,
  Sensitivity,
  SeriesMaster,
  SingleItem,
} from './calendar-item.ts';
export { MARKER } from './calendar-item.ts';
export type {
  Conference,
  ConferenceAccess,
  ConferenceMode,
  ConferenceParticipant,
  ConferenceSchedule,
  ConferenceState,
  TrueConfUser,
} from './conference.ts';
export { CONNECTOR_TAG, TOPIC_MAX_CHARACTERS } from './conference.ts';
export type {
  ChangeKey,
  ConferenceId,
  Cursor,
  FolderId,
  ItemId,
  MailboxAddress,
  MeetingKey,
  TrueConfServerId,
  TrueConfUserId,
} from './ids.ts';
export {
  changeKey,
  conferenceId,
  cursor,
  folderId,
  itemId,
  mailboxAddress,
  meetingKey,
  trueConfServerId,
  trueConfUserId,
} from './ids.ts';
export type {
  DayOfWeekIndex,
  ModifiedOccurrence,
  Month,
  Recurrence,
  RecurrencePattern,
  RecurrenceRange,
  RelativeDay,
} from './recurrence.ts';
export type {
  DayOfWeek,
  Instant,
  Interval,
  LocalDate,
  LocalTime,
  TimeZoneDefinition,
  TimeZoneGroupStart,
  TimeZonePeriod,
  TimeZoneRef,
  TimeZoneTransition,
} from './time.ts';
