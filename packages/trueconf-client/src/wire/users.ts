/** A user of a TrueConf Server as the API writes it (facts/trueconf.md §2.7). */
import type { TrueConfUser } from '@calendar-connector/calendar-model';
import { z } from 'zod';
import { idText, integer, optionalFlag, optionalInteger, optionalText } from './field-schemas.ts';
import { shortUserId } from './identifiers.ts';

export const userSchema = z.object({
  id: idText,
  uid: optionalText,
  email: optionalText,
  display_name: optionalText,
  is_active: optionalFlag,
  status: optionalInteger,
});

export const userPageSchema = z.object({
  users: z.array(userSchema).max(100_000),
  next_page_id: integer.catch(-1).default(-1),
});

/** −2 not active, −1 invalid */
const USABLE_FROM_STATUS = 0;

export function toUser(wire: z.infer<typeof userSchema>, server: string): TrueConfUser {
  const email = wire.email?.trim();
  return {
    id: shortUserId(wire.id, server),
    displayName: wire.display_name ?? wire.id,
    isActive: wire.is_active !== false && (wire.status ?? USABLE_FROM_STATUS) >= USABLE_FROM_STATUS,
    ...(email ? { email } : {}),
  };
}
