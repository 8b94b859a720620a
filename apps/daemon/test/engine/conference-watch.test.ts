/** Lists of a server against what clients are shown: whatever happened between two lists, or while nobody watched. */
import { type Conference, conferenceId, trueConfServerId, trueConfUserId } from '@calendar-connector/calendar-model';
import type { ConferenceTarget } from '@calendar-connector/sync-core';
import { describe, expect, it } from 'vitest';
import { ConferenceWatch } from '../../src/engine/servers/conference-watch.ts';
import { ManualClock } from './manual-clock.ts';

const SERVER = trueConfServerId('server.example.test#vcs');
const ROOM = conferenceId('room');

function conference(state: Conference['state']): Conference {
  return {
    id: ROOM,
    topic: 'Review',
    owner: trueConfUserId('anna'),
    mode: 'smartMeeting',
    access: 'private',
    state,
    schedule: { type: 'none' },
    participants: [],
    tags: [],
    url: 'https://server.example.test/c/room',
  };
}

/** A watch that has read these lists one after the other; `shown`: what clients are shown when it begins. */
async function afterLists(
  shown: ReadonlySet<Conference['id']>,
  lists: readonly (readonly Conference[])[],
  onListed: (shown: Set<Conference['id']>) => void = () => {},
): Promise<ReadonlySet<Conference['id']>> {
  const clock = new ManualClock();
  const now = new Set(shown);
  const left = [...lists];
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  async function* listConferences(): AsyncGenerator<Conference> {
    yield* left.shift() ?? [];
  }
  const target = { id: SERVER, listConferences } as unknown as ConferenceTarget;
  const watch = new ConferenceWatch({
    clock,
    targets: () => [target],
    store: {
      findMeetingByConference: async () => undefined,
      listBoundMeetings: async () => [],
      listRunningConferences: async () => [...now],
      requestPlan: async () => {},
      saveConferenceState: async (_server, id, state) => void (state === 'running' ? now.add(id) : now.delete(id)),
    },
    onListed: async () => {
      onListed(now);
      if (left.length === 0) finish();
      else setImmediate(() => clock.advance(60_000));
    },
    observer: { listed: () => {}, failed: (_server, error) => expect.unreachable(String(error)) },
  });
  watch.start();
  await finished;
  await watch.stop();
  return now;
}

describe('what clients are shown of a conference', () => {
  it('is that it stopped, when it did while nobody watched', async () => {
    expect(await afterLists(new Set([ROOM]), [[conference('stopped')]])).toEqual(new Set());
  });

  it('is that it stopped, when it was removed while nobody watched', async () => {
    expect(await afterLists(new Set([ROOM]), [[]])).toEqual(new Set());
  });

  it('is that it stopped, when it was started and stopped again between two lists', async () => {
    const started = (shown: Set<Conference['id']>) => void shown.add(ROOM);
    const lists = [[conference('stopped')], [conference('stopped')], [conference('stopped')]];
    let count = 0;
    expect(await afterLists(new Set(), lists, (shown) => (count++ === 0 ? started(shown) : undefined))).toEqual(
      new Set(),
    );
  });

  it('is that it runs, also before any meeting links to it', async () => {
    expect(await afterLists(new Set(), [[conference('running')]])).toEqual(new Set([ROOM]));
  });
});
