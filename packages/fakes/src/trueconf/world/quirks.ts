/**
 * Behaviour of real TrueConf Servers that a client must survive, each as a switch (facts/trueconf.md §2, §9).
 * Defaults are what has been seen; where nothing is known ([U] in the facts) the stricter behaviour is the default.
 */
export interface TrueConfQuirks {
  /** `GET /api/v4/server` says so; 5.5.3 is the floor of v4, 5.5.6 of v4.1 */
  serverVersion: string;
  /** dialects that are served; the others answer 404 `routeNotFound` with a `trace_id` */
  versions: { v311: boolean; v4: boolean; v41: boolean };
  /** HTTP 500 on a PATCH with an incomplete schedule (v4). false: fields are merged */
  incompleteScheduleFails: boolean;
  /** 400 for a duration outside 60..86399 s */
  durationLimits: boolean;
  /** while running only `description` may change */
  refuseEditsWhileRunning: boolean;
  /** DELETE of a running conference: refused with 400, or stops it first */
  deleteWhileRunning: 'refuse' | 'stop';
  /** `is_moderator` counts only inside create; POST invitations drops it silently */
  dropModeratorOnInvite: boolean;
  /** `display_name` of a registered user cannot be changed in an invitation: 403 */
  refuseRenameOfUsers: boolean;
  /** `filter_search` of the address book takes one word; a space gives an empty list */
  oneWordSearch: boolean;
  /** the same person invited twice: 400 `uniqueValueAlreadyInUse`, or accepted without effect */
  duplicateInvitation: 'refuse' | 'accept';
  /** POST invitations: v3 wants `{id}`, v4 wants `{"invitation":{id}}`; false: both are taken everywhere */
  strictInvitationBody: boolean;
  /** 400 when the owner does not exist */
  ownerMustExist: boolean;
  /** 400 when an invited user does not exist */
  inviteeMustExist: boolean;
  /** DELETE: v3 200 `{id}` (older) or 204 (newer) */
  v3DeleteStatus: 200 | 204;
  v4DeleteStatus: 200 | 204;
  /** `run` on a running conference */
  runOnRunning: 200 | 400;
  /** `stop` on a stopped conference */
  stopOnStopped: 200 | 400;
  /** `invite` into a conference that is not running */
  inviteOnStopped: 200 | 400;
  /** v4 `schedule.start_time` in answers: its type is "string", its format is not fixed */
  v4ScheduleTimes: 'unixString' | 'unixNumber' | 'iso';
  /** items of v4's list: the short form has neither invitations nor tags nor description */
  v4ListForm: 'short' | 'full';
  /** `owner` in answers: TrueConf ID or short id */
  ownerForm: 'uid' | 'id';
  /** GET /users?email= : `contains` returns neighbours too, so clients must compare for themselves */
  emailFilter: 'exact' | 'contains' | 'ignored';
  /** `email` of a user who has none */
  missingEmail: 'trueConfId' | 'empty' | 'absent';
  /** body of API errors; some front ends give less than JSON */
  errorBody: 'object' | 'string' | 'html' | 'empty';
  /** OAuth errors: `{"error":"invalid_client","error_description"}` or an error object with reason `InvalidCredentials` */
  oauthErrorBody: 'string' | 'object';
  /** the v4 token endpoint takes the code in `auth_code` only (its description says `code`) */
  v4CodeField: 'auth_code' | 'any';
  /** number of the smart meeting in v3's `type`: not public, ours */
  v3SmartMeetingType: number;
  /** a scheduled conference with `auto_termination_enabled` ends by itself after its duration */
  autoTermination: boolean;
  /** people who are rung (auto_invite, invite) join at once */
  peopleAnswer: boolean;
  accessTokenSeconds: { v3: number; v4: number };
  refreshTokenSeconds: number;
  authorizationCodeSeconds: number;
}

export function defaultQuirks(): TrueConfQuirks {
  return {
    serverVersion: '5.5.3.10021',
    versions: { v311: true, v4: true, v41: false },
    incompleteScheduleFails: true,
    durationLimits: true,
    refuseEditsWhileRunning: true,
    deleteWhileRunning: 'refuse',
    dropModeratorOnInvite: true,
    refuseRenameOfUsers: true,
    oneWordSearch: true,
    duplicateInvitation: 'refuse',
    strictInvitationBody: true,
    ownerMustExist: true,
    inviteeMustExist: true,
    v3DeleteStatus: 200,
    v4DeleteStatus: 204,
    runOnRunning: 400,
    stopOnStopped: 400,
    inviteOnStopped: 400,
    v4ScheduleTimes: 'unixString',
    v4ListForm: 'short',
    ownerForm: 'uid',
    emailFilter: 'contains',
    missingEmail: 'trueConfId',
    errorBody: 'object',
    oauthErrorBody: 'string',
    v4CodeField: 'auth_code',
    v3SmartMeetingType: 4,
    autoTermination: true,
    peopleAnswer: false,
    accessTokenSeconds: { v3: 604_800, v4: 3600 },
    refreshTokenSeconds: 2_592_000,
    authorizationCodeSeconds: 60,
  };
}
