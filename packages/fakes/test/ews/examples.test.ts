/** The requests of Microsoft's documentation, sent as they are: accepted, or refused with an error Exchange documents. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { closeAndValidate, openExchange, SHARED, toReply } from './support/ews-caller.ts';

const FOLDER = path.join(SHARED, 'ews-examples');
const isThere = existsSync(FOLDER);
if (!isThere) console.warn(`SKIPPED: the documentation's examples are not there (${FOLDER})`);

interface Example {
  readonly kind: string;
  readonly operation: string;
  readonly file: string;
  readonly well_formed: boolean;
  readonly xsd_v2018: boolean | null;
}

const examples: readonly Example[] = isThere
  ? readFileSync(path.join(FOLDER, 'index.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Example)
  : [];
const requests = examples.filter(({ kind }) => kind === 'request');
const valid = requests.filter(({ xsd_v2018 }) => xsd_v2018 === true);

/** 049 is XML; only one of its name spaces has a line break in it, which is no URI. */
const isBrokenXml = ({ well_formed, file }: Example): boolean => !well_formed && !file.startsWith('049');

/** What the documents' invented ids, people and subscriptions must be answered with. */
const DOCUMENTED = new Set([
  'NoError',
  'ErrorInvalidIdMalformed',
  'ErrorInvalidIdEmpty',
  'ErrorItemNotFound',
  'ErrorFolderNotFound',
  'ErrorNoPublicFolderReplicaAvailable',
  'ErrorNonExistentMailbox',
  'ErrorNameResolutionNoResults',
  'ErrorInvalidAttachmentId',
  'ErrorSubscriptionNotFound',
  'ErrorInvalidSubscription',
  'ErrorInvalidSyncStateData',
  'ErrorInvalidSmtpAddress',
  'ErrorMailRecipientNotFound',
  'ErrorAccessDenied',
  'ErrorNotDelegate',
  'ErrorDelegateNoUser',
  'ErrorInvalidWatermark',
  'ErrorCannotEmptyFolder',
  'ErrorInvalidServerVersion',
  'ErrorInvalidOperation',
  'ErrorTimeZone',
  'ErrorInvalidChangeKey',
  'ErrorNonPrimarySmtpAddress',
  'ErrorImpersonateUserDenied',
  'ErrorInvalidRequest',
  'ErrorMessageDispositionRequired',
]);

describe.skipIf(!isThere)('the examples of the documentation', async () => {
  const { exchange, call, world } = await openExchange();
  world.addDistributionList('staff@example.test', 'Staff', ['user1@example.test']);

  it('number what their index says', () => {
    expect(requests.length).toBe(221);
    expect(valid.length).toBe(177);
  });

  it.each(valid.filter(({ operation }) => operation !== 'GetStreamingEvents'))(
    '$file is accepted or answered with a documented error',
    async ({ file }) => {
      const body = readFileSync(path.join(FOLDER, file), 'utf8');
      const reply = await call(body.replace(/<\?xml[^>]*\?>\s*/, ''), { raw: true, login: 'user1@example.test' });
      const codes = reply.codes;
      expect(codes.length).toBeGreaterThan(0);
      for (const code of codes) expect(DOCUMENTED, code).toContain(code);
      expect(codes).not.toContain('ErrorSchemaValidation');
    },
  );

  it.each(requests.filter(isBrokenXml))('$file, which is no XML, is refused with a position', async ({ file }) => {
    const reply = await call(readFileSync(path.join(FOLDER, file), 'utf8'), { raw: true, login: 'user1@example.test' });
    expect(reply.status).toBe(500);
    expect(reply.codes).toEqual(['ErrorSchemaValidation']);
    expect(Number(reply.first('LineNumber'))).toBeGreaterThan(0);
  });

  it('a stream asked for with an invented subscription id says which one is bad and closes', async () => {
    const example = valid.find(({ operation, file }) => operation === 'GetStreamingEvents' && file.startsWith('159'));
    const response = await fetch(exchange.ewsUrl, {
      method: 'POST',
      headers: {
        'content-type': 'text/xml',
        authorization: `Basic ${Buffer.from('user1@example.test:Passw0rd!').toString('base64')}`,
      },
      body: readFileSync(path.join(FOLDER, example?.file ?? ''), 'utf8').replace(/<\?xml[^>]*\?>\s*/, ''),
    });
    const reply = toReply(response.status, await response.text());
    expect(['ErrorSubscriptionNotFound', 'ErrorInvalidSubscription']).toContain(reply.codes[0]);
    expect(reply.first('ConnectionStatus')).toBe('Closed');
  });

  closeAndValidate();
});
