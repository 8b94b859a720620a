/** The twenty checks in their order (facts/goals.md §9); what a check needs stands before it. */
import type { Check } from './check.ts';
import { checkAuth } from './check-auth.ts';
import { checkAutodiscover } from './check-autodiscover.ts';
import { checkCalendar } from './check-calendar.ts';
import { checkClock } from './check-clock.ts';
import { checkConfig } from './check-config.ts';
import { checkDatabase } from './check-database.ts';
import { checkDns } from './check-dns.ts';
import { checkEws } from './check-ews.ts';
import { checkImpersonation } from './check-impersonation.ts';
import { checkProxy } from './check-proxy.ts';
import { checkRegistration } from './check-registration.ts';
import { checkScope } from './check-scope.ts';
import { checkService } from './check-service.ts';
import { checkStreaming } from './check-streaming.ts';
import { checkTcp } from './check-tcp.ts';
import { checkThrottling } from './check-throttling.ts';
import { checkTimeZones } from './check-timezones.ts';
import { checkTls } from './check-tls.ts';
import { checkTrueConf } from './check-trueconf.ts';
import { checkVersion } from './check-version.ts';

export const CHECKS: readonly Check[] = [
  checkConfig,
  checkClock,
  checkDns,
  checkTcp,
  checkTls,
  checkProxy,
  checkEws,
  checkAuth,
  checkVersion,
  checkAutodiscover,
  checkImpersonation,
  checkScope,
  checkCalendar,
  checkStreaming,
  checkThrottling,
  checkDatabase,
  checkTrueConf,
  checkRegistration,
  checkService,
  checkTimeZones,
];
