/** The shape of what people read about a licence: what is the case, and what to do about it. */
import type { Instant } from '@calendar-connector/calendar-model';
import type { LicenceFault, LicenceFaultCode } from './fault.ts';

/** Cause and cure, each a sentence or two of its own. */
export interface LicenceSentence {
  readonly cause: string;
  readonly cure: string;
}

type FaultOf<C extends LicenceFaultCode> = Extract<LicenceFault, { readonly code: C }>;
export type Sentences = { readonly [C in LicenceFaultCode]: (fault: FaultOf<C>) => LicenceSentence };

export function sentence(cause: string, cure: string): LicenceSentence {
  return { cause, cure };
}

/** `2026-03-02 08:00 UTC` */
export function moment(instant: Instant): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
