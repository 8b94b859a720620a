/** The client channel as an AsyncAPI 3.0 document, from the schemas of client-protocol. The connector is the application described. */
import { type JsonSchema, PROTOCOL_VERSION, protocolSchemas, SUBPROTOCOL } from '@calendar-connector/client-protocol';
import { checkExamples, METHOD_TEXTS, PUSH_TEXTS } from './channel-messages.ts';

interface MessageObject {
  readonly name: string;
  readonly summary: string;
  readonly payload: JsonSchema;
  readonly examples?: readonly { readonly payload: object }[];
}

const CHANNEL = '#/channels/calendar';

/** The whole document, as plain data. */
export function asyncApiDocument(): object {
  checkExamples();
  const messages = allMessages();
  const references = Object.fromEntries(
    Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
  );
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'TrueConf Calendar Connector: client channel',
      version: `${PROTOCOL_VERSION}.0`,
      description: `JSON text frames over WebSocket, subprotocol ${SUBPROTOCOL}. States and invariants: packages/client-protocol/SPEC.md.`,
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      connector: {
        host: 'localhost:4315',
        protocol: 'ws',
        pathname: '/',
        description: 'wsPort of config.json; put a web proxy with TLS before it',
      },
    },
    channels: {
      calendar: {
        address: '/calendar/',
        messages: references,
        bindings: {
          ws: {
            method: 'GET',
            headers: { type: 'object', properties: { 'Sec-WebSocket-Protocol': { const: SUBPROTOCOL } } },
          },
        },
      },
    },
    operations: { ...requestOperations(), ...pushOperations() },
    components: { messages },
  };
}

function allMessages(): Record<string, MessageObject> {
  const { requests, answers, pushes, error } = protocolSchemas();
  const messages: Record<string, MessageObject> = {};
  for (const [method, { about, request, answer }] of Object.entries(METHOD_TEXTS)) {
    messages[`${method}Request`] = message(`${method}Request`, about, requests[method], { method, ...request });
    messages[`${method}Answer`] = message(`${method}Answer`, `Answer to ${method}.`, answers[method], {
      method,
      ...answer,
    });
  }
  for (const [method, { about, example }] of Object.entries(PUSH_TEXTS)) {
    messages[method] = message(method, about, pushes[method], { method, ...example });
  }
  return { ...messages, error: { name: 'error', summary: 'A request was refused.', payload: error } };
}

function message(name: string, summary: string, payload: JsonSchema | undefined, example: object): MessageObject {
  return { name, summary, payload: payload ?? {}, examples: [{ payload: example }] };
}

function requestOperations(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(METHOD_TEXTS).map(([method, { about }]) => [
      method,
      {
        action: 'receive',
        channel: { $ref: CHANNEL },
        summary: about,
        messages: [{ $ref: `${CHANNEL}/messages/${method}Request` }],
        reply: {
          channel: { $ref: CHANNEL },
          messages: [{ $ref: `${CHANNEL}/messages/${method}Answer` }, { $ref: `${CHANNEL}/messages/error` }],
        },
      },
    ]),
  );
}

function pushOperations(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(PUSH_TEXTS).map(([method, { about }]) => [
      method,
      {
        action: 'send',
        channel: { $ref: CHANNEL },
        summary: about,
        messages: [{ $ref: `${CHANNEL}/messages/${method}` }],
      },
    ]),
  );
}
