/**
 * Version of the channel. The major number is the WebSocket subprotocol; the minor one steps with every change of a schema.
 * `schema-pin.json` holds the hash of the schemas of each version: changing a schema without stepping here fails a test.
 */
export const PROTOCOL_VERSION = '1.1';

/** Value of `Sec-WebSocket-Protocol`. A client that names none gets this one too. */
export const SUBPROTOCOL = 'calendar.v1';

/** The channel's path ends in this. */
export const CHANNEL_PATH_END = 'calendar/';
