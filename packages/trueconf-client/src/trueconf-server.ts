/**
 * One TrueConf Server behind the port `ConferenceTarget`: puts transport, token, version and dialect together and keeps
 * the promises of the port. `createTrueConfServer` is the only way in.
 */
import type {
  Conference,
  ConferenceId,
  ConferenceParticipant,
  TrueConfServerId,
  TrueConfUser,
  TrueConfUserId,
} from '@calendar-connector/calendar-model';
import { trueConfServerId } from '@calendar-connector/calendar-model';
import type { CancelSignal, ConferencePatch, ConferenceSpec, ConferenceTarget } from '@calendar-connector/sync-core';
import { listConferences } from './conference-list.ts';
import {
  changeState,
  createConference,
  findConference,
  removeConference,
  updateConference,
} from './conference-writes.ts';
import type { Dialect } from './dialect.ts';
import { TrueConfError } from './error.ts';
import { isHeaderSafe, tokenEndpoints } from './oauth/token-endpoints.ts';
import { TokenKeeper } from './oauth/token-keeper.ts';
import { type ApiVersion, LIMITS, type TrueConfServerOptions } from './options.ts';
import { addParticipants, removeParticipants } from './participant-writes.ts';
import { Session } from './session.ts';
import { AnnouncedPause } from './transport/announced-pause.ts';
import { HttpTransport } from './transport/http-transport.ts';
import { untilAborted } from './until-aborted.ts';
import { findUserByEmail } from './user-search.ts';
import { dialectV3 } from './v3/dialect-v3.ts';
import { dialectV4 } from './v4/dialect-v4.ts';
import { detectVersion, type ServerFacts } from './version-detection.ts';
import { serverName } from './wire/identifiers.ts';

/** The server knows no such API: in its own words, or as found out where a front end hides them. */
const VERSION_GONE: ReadonlySet<string> = new Set(['routeNotFound', 'apiNotFound']);

/** Opens nothing yet: the first call connects, detects the version and fetches a token. */
export function createTrueConfServer(options: TrueConfServerOptions): ConferenceTarget {
  return new TrueConfServer(options);
}

class TrueConfServer implements ConferenceTarget {
  readonly id: TrueConfServerId;
  readonly #options: TrueConfServerOptions;
  readonly #transport: HttpTransport;
  readonly #pause: AnnouncedPause;
  readonly #session: Session;
  #dialect: Dialect | undefined;
  #detection: Promise<ServerFacts> | undefined;
  readonly #closing = new AbortController();

