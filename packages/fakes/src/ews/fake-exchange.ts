/**
 * The fake Exchange server: one world on one port, speaking EWS and autodiscover like a client access server with one or more
 * mailbox servers behind it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConnectionServer } from '../http/connections.ts';
import type { ExchangeWorld } from '../world/exchange-world.ts';
import { Authenticator } from './auth/authenticator.ts';
import { channelBindingOf } from './auth/ntlm-verifier.ts';
import { AutodiscoverEndpoint } from './autodiscover-endpoint.ts';
import { BackEnds } from './back-ends.ts';
import { BudgetLedger } from './budget-ledger.ts';
import { EwsEndpoint } from './ews-endpoint.ts';
import { FaultPlan } from './faults/fault-plan.ts';
import { Counters, Journal } from './probes.ts';
import type { Budgets, FakeExchangeOptions, TlsOptions } from './server-options.ts';
import type { EventStream } from './streaming/streaming-events.ts';
import { SubscriptionRegistry } from './streaming/subscription-registry.ts';

export interface FakeExchange {
  /** origin, without path */
  readonly url: string;
  readonly ewsUrl: string;
  readonly autodiscoverUrl: string;
  readonly port: number;
  readonly world: ExchangeWorld;
  readonly faults: FaultPlan;
  readonly journal: Journal;
  readonly counters: Counters;
  /** names and health of the mailbox servers */
  backEnds(): readonly { readonly name: string; readonly isUp: boolean }[];
  /** A mailbox server goes down: its subscriptions and streams end, its mailboxes wake up elsewhere. */
  failBackEnd(name: string): void;
  restoreBackEnd(name: string): void;
  /** Moves a mailbox to another server; its subscriptions end. */
  moveMailbox(address: string, backEnd: string): void;
  /** Changes limits while the server runs. */
  setBudgets(budgets: Budgets): void;
  /** New connections see another certificate. */
  changeCertificate(tls: TlsOptions): void;
  /** Cuts every open connection, as a restarted load balancer would. */
  cutConnections(): void;
  /** Ends all subscriptions, as a restarted service would. */
  dropSubscriptions(): void;
  unlockAccount(login: string): void;
  close(): Promise<void>;
}

const DEFAULT_JOURNAL = 10_000;
const EWS_PATH = '/EWS/Exchange.asmx';
const AUTODISCOVER_PATH = '/autodiscover/autodiscover.svc';

/** Starts a fake Exchange. Port 0 (the default) takes any free one. */
export async function startFakeExchange(options: FakeExchangeOptions): Promise<FakeExchange> {
  const server = new FakeExchangeServer(options);
  await server.start();
  return server;
}

class FakeExchangeServer implements FakeExchange {
  readonly world: ExchangeWorld;
  readonly faults: FaultPlan;
  readonly journal: Journal;
  readonly counters = new Counters();
  readonly #options: FakeExchangeOptions;
  readonly #backEnds: BackEnds;
  readonly #ledger: BudgetLedger;
  readonly #subscriptions: SubscriptionRegistry;
  readonly #authenticator: Authenticator;
  readonly #streams = new Set<EventStream>();
  #connections: ConnectionServer | undefined;
  #ews: EwsEndpoint | undefined;
  #autodiscover: AutodiscoverEndpoint | undefined;

