/**
 * A small NTLMv2 client of the tests' own, written from MS-NLMP: proof, MIC, key exchange left out, channel binding. It shares
 * nothing with the server but the names of the hash functions; MD4 is checked against RFC 1320 in its own test.
 */
import { createHash, createHmac, randomBytes, X509Certificate } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { md4 } from '../../../src/ews/auth/md4.ts';

export interface NtlmOptions {
  readonly user: string;
  readonly domain?: string;
  readonly password: string;
  readonly binding?: 'none' | 'right' | 'wrong';
  readonly mic?: 'none' | 'right' | 'wrong';
  readonly ca?: string;
}

const hmac = (key: Buffer, data: Buffer): Buffer => createHmac('md5', key).update(data).digest();

/** One kept connection that does the handshake once and then calls. */
export class NtlmConnection {
  readonly #url: URL;
  readonly #options: NtlmOptions;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(url: string, options: NtlmOptions) {
    this.#url = new URL(url);
    this.#options = options;
    const settings = { keepAlive: true, maxSockets: 1 };
    this.#agent =
      this.#url.protocol === 'https:'
        ? new HttpsAgent({ ...settings, ca: options.ca, rejectUnauthorized: options.ca !== undefined })
        : new HttpAgent(settings);
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Status of the last answer of a handshake followed by the call. */
  async call(body: string): Promise<{ readonly status: number; readonly text: string }> {
    const negotiate = negotiateMessage();
    const first = await this.#send(body, `NTLM ${negotiate.toString('base64')}`);
    const header = first.headers.find((value) => value.startsWith('NTLM ')) ?? '';
    const challenge = Buffer.from(header.slice(5), 'base64');
    const authenticate = this.#authenticate(negotiate, challenge, first.certificate);
    return this.#send(body, `NTLM ${authenticate.toString('base64')}`);
  }

  /** Another call on the same connection, without credentials. */
  again(body: string): Promise<{ readonly status: number; readonly text: string }> {
    return this.#send(body, undefined);
  }

  #authenticate(negotiate: Buffer, challenge: Buffer, certificate: Buffer | undefined): Buffer {
    const { user, domain = '', password, binding = 'none', mic = 'none' } = this.#options;
    const key = hmac(md4(Buffer.from(password, 'utf16le')), Buffer.from(user.toUpperCase() + domain, 'utf16le'));
    const infoLength = challenge.readUInt16LE(40);
    const infoOffset = challenge.readUInt32LE(44);
    const extra: Buffer[] = [];
    if (mic !== 'none') extra.push(pair(6, Buffer.from([2, 0, 0, 0])));
    if (binding !== 'none')
      extra.push(pair(10, binding === 'right' && certificate !== undefined ? token(certificate) : randomBytes(16)));
    const info = Buffer.concat([
      challenge.subarray(infoOffset, infoOffset + infoLength - 4),
      ...extra,
      pair(0, Buffer.alloc(0)),
      Buffer.alloc(4),
    ]);
    const time = Buffer.alloc(8);
    time.writeBigUInt64LE(116444736000000000n + BigInt(Date.now()) * 10000n);
    const temp = Buffer.concat([Buffer.from('0101000000000000', 'hex'), time, randomBytes(8), Buffer.alloc(4), info]);
    const proof = hmac(key, Buffer.concat([challenge.subarray(24, 32), temp]));
    const message = assemble(Buffer.concat([proof, temp]), domain, user);
    if (mic === 'none') return message;
    const code = hmac(hmac(key, proof), Buffer.concat([negotiate, challenge, message]));
    if (mic === 'wrong') code[0] = (code[0] ?? 0) ^ 1;
    code.copy(message, 72);
    return message;
  }

  #send(
    body: string,
    authorization: string | undefined,
  ): Promise<{
    readonly status: number;
    readonly text: string;
    readonly headers: readonly string[];
    readonly certificate: Buffer | undefined;
  }> {
    const send = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const outgoing = send(
        this.#url,
        {
          method: 'POST',
          agent: this.#agent,
          headers: {
            'content-type': 'text/xml',
            'content-length': Buffer.byteLength(body),
            ...(authorization === undefined ? {} : { authorization }),
          },
        },
        (response: IncomingMessage) => {
          const chunks: Buffer[] = [];
          const certificate =
            'getPeerX509Certificate' in response.socket
              ? (response.socket as TLSSocket).getPeerX509Certificate()?.raw
              : undefined;
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const headers =
              response.headers['www-authenticate'] === undefined
                ? []
                : response.rawHeaders.filter(
                    (_, index) => response.rawHeaders[index - 1]?.toLowerCase() === 'www-authenticate',
                  );
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString(), headers, certificate });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

function pair(id: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
}

function token(certificate: Buffer): Buffer {
  void new X509Certificate(certificate);
  const data = Buffer.concat([Buffer.from('tls-server-end-point:'), createHash('sha256').update(certificate).digest()]);
  const head = Buffer.alloc(20);
  head.writeUInt32LE(data.length, 16);
  return createHash('md5').update(head).update(data).digest();
}

function negotiateMessage(): Buffer {
  const message = Buffer.alloc(40);
  message.write('NTLMSSP\0', 'latin1');
  message.writeUInt32LE(1, 8);
  message.writeUInt32LE(0x02088207, 12);
  return message;
}

function assemble(ntResponse: Buffer, domain: string, user: string): Buffer {
  const parts = [
    Buffer.alloc(24),
    ntResponse,
    Buffer.from(domain, 'utf16le'),
    Buffer.from(user, 'utf16le'),
    Buffer.alloc(0),
    Buffer.alloc(0),
  ];
  const head = Buffer.alloc(88);
  head.write('NTLMSSP\0', 'latin1');
  head.writeUInt32LE(3, 8);
  let offset = head.length;
  parts.forEach((part, index) => {
    head.writeUInt16LE(part.length, 12 + index * 8);
    head.writeUInt16LE(part.length, 14 + index * 8);
    head.writeUInt32LE(offset, 16 + index * 8);
    offset += part.length;
  });
  head.writeUInt32LE(0x02088205, 60);
  return Buffer.concat([head, ...parts]);
}
