/** The error that a call ends with, which must be one of the client's own. */
import { expect } from 'vitest';
import { EwsError } from '../../src/index.ts';

export async function failureOf(work: Promise<unknown>): Promise<EwsError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EwsError);
  return error as EwsError;
}
