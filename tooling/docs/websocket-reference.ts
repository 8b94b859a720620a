/** docs/reference/websocket.md, from the schemas and limits of client-protocol. */
import {
  AUTHORIZE_TIMEOUT_MS,
  CHANNEL_PATH_END,
  CLOSE_CODES,
  ERROR_CODES,
  type JsonSchema,
  MAX_MESSAGE_BYTES,
  METHODS,
  PING_INTERVAL_MS,
  PROTOCOL_VERSION,
  type PushMethod,
  protocolSchemas,
  SUBPROTOCOL,
} from '@calendar-connector/client-protocol';
import { checkExamples, METHOD_TEXTS, PUSH_TEXTS } from './channel-messages.ts';
import { fieldRows } from './json-schema-text.ts';

/** The page, Markdown. */
export function websocketReference(): string {
  checkExamples();
  const { requests, answers, pushes, error } = protocolSchemas();
  const methods = METHODS.flatMap((method) => {
    const { about, request, answer } = METHOD_TEXTS[method];
    return [
      `### ${method}`,
      '',
      about,
      '',
      ...json({ method, ...request }),
      ...fields('Asks', requests[method]),
      ...json({ method, ...answer }),
      ...fields('Answers', answers[method]),
    ];
  });
  const pushed = (Object.keys(PUSH_TEXTS) as PushMethod[]).flatMap((method) => {
    const { about, example } = PUSH_TEXTS[method];
    return [`### ${method}`, '', about, '', ...json({ method, ...example }), ...fields('Holds', pushes[method])];
  });
  const page = [...head(), '## Requests', '', ...methods, '## Pushes', '', ...pushed, ...errors(error)];
  return `${page.join('\n').trimEnd()}\n`;
}

function head(): string[] {
  return [
    '# The client channel',
    '',
    `Generated from the schemas of \`@calendar-connector/client-protocol\`, version ${PROTOCOL_VERSION}; do not edit by hand. States and invariants: \`packages/client-protocol/SPEC.md\`. For tools: \`asyncapi.json\`.`,
    '',
    `- A WebSocket on \`wsPort\` whose path ends in \`${CHANNEL_PATH_END}\`; subprotocol \`${SUBPROTOCOL}\`, also when a client names none.`,
    '- JSON text frames, flat: `method` beside the fields. A `requestId` (text up to 128 characters or whole number) is echoed in the answer.',
    '- Times are RFC 3339 with an offset; all-day events carry dates. The end never belongs to the event.',
    '- Requests with unknown fields are refused. In answers and pushes ignore what you do not know: a later minor version may add to them.',
    `- The server pings every ${PING_INTERVAL_MS / 1000} s. A socket that is not authorised within ${AUTHORIZE_TIMEOUT_MS / 1000} s is closed. A frame may have ${MAX_MESSAGE_BYTES} bytes at most, or fewer by \`limits.messageBytes\`.`,
    '- A change carries an `idempotencyKey` (8 to 128 of `A–Z a–z 0–9 _ . : -`), new for each change a person wants and the same when it is repeated: it is done once.',
    '',
  ];
}

function fields(title: string, schema: JsonSchema | undefined): string[] {
  const rows = fieldRows(schema ?? {}).filter(({ name }) => name !== 'method' && name !== 'requestId');
  if (rows.length === 0) return [];
  const lines = rows.map(
    ({ name, type, isRequired }) => `| \`${name}\` | ${type.replaceAll('|', '\\|')} | ${isRequired ? 'yes' : 'no'} |`,
  );
  return [`| ${title} | Type | Required |`, '|---|---|---|', ...lines, ''];
}

function json(value: object): string[] {
  return ['```json', JSON.stringify(value, null, 2), '```', ''];
}

function errors(schema: JsonSchema): string[] {
  const codes = Object.entries(ERROR_CODES).map(
    ([code, { meaning, clientDoes }]) => `| \`${code}\` | ${meaning} | ${clientDoes} |`,
  );
  const closes = Object.entries(CLOSE_CODES).map(([name, code]) => `| ${code} | ${name} |`);
  return [
    '## Errors',
    '',
    ...json({ method: 'getEvent', requestId: 8, error: { code: 'notFound', message: 'There is no such event.' } }),
    ...fields('Holds', schema),
    '| Code | Means | Client |',
    '|---|---|---|',
    ...codes,
    '',
    '| Close code | Name |',
    '|---|---|',
    ...closes,
  ];
}
