/**
 * A small SOAP server on real sockets for tests that need exact control over bytes; the fake Exchange serves the rest.
 */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface SeenRequest {
  readonly operation: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly socket: Socket;
  /** number of the TCP connection, from 1 */
  readonly connection: number;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

type Handler = (request: SeenRequest, response: ServerResponse) => Reply | undefined | Promise<Reply | undefined>;

export interface SoapServer extends AsyncDisposable {
  readonly port: number;
  readonly requests: SeenRequest[];
  connections(): number;
  handler: Handler;
  /** closes every open socket */
  cut(): void;
}

export const BASIC = 'Basic c3ZjOnB3';

/** Starts a server; answers 401 with the challenges until a request carries Basic svc:pw, unless `open`. */
export async function startSoapServer(
  handler: Handler,
  options: {
    readonly tls?: { readonly key: string; readonly cert: string };
    readonly open?: boolean;
    readonly port?: number;
  } = {},
): Promise<SoapServer> {
  const sockets = new Map<Socket, number>();
  const requests: SeenRequest[] = [];
  let connections = 0;
  const listener: RequestListener = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    if (options.open !== true && request.headers.authorization !== BASIC) {
      response.writeHead(401, { 'www-authenticate': ['Negotiate', 'Basic realm="x"'] }).end();
      return;
    }
    const operation = /<\w+:Body><(?:\w+:)?(\w+?)(?:Request|RequestMessage)?[\s>]/.exec(body)?.[1] ?? '';
    const socket = request.socket;
    const seen = {
      operation,
      path: request.url ?? '',
      headers: request.headers,
      body,
      socket,
      connection: sockets.get(socket) ?? 0,
    };
    requests.push(seen);
    const reply = await server.handler(seen, response);
    if (reply === undefined) return;
    const headers = { 'content-type': 'text/xml; charset=utf-8', ...reply.headers };
    response.writeHead(reply.status ?? 200, headers).end(reply.body ?? '');
  };
  const http = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  const onConnection = (socket: Socket) => {
    connections++;
    sockets.set(socket, connections);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  };
  http.on(options.tls === undefined ? 'connection' : 'secureConnection', onConnection);
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, '127.0.0.1', resolve));
  const server: SoapServer = {
    port: (http.address() as AddressInfo).port,
    requests,
    handler,
    connections: () => connections,
    cut: () => {
      for (const socket of sockets.keys()) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      server.cut();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}

const OPEN =
  '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><h:ServerVersionInfo MajorVersion="15" MinorVersion="1" MajorBuildNumber="2507" MinorBuildNumber="6" Version="V2017_07_11" xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types"/></s:Header><s:Body xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">';
const CLOSE = '</s:Body></s:Envelope>';
const NAMESPACES =
  'xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"';

/** A whole envelope around response messages. */
export function answer(operation: string, ...messages: readonly string[]): Reply {
  const inner = `<m:${operation}Response ${NAMESPACES}><m:ResponseMessages>${messages.join('')}</m:ResponseMessages></m:${operation}Response>`;
  return { body: OPEN + inner + CLOSE };
}

export function success(operation: string, content = ''): string {
  return `<m:${operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${content}</m:${operation}ResponseMessage>`;
}

export function failure(operation: string, code: string, extra = '', responseClass = 'Error'): string {
  return `<m:${operation}ResponseMessage ResponseClass="${responseClass}"><m:MessageText>${code} text</m:MessageText><m:ResponseCode>${code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>${extra}</m:${operation}ResponseMessage>`;
}

export function backOff(ms: number): string {
  return `<m:MessageXml><t:Value Name="BackOffMilliseconds">${ms}</t:Value></m:MessageXml>`;
}

/** A SOAP fault as Exchange sends it: HTTP 500, no header. */
export function fault(code: string, text = `${code} text`, backOffMs?: number): Reply {
  const xml =
    backOffMs === undefined
      ? ''
      : `<t:MessageXml xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><t:Value Name="BackOffMilliseconds">${backOffMs}</t:Value></t:MessageXml>`;
  return {
    status: 500,
    body: `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode xmlns:a="http://schemas.microsoft.com/exchange/services/2006/types">a:${code}</faultcode><faultstring xml:lang="en-US">${text}</faultstring><detail><e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">${code}</e:ResponseCode><e:Message xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">${text}</e:Message>${xml}</detail></s:Fault></s:Body></s:Envelope>`,
  };
}

/** A plain single appointment. */
export function item(id: string, fields: Readonly<Record<string, string>> = {}): string {
  const all: Record<string, string> = {
    ItemClass: 'IPM.Appointment',
    Subject: `Subject of ${id}`,
    UID: `uid-${id}`,
    Start: '2026-03-02T09:00:00Z',
    End: '2026-03-02T10:00:00Z',
    IsAllDayEvent: 'false',
    CalendarItemType: 'Single',
    MyResponseType: 'Organizer',
    ...fields,
  };
  const inner = Object.entries(all)
    .map(([name, value]) => `<t:${name}>${value}</t:${name}>`)
    .join('');
  return `<t:CalendarItem><t:ItemId Id="${id}" ChangeKey="ck-${id}"/>${inner}</t:CalendarItem>`;
}

export function gotItem(id: string, fields: Readonly<Record<string, string>> = {}): string {
  return success('GetItem', `<m:Items>${item(id, fields)}</m:Items>`);
}

/** Ids a GetItem request asks for, in order. */
export function askedIds(body: string): readonly string[] {
  return [...body.matchAll(/<t:ItemId Id="([^"]*)"/g)].map((match) => match[1] ?? '');
}
