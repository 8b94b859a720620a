/** Light entry point `@calendar-connector/config/secrets`: sealing without the schema's weight, for commands that must start at once. */

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
