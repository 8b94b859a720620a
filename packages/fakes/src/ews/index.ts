/** The EWS dialect: what other folders of this package may use of it. */
export { type FakeExchange, startFakeExchange } from './fake-exchange.ts';
export { type ActiveFault, FAULT_KINDS, type FaultKind, FaultPlan, type FaultRule } from './faults/fault-plan.ts';
export type { CounterSnapshot, Counters, Journal, JournalEntry } from './probes.ts';
export type {
  AuthOptions,
  AutodiscoverOptions,
  Budgets,
  ExtendedProtection,
  FakeExchangeOptions,
  StreamingOptions,
  TlsOptions,
} from './server-options.ts';
