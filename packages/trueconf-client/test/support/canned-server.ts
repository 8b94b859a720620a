/** A server that answers what a test wrote down, for wires no fake speaks. Closed when the test ends. */

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

export interface Canned {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** a string goes as it is, anything else as JSON */
  readonly body?: unknown;
}

export const TOKEN: Canned = { body: { access_token: 'a'.repeat(40), expires_in: 3600, token_type: 'Bearer' } };

export interface CannedServer {
  readonly url: string;
  readonly seen: readonly Seen[];
}

/** Answers by method and path (`GET /api/v4/server`), the query left out; anything else is a bare 404. */
export async function startCannedServer(
  routes: Readonly<Record<string, Canned | ((seen: Seen) => Canned)>>,
): Promise<CannedServer> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const path = request.url ?? '';
      const json = request.headers['content-type'] === 'application/json';
      const entry: Seen = {
        method: request.method ?? '',
        path,
        headers: request.headers,
        body: text !== '' && json ? JSON.parse(text) : text || undefined,
      };
      seen.push(entry);
      const route = routes[`${entry.method} ${path.split('?', 1)[0]}`] ?? { status: 404 };
      const { status = 200, headers = {}, body } = typeof route === 'function' ? route(entry) : route;
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}
