/**
 * What the fake TrueConf Server refuses, in the reason words the real one uses where they are known
 * (facts/trueconf.md §2.3: forbidden, conferenceNotFound, userNotFound, uniqueValueAlreadyInUse, accessTokenInvalid, routeNotFound);
 * the others are ours and say so in README.
 */
export type RefusalReason =
  | 'accessTokenInvalid'
  | 'forbidden'
  | 'conferenceNotFound'
  | 'invitationNotFound'
  | 'sessionNotFound'
  | 'userNotFound'
  | 'ownerNotFound'
  | 'inviteeNotFound'
  | 'routeNotFound'
  | 'uniqueValueAlreadyInUse'
  | 'invalidParameter'
  | 'durationOutOfRange'
  | 'conferenceIsRunning'
  | 'conferenceIsStopped'
  | 'incompleteSchedule';

export type RefusalLocation = 'path' | 'parameter' | 'header';

/** Thrown by the world and the dialects; the dialect in charge turns it into its wire form. */
export class TrueConfRefusal extends Error {
  readonly reason: RefusalReason;
  readonly locationType: RefusalLocation;
  readonly location: string;

  constructor(reason: RefusalReason, message: string, location = '', locationType: RefusalLocation = 'parameter') {
    super(message);
    this.name = 'TrueConfRefusal';
    this.reason = reason;
    this.location = location;
    this.locationType = locationType;
  }
}

/** HTTP status of a refusal. `accessTokenInvalid` differs by version: 403 in v3, 401 in v4. */
export function statusOf(reason: RefusalReason, version: 'v3' | 'v4'): number {
  switch (reason) {
    case 'accessTokenInvalid':
      return version === 'v3' ? 403 : 401;
    case 'forbidden':
      return 403;
    case 'conferenceNotFound':
    case 'invitationNotFound':
    case 'sessionNotFound':
    case 'userNotFound':
    case 'routeNotFound':
      return 404;
    case 'incompleteSchedule':
      return 500;
    default:
      return 400;
  }
}
