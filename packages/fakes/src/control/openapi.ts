/** The OpenAPI 3.1 description of the control API, made from the same zod schemas that check its requests. */
import { z } from 'zod';
import type { ControlRoute } from './control-route.ts';

const BASE = '/control/v1';

type Json = Record<string, unknown>;

const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Describes the routes. `title` and `version` go into `info`. */
export function openApiOf(routes: readonly ControlRoute[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = `${BASE}${route.path}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  const tags = [...new Set(routes.map((route) => route.tag))].map((name) => ({ name }));
  return {
    openapi: '3.1.0',
    info: {
      title: 'Control API of the fake Exchange, TrueConf Server and registration server',
      version,
      description: 'Lets tests and people do what Outlook users, administrators and bad networks do.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags,
    paths,
    components: { schemas: { Error: schemaOf(errorSchema, 'output') } },
  };
}

function operationOf(route: ControlRoute): Json {
  const parameters = [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')];
  const body = route.body && {
    required: route.bodyIsOptional !== true,
    content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
  };
  const answer = route.answer
    ? { description: 'Done.', content: { 'application/json': { schema: schemaOf(route.answer, 'output') } } }
    : { description: 'Done, nothing to say.' };
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body ? { requestBody: body } : {}),
    responses: {
      [String(route.status)]: answer,
      default: {
        description: 'Refused: `error.code` says why.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property;
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
  });
  return json;
}
