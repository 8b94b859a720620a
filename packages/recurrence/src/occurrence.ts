/** One occurrence of a series, as a window of it shows: contract §9. */
import type { Instant } from '@calendar-connector/calendar-model';

export interface Occurrence {
  readonly start: Instant;
  readonly end: Instant;
  /** Where the pattern puts it; for an exception as the server named it. */
  readonly originalStart: Instant;
  readonly kind: 'occurrence' | 'exception';
}