  constructor(options: FakeExchangeOptions) {
    const { world } = options;
    const { clock } = world;
    this.#options = options;
    this.world = world;
    this.faults = options.faults ?? new FaultPlan(world.seed);
    this.journal = new Journal(options.journalSize ?? DEFAULT_JOURNAL);
    this.#backEnds = new BackEnds(options.backEnds ?? [], world);
    this.#ledger = new BudgetLedger({ clock, counters: this.counters, budgets: options.budgets ?? {} });
    this.#subscriptions = new SubscriptionRegistry({
      clock,
      counters: this.counters,
      domain: world.domain,
      seed: world.seed,
    });
    this.#authenticator = new Authenticator({
      world,
      options: options.auth ?? {},
      counters: this.counters,
      channelBinding: options.tls === undefined ? undefined : channelBindingOf(options.tls.cert),
    });
  }

  async start(): Promise<void> {
    const { port = 0, host = '127.0.0.1', tls } = this.#options;
    this.#connections = await ConnectionServer.listen({
      port,
      host,
      tls,
      handle: (request, response) => void this.#handle(request, response),
      onConnection: () => {
        this.counters.connections += 1;
      },
    });
    this.#openEndpoints();
  }

  #openEndpoints(): void {
    const { world, faults, journal, counters } = this;
    const connectionOf = (request: IncomingMessage): number => this.#connections?.numberOf(request.socket) ?? 0;
    const common = {
      options: this.#options,
      authenticator: this.#authenticator,
      faults,
      journal,
      counters,
      connectionOf,
    };
    this.#ews = new EwsEndpoint({
      ...common,
      world,
      backEnds: this.#backEnds,
      ledger: this.#ledger,
      subscriptions: this.#subscriptions,
      streams: this.#streams,
    });
    const source = {
      world,
      options: this.#options.autodiscover ?? {},
      ewsUrl: this.ewsUrl,
      backEndOf: (address: string) => this.#backEnds.homeOf(address),
    };
    this.#autodiscover = new AutodiscoverEndpoint({ ...common, source });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0]?.toLowerCase() ?? '/';
    try {
      if (path === EWS_PATH.toLowerCase()) await this.#ews?.handle(request, response);
      else if (path === AUTODISCOVER_PATH) await this.#autodiscover?.handle(request, response, 'soap');
      else if (path === '/autodiscover/autodiscover.xml') await this.#autodiscover?.handle(request, response, 'pox');
      else notFound(request, response);
    } catch (error) {
      // a defect of the fake must be seen, not look like a fault of the server it plays
      response.destroy();
      console.error('fake-exchange: defect while answering', error);
    }
  }

  get port(): number {
    return this.#connections?.port ?? 0;
  }

  get url(): string {
    const { tls, host = '127.0.0.1' } = this.#options;
    const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
    return `${tls === undefined ? 'http' : 'https'}://${name}:${this.port}`;
  }

  get ewsUrl(): string {
    return `${this.url}${EWS_PATH}`;
  }

  get autodiscoverUrl(): string {
    return `${this.url}${AUTODISCOVER_PATH}`;
  }

  backEnds(): readonly { readonly name: string; readonly isUp: boolean }[] {
    return this.#backEnds.list();
  }

  failBackEnd(name: string): void {
    this.#backEnds.fail(name);
    this.#subscriptions.closeBackEnd(name);
    for (const stream of [...this.#streams]) if (stream.backEnd === name) stream.close(false);
  }

  restoreBackEnd(name: string): void {
    this.#backEnds.restore(name);
  }

  moveMailbox(address: string, backEnd: string): void {
    this.#backEnds.move(address, backEnd);
    this.#subscriptions.closeMailbox(this.world.getMailbox(address));
  }

  setBudgets(budgets: Budgets): void {
    this.#ledger.budgets = budgets;
  }

  changeCertificate(tls: TlsOptions): void {
    this.#authenticator.channelBinding = channelBindingOf(tls.cert);
    this.#connections?.changeCertificate(tls);
  }

  cutConnections(): void {
    this.#connections?.cutAll();
  }

  dropSubscriptions(): void {
    this.#subscriptions.closeAll();
  }

  unlockAccount(login: string): void {
    this.#authenticator.unlock(login);
  }

  async close(): Promise<void> {
    for (const stream of [...this.#streams]) stream.close(false);
    this.#subscriptions.closeAll();
    await this.#connections?.close();
  }
}

function notFound(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response.writeHead(404, { 'Content-Type': 'text/html', 'Content-Length': '0' });
  response.end();
}
