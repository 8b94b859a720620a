/** Every bound of the channel by name. The server may lower some of them by configuration, never raise them. */

/** Largest frame a client may send, in bytes of UTF-8. */
export const MAX_MESSAGE_BYTES = 1_048_576;
export const MAX_REQUEST_ID_CHARACTERS = 128;
export const MAX_ID_CHARACTERS = 2048;
export const MAX_TOKEN_CHARACTERS = 4096;
export const MAX_SERVER_CHARACTERS = 260;
export const MAX_IDEMPOTENCY_KEY_CHARACTERS = 128;
/** Exchange keeps no longer subject. */
export const MAX_TITLE_CHARACTERS = 255;
export const MAX_LOCATION_CHARACTERS = 255;
export const MAX_BODY_CHARACTERS = 100_000;
export const MAX_COMMENT_CHARACTERS = 4000;
export const MAX_TIME_ZONE_CHARACTERS = 128;
export const MAX_NAME_CHARACTERS = 256;
export const MAX_EMAIL_CHARACTERS = 320;
export const MAX_ATTENDEES = 1000;
/** Longest span `getEventList` answers in one go: a month view with its margins fits several times. */
export const MAX_LIST_DAYS = 400;
/** Exchange's own bounds of a recurrence. */
export const MAX_INTERVAL = 999;
export const MAX_OCCURRENCES = 999;

/** How often the server pings; proxies were seen to drop a socket silent for 41 s. */
export const PING_INTERVAL_MS = 25_000;
/** How long a new socket may stay without `authorize`. */
export const AUTHORIZE_TIMEOUT_MS = 10_000;
