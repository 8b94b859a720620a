/** Field forms both API versions share, as tolerant as public clients had to be: numbers may come as text, lists may be absent. */
import { z } from 'zod';

const MAX_LIST = 100_000;

export const idText = z.string().min(1).max(512);
export const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined)
  .catch(undefined);

export const integer = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d{1,15}$/)
      .transform(Number),
  ])
  .pipe(z.number().int());

export const optionalInteger = integer
  .nullish()
  .transform((value) => value ?? undefined)
  .catch(undefined);

export const optionalFlag = z
  .union([z.boolean(), integer.transform((value) => value !== 0)])
  .nullish()
  .transform((value) => value ?? undefined)
  .catch(undefined);

/** A list whose single entries may be unusable: those are left out. Absent or no list at all: undefined. */
export function listOf<Schema extends z.ZodType>(entry: Schema) {
  return z
    .array(entry.nullable().catch(null))
    .max(MAX_LIST)
    .transform((entries) => entries.filter((value): value is NonNullable<typeof value> => value !== null))
    .nullish()
    .transform((entries) => entries ?? undefined)
    .catch(undefined);
}

/** Unix seconds, as number or text, or an ISO date (UTC when it names no offset). Milliseconds out. */
export const moment = z
  .union([z.number(), z.string().max(64)])
  .transform(parseMoment)
  .nullish()
  .transform((value) => value ?? undefined)
  .catch(undefined);

/** Above this a number of seconds would lie beyond the year 5138: it is milliseconds. */
const SECONDS_MAX = 100_000_000_000;

function parseMoment(value: number | string): number | undefined {
  const number = typeof value === 'number' ? value : /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  if (number !== undefined) return number > SECONDS_MAX ? number : number * 1000;
  const text = String(value);
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text.replace(' ', 'T')}Z`;
  const parsed = Date.parse(zoned);
  return Number.isNaN(parsed) ? undefined : parsed;
}

export const invitationSchema = z.object({ id: idText, display_name: optionalText });
