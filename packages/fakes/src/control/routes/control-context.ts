/** What the control API acts on: the worlds, always, and the servers that were started. */
import type { FakeExchange } from '../../ews/index.ts';
import type { FakeWebProxy } from '../../proxy/web-proxy.ts';
import type { FakeRegistration } from '../../registration/fake-registration.ts';
import type { FakeTrueConf } from '../../trueconf/fake-trueconf.ts';
import type { TrueConfWorld } from '../../trueconf/world/trueconf-world.ts';
import type { WorldClock } from '../../world/clock.ts';
import type { ExchangeWorld } from '../../world/exchange-world.ts';
import { ControlRefusal } from '../control-route.ts';

export const SERVER_NAMES = ['exchange', 'trueconf', 'registration'] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

export interface ControlContext {
  readonly clock: WorldClock;
  readonly exchangeWorld: ExchangeWorld;
  readonly trueconfWorld: TrueConfWorld;
  readonly exchange?: FakeExchange | undefined;
  readonly trueconf?: FakeTrueConf | undefined;
  readonly registration?: FakeRegistration | undefined;
  readonly proxy?: FakeWebProxy | undefined;
  /** PEM, when the servers speak TLS */
  readonly certificate?: string | undefined;
}

export function getRegistration(context: ControlContext): FakeRegistration {
  if (!context.registration)
    throw new ControlRefusal(404, 'notStarted', 'The fake registration server was not started.');
  return context.registration;
}
