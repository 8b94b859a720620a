export type { AuthChoice, Scheme } from './auth/authenticator.ts';
export type { Credential } from './auth/credentials.ts';
export { decodeBytes, decodeResponse } from './decoder/decode.ts';
export { type RawAttendee, type RawExtended, RawItem, type RawOccurrence, type RawPerson } from './decoder/raw-item.ts';
export {
  type RawChange,
  type RawEvent,
  RawMessage,
  type RawNotification,
  ResponseState,
  type ServerBuild,
} from './decoder/response-grammar.ts';
export type { ScannerLimits } from './decoder/scanner.ts';
export { XmlError, type XmlProblem } from './decoder/xml-error.ts';
export { EwsError, isEwsError, type ThrottleScope } from './errors/ews-error.ts';
export type { UserSettings } from './operations/autodiscover.ts';
export {
  type CertificateInfo,
  type EndpointProbe,
  fetchServerBuild,
  type ProbeOptions,
  probeEndpoint,
  type ServerBuildOptions,
} from './operations/probe-endpoint.ts';
export type { ServerTimeZone } from './operations/server-time-zones.ts';
export type { Availability, BusyTime } from './operations/user-availability.ts';
export {
  type EwsLimits,
  type EwsSourceOptions,
  type EwsTimings,
  type ResolvedOptions,
  resolveOptions,
} from './options.ts';
export { createEwsSource, type EwsSource } from './source.ts';
export { StreamDecoder, type StreamEnvelope } from './streaming/stream-decoder.ts';
export { type Translated, type TranslateOptions, translateItem } from './translate/item.ts';
export { builtInZones, type ZoneResolver } from './translate/zones.ts';
export { type Clock, systemClock } from './transport/clock.ts';
export type { ProxyOptions } from './transport/connector.ts';
export { type EndpointOptions, siblingHosts } from './transport/endpoint.ts';
export { EwsTransport, type Target } from './transport/ews-transport.ts';
export type { EwsObserver, RequestFinished, StreamStateRecord } from './transport/observer.ts';
export { OPERATIONS, type Operation, type WireRequest } from './wire/request.ts';
