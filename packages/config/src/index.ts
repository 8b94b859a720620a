/** config.json of the connector: load, explain, redact, compare. Sealing alone is lighter from `…/config/secrets`. */
export type {
  CalendarProviderConfig,
  CertificateFile,
  ConnectorConfig,
  DatabaseConfig,
  HttpConfig,
  ProviderCredential,
  RegistrationConfig,
  TrueConfServerConfig,
} from './connector-config.ts';
export type { ConfigChange, ConfigDifference } from './diff-config.ts';
export { diffConfig } from './diff-config.ts';
export type { Finding, FindingLevel } from './finding.ts';
export { formatFinding } from './finding.ts';
export type { InstallationPaths } from './installation-paths.ts';
export { chooseRoot, DEFAULT_ROOT, installationPaths } from './installation-paths.ts';
export type { Language, Text } from './language.ts';
export type { LoadOptions, LoadResult, ParseOptions } from './load-config.ts';
export { loadConfig, parseConfig } from './load-config.ts';
export type { RegistrationResult } from './load-registration.ts';
export { loadRegistration } from './load-registration.ts';
export { isLoopbackHost } from './loopback.ts';
export { redact } from './redact.ts';
export { configReference } from './reference.ts';
export { configSample } from './sample.ts';
export type { SealErrorCode } from './sealing.ts';
export { looksSealed, MAX_PASSWORD_BYTES, SEALED_PREFIX, SealError, SealingKey } from './sealing.ts';
export type { SealingKeyPlace } from './sealing-key-file.ts';
export {
  createSealingKey,
  ensureSealingKey,
  KEY_CREDENTIAL,
  openSealingKey,
  SealingKeyError,
} from './sealing-key-file.ts';
export type { SealingKeyErrorCode } from './sealing-key-messages.ts';
export { Secret } from './secret.ts';
