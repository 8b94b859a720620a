/**
 * What a user of a TrueConf client asked for when they made an event with a conference: mode and access travel in the
 * marker's URL, behind the join link proper, until the conference is made. Contract §5 `createEvent`; feature D4.
 */
import type { ConferenceAccess, ConferenceMode } from '@calendar-connector/calendar-model';

/** How a conference that is still to be made was asked for. */
export interface ConferenceWish {
  readonly mode?: ConferenceMode;
  readonly access?: ConferenceAccess;
}

const MODES: readonly ConferenceMode[] = ['smartMeeting', 'moderated', 'allOnScreen', 'videoLecture'];
const ACCESSES: readonly ConferenceAccess[] = ['private', 'public'];

/** The link of a conference that is still to be made, with how it shall be. */
export function wishingUrl(url: string, { mode, access }: ConferenceWish): string {
  const parts = [...(mode ? [`mode=${mode}`] : []), ...(access ? [`access=${access}`] : [])];
  return parts.length === 0 ? url : `${url}?${parts.join('&')}`;
}

/** Reads it back; anything unknown is no wish. */
export function conferenceWish(markerUrl: string): ConferenceWish | undefined {
  const query = markerUrl.split('?', 2)[1];
  if (query === undefined) return undefined;
  const given = new Map(query.split('&').map((pair) => pair.split('=', 2) as [string, string]));
  const mode = MODES.find((one) => one === given.get('mode'));
  const access = ACCESSES.find((one) => one === given.get('access'));
  return mode || access ? { ...(mode && { mode }), ...(access && { access }) } : undefined;
}
