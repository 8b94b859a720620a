/** The quirks of the fake TrueConf Server as the control API takes them; their meaning is told in `trueconf/world/quirks.ts`. */
import { z } from 'zod';
import type { TrueConfQuirks } from '../../trueconf/world/quirks.ts';

const okOrBad = z.union([z.literal(200), z.literal(400)]);
const okOrEmpty = z.union([z.literal(200), z.literal(204)]);
const seconds = z.int().min(1);

const versions = z.strictObject({ v311: z.boolean(), v4: z.boolean(), v41: z.boolean() });
const accessTokenSeconds = z.strictObject({ v3: seconds, v4: seconds });

/** Every quirk, typed so that none can be forgotten. */
const shape: { readonly [Name in keyof TrueConfQuirks]: z.ZodType<TrueConfQuirks[Name]> } = {
  serverVersion: z.string().regex(/^\d+\.\d+\.\d+/),
  versions,
  incompleteScheduleFails: z.boolean(),
  durationLimits: z.boolean(),
  refuseEditsWhileRunning: z.boolean(),
  deleteWhileRunning: z.enum(['refuse', 'stop']),
  dropModeratorOnInvite: z.boolean(),
  refuseRenameOfUsers: z.boolean(),
  oneWordSearch: z.boolean(),
  duplicateInvitation: z.enum(['refuse', 'accept']),
  strictInvitationBody: z.boolean(),
  ownerMustExist: z.boolean(),
  inviteeMustExist: z.boolean(),
  v3DeleteStatus: okOrEmpty,
  v4DeleteStatus: okOrEmpty,
  runOnRunning: okOrBad,
  stopOnStopped: okOrBad,
  inviteOnStopped: okOrBad,
  v4ScheduleTimes: z.enum(['unixString', 'unixNumber', 'iso']),
  v4ListForm: z.enum(['short', 'full']),
  ownerForm: z.enum(['uid', 'id']),
  emailFilter: z.enum(['exact', 'contains', 'ignored']),
  missingEmail: z.enum(['trueConfId', 'empty', 'absent']),
  errorBody: z.enum(['object', 'string', 'html', 'empty']),
  oauthErrorBody: z.enum(['string', 'object']),
  v4CodeField: z.enum(['auth_code', 'any']),
  v3SmartMeetingType: z.int().min(0),
  autoTermination: z.boolean(),
  peopleAnswer: z.boolean(),
  accessTokenSeconds,
  refreshTokenSeconds: seconds,
  authorizationCodeSeconds: seconds,
};

export const quirksSchema = z.strictObject(shape);

export const quirksChangeSchema = z.strictObject({
  ...quirksSchema.partial().shape,
  versions: versions.partial().optional(),
  accessTokenSeconds: accessTokenSeconds.partial().optional(),
});
export type QuirksChange = z.output<typeof quirksChangeSchema>;

/** Applies a change; groups are merged. */
export function changeQuirks(quirks: TrueConfQuirks, change: QuirksChange): void {
  const { versions: some, accessTokenSeconds: times, ...rest } = change;
  Object.assign(quirks.versions, definedOnly(some ?? {}));
  Object.assign(quirks.accessTokenSeconds, definedOnly(times ?? {}));
  Object.assign(quirks, definedOnly(rest));
}

function definedOnly(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}
