/** Messages of the calendar channel: schemas, version, codes, encoding, and a small typed client. */
export type { Answer, ErrorAnswer, Push, PushMethod, ServerMessage } from './answers.ts';
export { answers, errorAnswer, pushes } from './answers.ts';
export type { CalendarClient } from './client.ts';
export { createCalendarClient } from './client.ts';
export type { ChannelErrorCode, ClientOptions, ClientState, Credentials, SocketLike } from './client-ports.ts';
export { ChannelError } from './client-ports.ts';
export type { ErrorCode } from './codes.ts';
export { CLOSE_CODES, ERROR_CODES, errorCode } from './codes.ts';
export type { EventChanges, EventChangesInput, EventDraft, EventDraftInput } from './drafts.ts';
export { eventChanges, eventDraft } from './drafts.ts';
export { answerTo, encodePush, encodeRequest, encodeServerMessage, errorTo } from './encode.ts';
export type {
  CalendarEntry,
  ChannelUser,
  EventAttendee,
  EventDetails,
  EventPerson,
  EventSummary,
} from './events.ts';
export { eventDetails, eventSummary } from './events.ts';
export {
  AUTHORIZE_TIMEOUT_MS,
  MAX_ATTENDEES,
  MAX_BODY_CHARACTERS,
  MAX_LIST_DAYS,
  MAX_LOCATION_CHARACTERS,
  MAX_MESSAGE_BYTES,
  MAX_TITLE_CHARACTERS,
  PING_INTERVAL_MS,
} from './limits.ts';
export type { ClientMessage } from './parse-client-message.ts';
export { parseClientMessage } from './parse-client-message.ts';
export type { ReceivedMessage } from './parse-server-message.ts';
export { parseServerMessage } from './parse-server-message.ts';
export { RefusedError } from './refused-error.ts';
export type { ClientRequest, ClientRequestInput, Method } from './requests.ts';
export { isMethod, METHODS, requests } from './requests.ts';
export type { JsonSchema, ProtocolSchemas } from './schemas.ts';
export { protocolSchemas } from './schemas.ts';
export { CHANNEL_PATH_END, PROTOCOL_VERSION, SUBPROTOCOL } from './version.ts';
