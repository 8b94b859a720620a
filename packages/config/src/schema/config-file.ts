/**
 * The schema of config.json: the guide's keys under their own names, our additions beside them.
 * Specified by the guide, chapter 3, and the contract, section 4. Everything said about a key is said here once.
 */
import { z } from 'zod';
import * as conference from './conferences.ts';
import { calendarProvider } from './exchange.ts';
import { list } from './key.ts';
import * as service from './service.ts';

export const configFile = z.object({
  wsPort: service.wsPort,
  wsHost: service.wsHost,
  dbConnectionConfig: service.dbConnectionConfig,
  launchConference: conference.launchConference,
  syncConferenceParticipants: conference.syncConferenceParticipants,
  cache: service.cache,
  productWhitelist: conference.productWhitelist,
  calendarProviders: list(calendarProvider, {
    about: { en: 'External calendar services.', ru: 'Внешние службы календарей.' },
    allowed: { en: 'a list with at least one provider { … }', ru: 'список хотя бы с одним провайдером { … }' },
    origin: 'guide',
    min: 1,
    example: [{}],
  }),
  trueConfServers: conference.trueConfServers,
  conferences: conference.conferences,
  mirrorConferences: conference.mirrorConferences,
  cancelledPrefix: conference.cancelledPrefix,
  registration: service.registration,
  http: service.http,
  priorityUsers: service.priorityUsers,
  privacy: service.privacy,
  access: service.access,
  language: service.language,
  instance: service.instance,
  allowedOrigins: service.allowedOrigins,
  trustedProxies: service.trustedProxies,
  sync: service.sync,
  guard: service.guard,
  limits: service.limits,
  log: service.log,
});

/** config.json after validation, with defaults, secrets still in the form they were written in. */
export type ConfigFile = z.output<typeof configFile>;
