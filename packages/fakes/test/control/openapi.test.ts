/** The description of the control API: valid OpenAPI, complete, and true. Source: design/contracts.md §8. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { startControl } from './support/control-client.ts';

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, unknown>>;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

/** What the contract names. */
const PROMISED = [
  'post /mailboxes/{address}/items',
  'get /mailboxes/{address}/items',
  'patch /mailboxes/{address}/items/{id}',
  'delete /mailboxes/{address}/items/{id}',
  'post /mailboxes/{address}/items/{id}/respond',
  'post /mailboxes/{address}/items/{id}/cancel',
  'post /faults',
  'delete /faults',
  'get /journal',
  'get /counters',
  'get /clock',
  'put /clock',
  'get /conferences',
  'post /trueconf/users/{id}/token',
  'post /registration/licences/{id}/revoke',
];

describe('the OpenAPI description', () => {
  it('is valid OpenAPI 3.1', async () => {
    const { call } = await startControl();
    const { body } = await call('GET', '/openapi.json');
    const validator = new Validator();
    const { valid, errors } = await validator.validate(body);
    expect(errors ?? []).toEqual([]);
    expect([valid, validator.version]).toEqual([true, '3.1']);
  });

  it('names every promised route, each operation once, each path parameter', async () => {
    const { call } = await startControl();
    const { paths } = (await call('GET', '/openapi.json')).body as { paths: Record<string, Record<string, Operation>> };
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        path: path.replace('/control/v1', ''),
        method,
        operation,
      })),
    );
    const routes = operations.map(({ method, path }) => `${method} ${path}`);
    expect(routes).toEqual(expect.arrayContaining(PROMISED));
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const described = (operation.parameters ?? [])
        .filter(({ in: place }) => place === 'path')
        .map(({ name }) => name);
      expect(described, operation.operationId).toEqual(named);
      expect(Object.keys(operation.responses), operation.operationId).toContain('default');
    }
  });

  it('leads to routes that exist: none answers 404 as unknown', async () => {
    const { call } = await startControl();
    const { paths } = (await call('GET', '/openapi.json')).body as { paths: Record<string, Record<string, Operation>> };
    for (const [path, methods] of Object.entries(paths)) {
      for (const method of Object.keys(methods)) {
        const concrete = path.replace('/control/v1', '').replaceAll(/\{\w+\}/g, 'x');
        const answer = await call(method.toUpperCase(), concrete, method === 'get' ? undefined : { nonsense: true });
        expect(answer.body?.error?.code ?? '', `${method} ${concrete}`).not.toBe('noSuchRoute');
        expect(answer.status, `${method} ${concrete}`).not.toBe(500);
      }
    }
    expect((await call('GET', '/nothing')).body.error.code).toBe('noSuchRoute');
  });
});
