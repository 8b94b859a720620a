/**
 * The scanner gives the same result however the bytes are cut, and refuses what is not an answer.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeBytes } from '../src/decoder/decode.ts';
import { RESPONSE, ResponseState } from '../src/decoder/response-grammar.ts';
import { XmlScanner } from '../src/decoder/scanner.ts';
import { XmlError } from '../src/decoder/xml-error.ts';
import { StreamDecoder, type StreamEnvelope } from '../src/streaming/stream-decoder.ts';
import { answer, gotItem } from './support/soap-server.ts';

const FIXTURES = resolve(import.meta.dirname, 'fixtures');
const DOCUMENTS = readdirSync(FIXTURES).filter((name) => name !== 'stream.xml');

function decodeIn(pieces: readonly Uint8Array[]): ResponseState {
  const state = new ResponseState();
  const scanner = new XmlScanner(RESPONSE, state);
  for (const piece of pieces) scanner.push(piece);
  scanner.end();
  return state;
}

function streamIn(pieces: readonly Uint8Array[]): readonly StreamEnvelope[] {
  const envelopes: StreamEnvelope[] = [];
  const decoder = new StreamDecoder((envelope) => envelopes.push(envelope));
  for (const piece of pieces) decoder.push(piece);
  decoder.end();
  return envelopes;
}

/** What a reader would see of an answer, comparable. */
function view(state: ResponseState): string {
  return JSON.stringify([state.server, state.fault, state.operation, state.messages, state.trees]);
}

function pieces(bytes: Buffer, size: number): Buffer[] {
  const out: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) out.push(bytes.subarray(at, at + size));
  return out;
}

describe('an answer cut into chunks', { timeout: 120_000 }, () => {
  it.each(DOCUMENTS)('%s reads the same for every cut into two', (name) => {
    const bytes = readFileSync(resolve(FIXTURES, name));
    const whole = view(decodeBytes(bytes));
    // Large fixtures repeat themselves: some 700 cuts in the suite, every byte with EVERY_CUT=1.
    const step = process.env['EVERY_CUT'] === '1' ? 1 : Math.ceil(bytes.length / 700);
    for (let cut = 1; cut < bytes.length; cut += step) {
      if (view(decodeIn([bytes.subarray(0, cut), bytes.subarray(cut)])) !== whole) expect.fail(`cut at byte ${cut}`);
    }
    expect(whole).toContain('Response');
  });

  it.each(DOCUMENTS)('%s reads the same byte by byte and in odd sizes', (name) => {
    const bytes = readFileSync(resolve(FIXTURES, name));
    const whole = view(decodeBytes(bytes));
    for (const size of [1, 2, 3, 5, 7, 64, 1021]) expect(view(decodeIn(pieces(bytes, size)))).toBe(whole);
  });

  it('keeps a CRLF, a reference, a character and an end of CDATA that lie across the cut', () => {
    const text = 'a\r\nb&#x43f;é😀<![CDATA[x]]]]><![CDATA[>\r\n]]>&amp;';
    const bytes = Buffer.from(String(answer('GetItem', gotItem('A', { Subject: text })).body));
    for (let cut = 1; cut < bytes.length; cut++) {
      const state = decodeIn([bytes.subarray(0, cut), bytes.subarray(cut)]);
      if (state.messages[0]?.items[0]?.subject !== 'a\nbпé😀x]]>\n&') expect.fail(`cut at byte ${cut}`);
    }
  });

  it('reads huge text in many chunks without slowing down with its length', () => {
    const text = '&lt;p&gt;é&lt;/p&gt;'.repeat(50_000);
    const bytes = Buffer.from(String(answer('GetItem', gotItem('A', { Body: text })).body));
    const state = decodeIn(pieces(bytes, 1_000));
    expect(state.messages[0]?.items[0]?.body).toBe('<p>é</p>'.repeat(50_000));
  });
});

