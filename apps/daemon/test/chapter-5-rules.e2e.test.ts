/**
 * Guide chapters 5.1.1 and 5.2 where the two sides differ: titles the server does not take, changes that have to wait while
 * people talk, meetings called off in the middle, people and organisers unknown to TrueConf Server (features C4, C9).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Watcher } from '../../../tooling/scene/watcher.ts';
import { HOUR_MS, inHours, mail, openStage, type Stage, unique, until } from './support/stage.ts';

const STRANGER = 'stranger@example.test';

let stage: Stage;
let user1: Watcher;

beforeAll(async () => {
  stage = await openStage({
    mailboxes: 4,
    prepare: async (worlds) => {
      await worlds.control.call('POST', '/mailboxes', { address: STRANGER, name: 'A Stranger' });
    },
    configure: (config) => {
      config.calendarProviders[0].users.push(STRANGER);
    },
  });
  user1 = await stage.watch('user1');
});
afterAll(() => stage?.close());

const linkTo = (id: string): string => `https://server.example.test/c/${id}`;

/** A conference's owner runs or stops it on TrueConf Server. */
async function command(id: string, what: 'run' | 'stop'): Promise<void> {
  const { token } = await stage.worlds.control.token('user1');
  const response = await fetch(`${stage.scene.addresses.trueconf}/api/v4/conferences/${id}/${what}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`${what}: HTTP ${response.status} ${await response.text()}`);
}

async function meetingWith(id: string, more: Record<string, unknown> = {}) {
  const start = inHours(26);
  const item = await stage.worlds.meet('user1', {
    subject: id,
    start,
    end: start + HOUR_MS,
    location: linkTo(id),
    attendees: [mail('user2')],
    ...more,
  });
  await until('the conference', () => stage.worlds.conference(id));
  return item;
}

describe('chapter 5.1.1, what the server does not take', () => {
  test('C4: a title of any length and any characters names the conference as far as it fits, the event whole', async () => {
    const id = unique('long');
    const subject = `${id} 😀 Планёрка\tотдела & <b>${'ё'.repeat(300)}`.slice(0, 255);
    const item = await meetingWith(id, { subject });
    const conference = await until('its topic', async () => {
      const found = await stage.worlds.conference(id);
      return found?.topic.startsWith(id) && found;
    });
    expect([...conference.topic].length).toBeLessThanOrEqual(240);
    expect(conference.topic).not.toMatch(/\p{Cc}/u);
    expect(conference.topic).toContain('😀 Планёрка');
    expect(await user1.waitUntil((events) => events.some(({ uid }) => uid === item.uid), 10_000)).toBeDefined();
    const shown = user1.events.find(({ uid }) => uid === item.uid);
    expect(shown?.title.length).toBeGreaterThan(240);
  });
});

describe('chapter 5.2, while people talk', () => {
  test('C4: a new title and new people: people come in at once, the title when the conference has stopped', async () => {
    const id = unique('talking');
    const item = await meetingWith(id);
    await command(id, 'run');
    const renamed = `${id}, renamed`;
    await stage.worlds.control.update(mail('user1'), item.id, {
      subject: renamed,
      attendees: [mail('user2'), mail('user3')],
    });
    await until('the newcomer is in', async () =>
      (await stage.worlds.conference(id))?.participants.some((person) => person.id.startsWith('user3')),
    );
    expect(await stage.worlds.conference(id)).toMatchObject({ topic: id, state: 'running' });
    await command(id, 'stop');
    await until('the new title', async () => (await stage.worlds.conference(id))?.topic === renamed, 40_000, 100);
  });

  test('C9: a meeting called off in the middle: its conference is stopped and removed, the event stays, marked', async () => {
    const id = unique('called_off');
    const item = await meetingWith(id);
    const guest = await stage.watch('user2');
    expect(await guest.waitUntil((events) => events.some(({ uid }) => uid === item.uid), 10_000)).toBeDefined();
    await command(id, 'run');
    await stage.worlds.control.cancel(mail('user1'), item.id);
    await until('no conference', async () => (await stage.worlds.conference(id)) === undefined, 30_000, 100);
    expect(
      await guest.waitUntil((events) => events.some(({ uid, isCancelled }) => uid === item.uid && isCancelled), 10_000),
    ).toBeDefined();
    guest.close();
  });
});

describe('chapter 5.2, people TrueConf Server does not know', () => {
  test('C4: an organiser without an account: no conference, the reason stands in the meeting’s story; then with one', async () => {
    const id = unique('ownerless');
    const start = inHours(27);
    const item = await stage.worlds.control.create(STRANGER, {
      subject: id,
      start,
      end: start + HOUR_MS,
      location: linkTo(id),
      attendees: [mail('user2')],
    });
    const guest = await stage.watch('user2');
    expect(await guest.waitUntil((events) => events.some(({ uid }) => uid === item.uid), 10_000)).toBeDefined();
    await until('the reason', async () => {
      const { text } = await stage.fetchText(`/api/v1/meetings/${encodeURIComponent(item.uid)}/trace`);
      return text.includes('organizerWithoutAccount');
    });
    expect(await stage.worlds.conference(id)).toBeUndefined();
    await stage.worlds.control.call('POST', '/trueconf/users', {
      id: unique('stranger'),
      email: STRANGER,
      displayName: 'A Stranger',
    });
    // That nobody has the address is believed for half a minute; then any change of the meeting finds the account.
    let change = 0;
    const conference = await until(
      'the conference',
      async () => {
        change += 1;
        await stage.worlds.control.update(STRANGER, item.id, { subject: `${id}, ${change}` });
        return stage.worlds.conference(id);
      },
      60_000,
      2_000,
    );
    expect(conference.owner).toContain('stranger');
    guest.close();
  });
});