  constructor(options: TrueConfServerOptions) {
    this.id = trueConfServerId(options.id);
    this.#options = options;
    this.#transport = new HttpTransport(options);
    this.#pause = new AnnouncedPause(this.#transport.clock, options.id);
    const family = async () => ((await this.#getDialect(this.#closing.signal)).api === 'v3.11' ? 'v3' : 'v4');
    const fetchToken = tokenEndpoints(this.#transport, this.#pause, options.clientId, family);
    const { clientSecret } = options;
    this.#session = new Session(
      this.#transport,
      this.#pause,
      new TokenKeeper({ clientSecret, clock: this.#transport.clock, fetchToken }),
    );
  }

  async probe(
    signal: CancelSignal,
  ): Promise<{ readonly name: string; readonly version: string; readonly api: string }> {
    return await this.#reporting(async () => {
      const facts = await detectVersion(this.#transport, this.#pause, signal);
      this.#dialect = this.#dialectOf(this.#chosen(facts));
      await this.#dialect.fetchConferencePage(1, 1, signal);
      const name = facts.name ?? serverName(this.id);
      return { name, version: facts.version ?? 'unknown', api: this.#dialect.api };
    });
  }

  async findConference(id: ConferenceId, signal: CancelSignal): Promise<Conference | undefined> {
    return await this.#with(signal, async (dialect) => (await findConference(dialect, id, signal))?.conference);
  }

  async *listConferences(signal: CancelSignal): AsyncIterable<Conference> {
    const limits = {
      pageSize: this.#options.pageSize ?? LIMITS.pageSize,
      maxPages: this.#options.maxPages ?? LIMITS.maxPages,
    };
    try {
      yield* listConferences(await this.#getDialect(signal), limits, signal);
    } catch (error) {
      throw this.#reported(error);
    }
  }

  async createConference(spec: ConferenceSpec, signal: CancelSignal) {
    return await this.#with(signal, (dialect) => createConference(dialect, spec, signal));
  }

  async updateConference(id: ConferenceId, patch: ConferencePatch, signal: CancelSignal) {
    return await this.#with(signal, (dialect) => updateConference(dialect, id, patch, signal));
  }

  async addParticipants(id: ConferenceId, participants: readonly ConferenceParticipant[], signal: CancelSignal) {
    return await this.#with(signal, (dialect) => addParticipants(dialect, id, participants, signal));
  }

  async removeParticipants(id: ConferenceId, participants: readonly TrueConfUserId[], signal: CancelSignal) {
    return await this.#with(signal, (dialect) => removeParticipants(dialect, id, participants, signal));
  }

  async ring(id: ConferenceId, participants: readonly TrueConfUserId[], signal: CancelSignal): Promise<void> {
    if (participants.length === 0) return;
    await this.#with(signal, (dialect) => dialect.sendRing(id, participants, signal));
  }

  async notify(id: ConferenceId, signal: CancelSignal): Promise<void> {
    await this.#with(signal, (dialect) => dialect.sendNotice(id, signal));
  }

  async runConference(id: ConferenceId, signal: CancelSignal, seenStopped = false) {
    return await this.#with(signal, (dialect) => changeState(dialect, id, 'running', signal, seenStopped));
  }

  async stopConference(id: ConferenceId, signal: CancelSignal) {
    return await this.#with(signal, (dialect) => changeState(dialect, id, 'stopped', signal));
  }

  async removeConference(id: ConferenceId, signal: CancelSignal) {
    return await this.#with(signal, (dialect) => removeConference(dialect, id, signal));
  }

  async findUserByEmail(email: string, signal: CancelSignal): Promise<TrueConfUser | undefined> {
    return await this.#with(signal, (dialect) => findUserByEmail(dialect, email, signal));
  }

  async findUser(id: TrueConfUserId, signal: CancelSignal): Promise<TrueConfUser | undefined> {
    return await this.#with(signal, async (dialect) => {
      try {
        return await dialect.fetchUser(id, signal);
      } catch (error) {
        if (error instanceof TrueConfError && error.kind === 'notFound') return undefined;
        throw error;
      }
    });
  }

  async findTokenOwner(token: string, signal: CancelSignal): Promise<TrueConfUser | undefined> {
    if (!isHeaderSafe(token)) return undefined;
    return await this.#with(signal, async (dialect) => {
      try {
        return await dialect.fetchTokenOwner(token, signal);
      } catch (error) {
        if (error instanceof TrueConfError && isUnacceptedToken(error)) return undefined;
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#transport.close();
  }

  async #with<Result>(signal: CancelSignal, work: (dialect: Dialect) => Promise<Result>): Promise<Result> {
    return await this.#reporting(async () => await work(await this.#getDialect(signal)));
  }

  async #reporting<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw this.#reported(error);
    }
  }

  /** Tells the observer; a version that is not served any more is detected anew at the next call. */
  #reported(error: unknown): unknown {
    if (!(error instanceof TrueConfError)) return error;
    if (VERSION_GONE.has(error.code)) {
      this.#dialect = undefined;
      this.#detection = undefined;
    }
    this.#options.observer?.onError?.(error);
    return error;
  }

  async #getDialect(signal: CancelSignal): Promise<Dialect> {
    if (this.#dialect) return this.#dialect;
    const configured = this.#options.apiVersion ?? 'auto';
    if (configured !== 'auto') {
      this.#dialect = this.#dialectOf(configured);
      return this.#dialect;
    }
    this.#detection ??= detectVersion(this.#transport, this.#pause, this.#closing.signal).finally(() => {
      this.#detection = undefined;
    });
    const facts = await untilAborted(this.#detection, signal, 'detectVersion');
    this.#dialect ??= this.#dialectOf(facts.api);
    return this.#dialect;
  }

  #chosen(facts: ServerFacts): ApiVersion {
    const configured = this.#options.apiVersion ?? 'auto';
    return configured === 'auto' ? facts.api : configured;
  }

  #dialectOf(api: ApiVersion): Dialect {
    const setting = { server: serverName(this.id), baseUrl: this.#options.url };
    if (api === 'v3.11') {
      return dialectV3(this.#session, { ...setting, smartMeetingType: this.#options.v3SmartMeetingType });
    }
    return dialectV4(this.#session, api, { ...setting, now: () => this.#transport.clock.now() });
  }
}

/** The person's token was refused, is not a person's, or its account is gone. Our own token's refusal is another matter. */
function isUnacceptedToken(error: TrueConfError): boolean {
  if (error.operation === 'findTokenOwner') return error.kind === 'authFailed' || error.kind === 'forbidden';
  return error.operation === 'fetchUser' && error.kind === 'notFound';
}