describe('a notification stream cut into chunks', { timeout: 30_000 }, () => {
  const bytes = readFileSync(resolve(FIXTURES, 'stream.xml'));
  const whole = JSON.stringify(streamIn([bytes]));

  it('gives six envelopes that stand in one chunk, in order', () => {
    const envelopes = streamIn([bytes]);
    expect(envelopes.map(({ messages }) => messages[0]?.code)).toEqual([
      'NoError',
      'NoError',
      'NoError',
      'NoError',
      'ErrorInvalidSubscription',
      'NoError',
    ]);
    expect(envelopes[1]?.messages[0]?.notifications).toEqual([
      {
        subscriptionId: 'c3ViMQ==',
        events: [
          { type: 'ModifiedEvent', itemId: 'AAMkItem=', folderId: '', oldItemId: '' },
          { type: 'FreeBusyChangedEvent', itemId: 'AAMkItem=', folderId: '', oldItemId: '' },
          { type: 'ModifiedEvent', itemId: '', folderId: 'AAMkFolder=', oldItemId: '' },
        ],
      },
    ]);
    expect(envelopes[4]?.messages[0]).toMatchObject({
      text: 'Подписка не найдена: "é"',
      errorSubscriptionIds: ['c3ViNA=='],
    });
    expect(envelopes[5]?.messages[0]?.connectionStatus).toBe('Closed');
  });

  it('gives the same envelopes for every cut into two and for single bytes', () => {
    for (let cut = 1; cut < bytes.length; cut++) {
      if (JSON.stringify(streamIn([bytes.subarray(0, cut), bytes.subarray(cut)])) !== whole)
        expect.fail(`cut at ${cut}`);
    }
    expect(JSON.stringify(streamIn(pieces(bytes, 1)))).toBe(whole);
  });

  it('gives an envelope as soon as its last byte is there', () => {
    const end = bytes.indexOf('</Envelope>') + '</Envelope>'.length;
    const seen: StreamEnvelope[] = [];
    const decoder = new StreamDecoder((envelope) => seen.push(envelope));
    decoder.push(bytes.subarray(0, end - 1));
    expect(seen).toHaveLength(0);
    decoder.push(bytes.subarray(end - 1, end));
    expect(seen).toHaveLength(1);
  });

  it('gives fifty events of one envelope', () => {
    const event = '<t:ModifiedEvent><t:ItemId Id="A" ChangeKey="B"/></t:ModifiedEvent>';
    const text = bytes.toString('utf8').replace(/<t:ModifiedEvent>.*?<\/t:FreeBusyChangedEvent>/, event.repeat(50));
    expect(streamIn([Buffer.from(text)])[1]?.messages[0]?.notifications[0]?.events).toHaveLength(51);
  });

  it('says so when the stream ends inside an envelope', () => {
    expect(() => streamIn([bytes.subarray(0, bytes.length - 3)])).toThrow(XmlError);
  });
});

