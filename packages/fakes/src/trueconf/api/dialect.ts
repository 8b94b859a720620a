/**
 * What differs between the API versions over the one world: how conferences, users and errors are written and read.
 * Paths common to both versions are served by the route files with a dialect in hand.
 */
import type {
  ConferenceChange,
  ConferenceRecord,
  InvitationRecord,
  NewConference,
  NewInvitation,
  UserRecord,
} from '../world/conference-record.ts';
import type { TrueConfWorld } from '../world/trueconf-world.ts';

type ApiVersion = 'v3.11' | 'v4' | 'v4.1';

export interface Dialect {
  readonly apiVersion: ApiVersion;
  readonly family: 'v3' | 'v4';
  readonly world: TrueConfWorld;
  isServed(): boolean;
  readNewConference(body: unknown): NewConference;
  readConferenceChange(body: unknown, present: ConferenceRecord): ConferenceChange;
  readInvitation(body: unknown): NewInvitation;
  writeConference(conference: ConferenceRecord): Readonly<Record<string, unknown>>;
  /** as it stands in a list */
  writeConferenceInList(conference: ConferenceRecord): Readonly<Record<string, unknown>>;
  writeInvitation(invitation: InvitationRecord): Readonly<Record<string, unknown>>;
}

/** A user as every version writes it (facts/trueconf.md §2.7). */
export function writeUser(world: TrueConfWorld, user: UserRecord): Readonly<Record<string, unknown>> {
  const missing = { trueConfId: { email: user.uid }, empty: { email: '' }, absent: {} }[world.quirks.missingEmail];
  return {
    id: user.id,
    uid: user.uid,
    avatar: null,
    login_name: user.loginName,
    ...(user.email === undefined ? missing : { email: user.email }),
    display_name: user.displayName,
    first_name: user.firstName,
    last_name: user.lastName,
    company: user.company,
    groups: user.groups.map((id) => ({ id, display_name: id })),
    mobile_phone: '',
    work_phone: '',
    home_phone: '',
    is_active: user.isActive ? 1 : 0,
    status: user.status,
  };
}

export function writeOwner(world: TrueConfWorld, owner: string): string {
  return world.quirks.ownerForm === 'id' ? owner : (world.users.find(owner)?.uid ?? `${owner}@${world.domain}`);
}

/** Page people join by, and the browser client's. */
export function conferenceUrls(
  world: TrueConfWorld,
  id: string,
): { readonly page: string; readonly webClient: string } {
  return { page: `https://${world.domain}/c/${id}`, webClient: `https://${world.domain}/webrtc/${id}` };
}
