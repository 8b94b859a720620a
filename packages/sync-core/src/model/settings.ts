/**
 * What the administrator decided, as the planner needs it. The daemon builds it from config.json (design/contracts.md §4,
 * guide 3.0.2–3.0.4); `planSettings` fills in what was not said. Plain data: equal settings give equal plans (I14).
 */
import type {
  ConferenceAccess,
  ConferenceMode,
  TrueConfServerId,
  TrueConfUserId,
} from '@calendar-connector/calendar-model';
import type { MailPolicy } from '../ports/calendar-source.ts';

/** What the connector may do with calendars. `read`: never write. `freeBusy`: know times only, so conferences are left alone. */
export type AccessLevel = 'full' | 'read' | 'freeBusy';

/** Of texts that people read. */
export type Language = 'ru' | 'en';

/** One whitelisted TrueConf Server and the web hosts its join pages live on. */
export interface ServerSettings {
  readonly id: TrueConfServerId;
  /** lower case, without port; see `serverHosts` */
  readonly hosts: readonly string[];
  /** `read`: conferences are shown, never written */
  readonly access?: 'full' | 'read';
}

/** The connector makes a conference for events whose location holds this word. Absent: it never makes one unasked. */
export interface KeywordSettings {
  readonly text: string;
  readonly serverId: TrueConfServerId;
  readonly mode: ConferenceMode;
  readonly access: ConferenceAccess;
}

/** Named limits of planning; see CONTRIBUTING rule 5. */
export interface PlanLimits {
  /** attendees of one meeting that are looked at; the rest is cut off and reported */
  readonly attendees: number;
  /** participants one conference is given */
  readonly participants: number;
  /** start records kept in a baseline */
  readonly starts: number;
  /** conference writes in `loopWindowMs` before the loop guard stops the meeting */
  readonly writesPerWindow: number;
  readonly loopWindowMs: number;
}

/** Named times of planning, in milliseconds. */
export interface PlanTiming {
  /** a vanished item is held this long before its removal is believed */
  readonly holdMs: number;
  /** participants are compared again this long before each start */
  readonly participantsLeadMs: number;
  /** after a start the meeting is planned again, so that its next start is owed even when the start's own job was lost */
  readonly afterStartMs: number;
  /** look again at fields that had to wait because the conference was running */
  readonly runningPollMs: number;
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
  /** how far ahead the next start of a series is searched */
  readonly startHorizonMs: number;
}

/** Everything that an administrator decides about planning; `planSettings` fills in the defaults. */
export interface PlanSettings {
  readonly servers: readonly ServerSettings[];
  readonly launchConference: boolean;
  readonly syncConferenceParticipants: boolean;
  readonly keyword?: KeywordSettings;
  /** attendees without an account: left out, or invited by e-mail where the conference is public */
  readonly unknownAttendees: 'skip' | 'guest';
  /** organizer without an account: nothing is written and the reason is visible, or `fallbackOwner` owns it */
  readonly ownerless: 'skip' | 'fallback';
  readonly fallbackOwner?: TrueConfUserId;
  /** whether an adopted conference's owner becomes the organizer */
  readonly adoptedOwner: 'follow' | 'keep';
  /** what happens to an adopted conference when its meeting is cancelled or deleted: removed, or only stopped */
  readonly adoptedEnd: 'remove' | 'stop';
  /** when a conference starts: ring its participants, and have the server send its notices */
  readonly atStart: { readonly ring: boolean; readonly notify: boolean };
  readonly access: AccessLevel;
  readonly language: Language;
  /** what a conference of a private meeting is called; default by language */
  readonly privateTitle?: string;
  /** of a conference made again behind a link whose conference is absent: the link does not tell */
  readonly defaultMode: ConferenceMode;
  readonly defaultAccess: ConferenceAccess;
  /** where the join link of a created conference is put, and who gets mail about it */
  readonly joinLink: { readonly place: 'marker' | 'location'; readonly mail: MailPolicy };
  readonly limits: PlanLimits;
  readonly timing: PlanTiming;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

const DEFAULTS: PlanSettings = {
  servers: [],
  launchConference: true,
  syncConferenceParticipants: true,
  unknownAttendees: 'skip',
  ownerless: 'skip',
  adoptedOwner: 'follow',
  adoptedEnd: 'remove',
  atStart: { ring: true, notify: true },
  access: 'full',
  language: 'en',
  defaultMode: 'smartMeeting',
  defaultAccess: 'private',
  joinLink: { place: 'location', mail: 'none' },
  limits: { attendees: 2000, participants: 1000, starts: 32, writesPerWindow: 60, loopWindowMs: 60 * MINUTE },
  timing: {
    holdMs: 30 * SECOND,
    participantsLeadMs: 5 * MINUTE,
    afterStartMs: 30 * SECOND,
    runningPollMs: MINUTE,
    retryBaseMs: 2 * SECOND,
    retryCapMs: 10 * MINUTE,
    startHorizonMs: 400 * DAY,
  },
};

/** What may be said of the settings; everything else has a default. */
export type PlanSettingsInput = Partial<Omit<PlanSettings, 'limits' | 'timing'>> & {
  readonly limits?: Partial<PlanLimits>;
  readonly timing?: Partial<PlanTiming>;
};

/** Settings with every default filled in. */
export function planSettings(input: PlanSettingsInput): PlanSettings {
  return {
    ...DEFAULTS,
    ...input,
    limits: { ...DEFAULTS.limits, ...input.limits },
    timing: { ...DEFAULTS.timing, ...input.timing },
  };
}

/** The web hosts of a server: the domain of its endpoint name, the host of its URL, and any further ones. */
export function serverHosts(id: TrueConfServerId, ...urls: readonly string[]): readonly string[] {
  const hosts = [id.split('#')[0] ?? '', ...urls.map(hostOf)];
  return [...new Set(hosts.map((host) => host.trim().toLowerCase()).filter((host) => host !== ''))];
}

function hostOf(urlOrHost: string): string {
  const withoutScheme = urlOrHost.replace(/^[a-z]{1,10}:\/\//i, '');
  return withoutScheme.split(/[/:?#]/, 1)[0] ?? '';
}

/** How the conference of a private meeting is called. */
export function privateTitle(settings: Pick<PlanSettings, 'privateTitle' | 'language'>): string {
  return settings.privateTitle ?? (settings.language === 'ru' ? 'Закрытая встреча' : 'Private meeting');
}
