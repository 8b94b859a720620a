/** The fakes as a library: one world and clock, the servers that speak for it, the harness with its control API. */
export { type Harness, type HarnessOptions, startHarness } from './control/harness.ts';
export { LIFE_PROFILES, type LifeProfile, type OfficeLife, startOfficeLife } from './control/load/office-life.ts';
export { type CertificateOptions, makeCertificate } from './control/tls/self-signed.ts';
export { HTTP_FAULT_KINDS, type HttpFault, type HttpFaultKind, HttpFaultPlan } from './control/wire/http-fault-plan.ts';
export { type CounterSnapshot as HttpCounterSnapshot, RequestCounters } from './control/wire/request-counters.ts';
export {
  type JournalEntry as HttpJournalEntry,
  type JournalFilter,
  RequestJournal,
} from './control/wire/request-journal.ts';
export type { ServerTls } from './control/wire/wire-server.ts';
export {
  type ActiveFault,
  type AuthOptions,
  type AutodiscoverOptions,
  type Budgets,
  type CounterSnapshot,
  type Counters,
  type ExtendedProtection,
  FAULT_KINDS,
  type FakeExchange,
  type FakeExchangeOptions,
  type FaultKind,
  FaultPlan,
  type FaultRule,
  type Journal,
  type JournalEntry,
  type StreamingOptions,
  startFakeExchange,
  type TlsOptions,
} from './ews/index.ts';
export type { ProxySocketInfo } from './proxy/proxied-pair.ts';
export {
  type FakeWebProxy,
  type FakeWebProxyOptions,
  type ProxyCounters,
  startFakeWebProxy,
} from './proxy/web-proxy.ts';
export {
  type FakeRegistration,
  type FakeRegistrationOptions,
  startFakeRegistration,
} from './registration/fake-registration.ts';
export { type KeyRecord, type LeaseRules, type LicenceRecord, Registrar } from './registration/registrar.ts';
export type {
  LeasePayload,
  LicenceEdition,
  LicencePayload,
  RequestPayload,
} from './registration/registration-protocol.ts';
export { type RegistrationCode, RegistrationRefusal } from './registration/registration-protocol.ts';
export {
  DEFAULT_CLIENT_ID,
  DEFAULT_CLIENT_SECRET,
  defaultWorld as defaultTrueConfWorld,
  type FakeTrueConf,
  type FakeTrueConfOptions,
  startFakeTrueConf,
} from './trueconf/fake-trueconf.ts';
export type {
  ConferenceRecord,
  NewConference,
  NewUser,
  Notice,
  SessionRecord,
  StoredSchedule,
  UserRecord,
} from './trueconf/world/conference-record.ts';
export { defaultQuirks, type TrueConfQuirks } from './trueconf/world/quirks.ts';
export { TrueConfRefusal } from './trueconf/world/refusal.ts';
export { TrueConfWorld, type TrueConfWorldOptions } from './trueconf/world/trueconf-world.ts';
export { type ClockMode, type ClockOptions, WorldClock } from './world/clock.ts';
export { ExchangeWorld, type ExchangeWorldOptions } from './world/exchange-world.ts';
export type { ItemView } from './world/item-view.ts';
export type { Answer, AttendeeEntry, CalendarDraft, CalendarPatch } from './world/model.ts';
export { WorldError } from './world/world-error.ts';