describe('what is no answer', () => {
  const good = String(answer('GetItem', gotItem('A', { Subject: 'x' })).body);
  const problemOf = (text: string | Buffer): string => {
    try {
      decodeBytes(Buffer.from(text));
    } catch (error) {
      if (error instanceof XmlError) return error.problem;
      throw error;
    }
    return 'none';
  };

  const REFUSED: readonly (readonly [string, string | Buffer, string])[] = [
    ['a truncated document', good.slice(0, -1), 'truncated'],
    ['nothing', '', 'truncated'],
    ['an HTML page', '<html><body>Sign in</body></html>', 'unexpectedRoot'],
    ['plain text', 'Service unavailable', 'malformed'],
    ['a DTD', good.replace('<s:Envelope', '<!DOCTYPE x [<!ENTITY a "b">]><s:Envelope'), 'doctype'],
    ['an undeclared entity', good.replace('>x<', '>&nbsp;<'), 'malformed'],
    ['crossed tags', good.replace('</t:Subject>', '</t:subject>'), 'malformed'],
    ['an undeclared prefix', good.replaceAll('t:Subject', 'q:Subject'), 'namespace'],
    ['an attribute twice', good.replace('ChangeKey="ck-A"', 'ChangeKey="a" ChangeKey="b"'), 'malformed'],
    ['an attribute without quotes', good.replace('ChangeKey="ck-A"', 'ChangeKey=a'), 'malformed'],
    ['a second root', `${good}<a/>`, 'malformed'],
    ['text after the envelope', `${good}tail`, 'malformed'],
    ['another encoding', good.replace('utf-8', 'windows-1251'), 'encoding'],
    [
      'broken UTF-8',
      Buffer.concat([Buffer.from(good.slice(0, 900)), Buffer.from([0xc3, 0x28]), Buffer.from(good.slice(900))]),
      'encoding',
    ],
    ['an element inside a subject', good.replace('>x<', '>x<b/><'), 'unexpectedElement'],
    ['a thousand nested elements', good.replace('>x<', `>${'<t:a>'.repeat(1_000)}<`), 'unexpectedElement'],
    ['deep nesting', good.replace('<t:Subject>', `${'<t:a>'.repeat(1_000)}<t:Subject>`), 'depthLimit'],
    ['an endless tag', good.replace(/<t:Subject>.*/, `<t:Subject a="${'a'.repeat(100_000)}`), 'tagLimit'],
    ['an endless name', good.replace('<t:Subject>', `<${'a'.repeat(2_000)}>`), 'tagLimit'],
    [
      'another vocabulary for the envelope',
      good.replace('http://schemas.xmlsoap.org/soap/envelope/', 'urn:other'),
      'unexpectedRoot',
    ],
  ];
  it.each(REFUSED.map(([name, text, problem]) => ({ name, text, problem })))(
    '$name is refused as $problem',
    ({ text, problem }) => {
      expect(problemOf(text)).toBe(problem);
    },
  );

  it('refuses answers and texts beyond their limits (failure mode 18: memory growth)', () => {
    const limits = { maxBytes: 10_000, maxDepth: 96, maxTextBytes: 1_000 };
    const long = Buffer.from(good.replace('>x<', `>${'y'.repeat(1_001)}<`));
    expect(() => decodeBytes(long, limits)).toThrow(expect.objectContaining({ problem: 'textLimit' }));
    expect(() => decodeBytes(Buffer.concat([long, Buffer.alloc(10_000, 0x20)]), limits)).toThrow(
      expect.objectContaining({ problem: 'sizeLimit' }),
    );
  });

  it('drops characters XML forbids instead of failing (failure mode 12: illegal control characters)', () => {
    const text = good.replace('>x<', '>a\u0001b&#x1f;c&#0;d\uFEFF<');
    expect(decodeBytes(Buffer.from(text)).messages[0]?.items[0]?.subject).toBe('abcd\uFEFF');
  });

  it('joins a surrogate pair written as two references and drops a lone half', () => {
    const text = good.replace('>x<', '>&#xD83D;&#xDE00;&#xD83D;!<');
    expect(decodeBytes(Buffer.from(text)).messages[0]?.items[0]?.subject).toBe('😀!');
  });

  it('reads elements by namespace and not by prefix, and skips foreign ones', () => {
    const foreign = good.replace('<t:Subject>', '<x:Subject xmlns:x="urn:other">wrong</x:Subject><t:Subject>');
    expect(decodeBytes(Buffer.from(foreign)).messages[0]?.items[0]?.subject).toBe('x');
    const rebound = good.replace(
      '<t:Subject>x</t:Subject>',
      '<Subject xmlns="http://schemas.microsoft.com/exchange/services/2006/types">y</Subject>',
    );
    expect(decodeBytes(Buffer.from(rebound)).messages[0]?.items[0]?.subject).toBe('y');
  });
});
