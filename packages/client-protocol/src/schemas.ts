/** All messages as JSON Schema: for the generated reference, the AsyncAPI document and the hash that pins a version. */
import * as z from 'zod';
import { answers, errorAnswer, pushes } from './answers.ts';
import { requests } from './requests.ts';

export type JsonSchema = { readonly [key: string]: unknown };

export interface ProtocolSchemas {
  readonly requests: Readonly<Record<string, JsonSchema>>;
  readonly answers: Readonly<Record<string, JsonSchema>>;
  readonly pushes: Readonly<Record<string, JsonSchema>>;
  readonly error: JsonSchema;
}

/** Requests as clients write them, everything else as clients read it. */
export function protocolSchemas(): ProtocolSchemas {
  return {
    requests: all(requests, 'input'),
    answers: all(answers, 'output'),
    pushes: all(pushes, 'output'),
    error: jsonSchema(errorAnswer, 'output'),
  };
}

function all(schemas: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output'): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, jsonSchema(schema, io)]));
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12', reused: 'inline' });
  return rest;
}
