/**
 * How a route of the control API is declared: zod schemas are at once its validation, its types and its OpenAPI description.
 */
import type { z } from 'zod';

interface ControlCall<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

export interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** below `/control/v1`, parameters in braces */
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly params?: z.ZodObject | undefined;
  readonly query?: z.ZodObject | undefined;
  readonly body?: z.ZodType | undefined;
  /** the body may be left out */
  readonly bodyIsOptional?: boolean | undefined;
  /** absent: 204 */
  readonly answer?: z.ZodType | undefined;
  readonly status: number;
  readonly work: (call: ControlCall<unknown, unknown, unknown>) => unknown;
}

interface TypedRoute<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType> {
  readonly method: ControlRoute['method'];
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly bodyIsOptional?: boolean;
  readonly answer?: A;
  readonly work: (
    call: ControlCall<z.output<P>, z.output<Q>, z.output<B>>,
  ) => A extends z.ZodType ? z.input<A> | Promise<z.input<A>> : void;
}

/** Declares a route; the types of `work` follow from the schemas. */
export function controlRoute<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType>(
  route: TypedRoute<P, Q, B, A>,
): ControlRoute {
  const status =
    route.answer === undefined ? 204 : route.method === 'POST' && isCreation(route.operationId) ? 201 : 200;
  return { ...route, status, work: route.work as unknown as ControlRoute['work'] };
}

function isCreation(operationId: string): boolean {
  return /^(create|add)[A-Z]/.test(operationId);
}

/** A request the control API cannot serve, with its HTTP status. */
export class ControlRefusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ControlRefusal';
    this.status = status;
    this.code = code;
  }
}
