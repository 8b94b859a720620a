/** What the signed texts carry. Specified in the contract, section 7; moments are RFC 3339 texts on the wire, instants here. */
import type { Instant } from '@calendar-connector/calendar-model';
import { z } from 'zod';
import type { Edition } from './fault.ts';

const moment = z.iso.datetime({ offset: true }).transform((text): Instant => Date.parse(text));

const leaseTimes = z.object({ renewAfter: moment, validUntil: moment });

export const licencePayload = z.object({
  licenceId: z.string().min(1).max(200),
  edition: z.enum(['free', 'standard', 'enterprise']),
  /** null: as the TrueConf Server licence says */
  accounts: z.int().min(0).nullable(),
  installationId: z.string().min(1).max(200),
  servers: z.array(z.string().max(300)).max(1000).default([]),
  issuedAt: moment,
  notBefore: moment,
  /** null: never */
  expiresAt: moment.nullable(),
  lease: leaseTimes.optional(),
});

export const leasePayload = leaseTimes.extend({
  licenceId: z.string().min(1).max(200),
  installationId: z.string().min(1).max(200),
});

/** regoffline2.crg: the licence's own fields beside the nonce, or a whole licence JWS inside. */
export const offlineReplyPayload = z.union([
  z.object({ licence: z.string().min(1).max(20_000), nonce: z.string().min(1).max(200) }),
  z.looseObject({ licenceId: z.string(), nonce: z.string().min(1).max(200) }),
]);

export interface LeaseTimes {
  readonly renewAfter: Instant;
  readonly validUntil: Instant;
}

export interface Licence {
  readonly licenceId: string;
  readonly edition: Edition;
  readonly accounts: number | null;
  readonly installationId: string;
  /** TrueConf Servers it is for; empty: any */
  readonly servers: readonly string[];
  readonly issuedAt: Instant;
  readonly notBefore: Instant;
  readonly expiresAt: Instant | null;
  readonly lease?: LeaseTimes | undefined;
}

export interface Lease extends LeaseTimes {
  readonly licenceId: string;
  readonly installationId: string;
}
