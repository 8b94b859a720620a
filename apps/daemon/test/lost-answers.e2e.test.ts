/**
 * Issue 7 line 6: a time-out after the server had already acted never produces a second conference, invitation or item, in
 * either direction. Whatever is written is written in vain once: the deed is done, the answer is lost.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Watcher } from '../../../tooling/scene/watcher.ts';
import { type Author, draft, newKey, openAuthor, shownTo } from './support/author.ts';
import type { Frame } from './support/channel-client.ts';
import { HOUR_MS, inHours, inMs, mail, openStage, type Stage, unique, until } from './support/stage.ts';

let stage: Stage;
let author: Author;
let user1: Watcher;
let user2: Watcher;

beforeAll(async () => {
  stage = await openStage({ mailboxes: 6 });
  [author, user2] = await Promise.all([openAuthor(stage, 'user1'), stage.watch('user2')]);
  user1 = author.watcher;
  // Takes the client's whole patience; the last test of this file looks what became of it.
  const fault = await stage.worlds.fault({
    server: 'trueconf',
    kind: 'timeoutAfterCommit',
    operation: 'createConference',
    count: 1,
  });
  const start = inHours(60);
  await stage.worlds.meet('user5', {
    subject: 'Never answered',
    start,
    end: start + HOUR_MS,
    location: '@trueconf',
    attendees: [mail('user3')],
  });
  await until('the answer is withheld', async () => (await stage.worlds.struck(fault)) > 0);
});
afterAll(() => stage?.close());

const linkTo = (id: string): string => `https://server.example.test/c/${id}`;
const names = (people: readonly { readonly id: string }[]): readonly string[] =>
  people.map(({ id }) => id.split('@')[0] ?? '').sort();

/** The engine has no decision left for this meeting. */
async function isSettled(uid: string): Promise<boolean> {
  const { text } = await stage.fetchText(`/api/v1/meetings/${encodeURIComponent(uid)}/explain`);
  return (JSON.parse(text) as { decisions: readonly unknown[] }).decisions.length === 0;
}

/** How often the connector has changed an item in the mailbox of `user`. */
const updatesOf = async (user: string): Promise<number> =>
  (await stage.worlds.journal({ server: 'exchange', operation: 'UpdateItem', mailbox: mail(user) })).length;

describe('time-outs after the server had acted, towards Exchange', () => {
  /** Exchange does it and says nothing: the connection ends without an answer a while after the deed. */
  async function lost(operation: string, ask: () => Promise<Frame>): Promise<Frame> {
    const fault = await stage.worlds.fault({
      server: 'exchange',
      kind: 'timeoutAfterCommit',
      operation,
      mailbox: mail('user1'),
      count: 1,
      ms: 150,
    });
    const answer = await ask();
    expect(await stage.worlds.struck(fault)).toBe(1);
    return answer;
  }

  test('D4: createEvent whose answer is lost: one item, one invitation, and a repeat finds it', async () => {
    const title = unique('Lost create');
    const [idempotencyKey, event] = [newKey(), draft(title, 41, { attendees: [{ email: mail('user2') }] })];
    const first = await lost('CreateItem', () => author.create(event, idempotencyKey));
    expect(await stage.worlds.countItems('user1', title)).toBe(1);
    const again = await until(
      'an answer',
      async () => {
        const answer = await author.create(event, idempotencyKey);
        return answer.error ? undefined : answer;
      },
      30_000,
      500,
    );
    if (!first.error) expect(again.event.id).toBe(first.event.id);
    expect(await stage.worlds.countItems('user1', title)).toBe(1);
    expect(await stage.worlds.countItems('user2', title)).toBe(1);
  });

  test('D4: updateEvent whose answer is lost: a repeat finds it done, and guests are told once', async () => {
    const { event } = await author.create(draft(unique('Lost update'), 48, { attendees: [{ email: mail('user2') }] }));
    await shownTo(user2, ({ uid }) => uid === event.uid);
    const title = unique('Lost update, renamed');
    const idempotencyKey = newKey();
    const update = () =>
      author.client.ask({ method: 'updateEvent', eventId: event.id, idempotencyKey, changes: { title } });
    const first = await lost('UpdateItem', update);
    await shownTo(user2, (one) => one.uid === event.uid && one.title === title);
    const before = await updatesOf('user1');
    const again = await until(
      'an answer',
      async () => {
        const answer = await update();
        return answer.error ? undefined : answer;
      },
      30_000,
      500,
    );
    expect(again.event).toMatchObject({ uid: event.uid, title });
    if (first.error) expect(await updatesOf('user1')).toBe(before);
    expect(await stage.worlds.countItems('user1', title)).toBe(1);
  });

  test('D4: cancelEvent and respondToEvent whose answers are lost: the deed is done once', async () => {
    const { event } = await author.create(draft('Lost cancel', 42, { attendees: [{ email: mail('user2') }] }));
    await shownTo(user2, ({ uid }) => uid === event.uid);
    const idempotencyKey = newKey();
    const cancel = () => author.client.ask({ method: 'cancelEvent', eventId: event.id, idempotencyKey });
    const gone = async (): Promise<boolean> => {
      const copy = await stage.worlds.copy('user1', event.uid);
      return copy === undefined || copy.isCancelled;
    };
    await lost('CreateItem', cancel);
    expect(await gone()).toBe(true);
    const repeated = await cancel();
    expect([undefined, 'notFound']).toContain(repeated.error?.code);
    await shownTo(user2, ({ uid, isCancelled }) => uid === event.uid && isCancelled);

    const start = inHours(43);
    const item = await stage.worlds.meet('user3', {
      subject: 'Lost answer',
      start,
      end: start + HOUR_MS,
      attendees: [mail('user1')],
    });
    const invitation = await shownTo(user1, ({ uid }) => uid === item.uid);
    const responseKey = newKey();
    const respond = () =>
      author.client.ask({
        method: 'respondToEvent',
        eventId: invitation.id,
        response: 'accepted',
        idempotencyKey: responseKey,
      });
    const answered = async (): Promise<boolean> =>
      /accept/i.test((await stage.worlds.copy('user3', item.uid))?.attendees[0]?.response ?? '');
    await lost('CreateItem', respond);
    expect(await answered()).toBe(true);
    await until(
      'an answer',
      async () => {
        const answer = await respond();
        return answer.error === undefined || answer.error.code === 'notFound';
      },
      30_000,
      500,
    );
    expect(
      await stage.worlds.control
        .items(mail('user1'))
        .then((items) => items.filter(({ uid }) => uid === item.uid).length),
    ).toBe(1);
  });

  test('D5: mirroring whose answer is lost makes one item', async () => {
    const fault = await stage.worlds.fault({
      server: 'exchange',
      kind: 'timeoutAfterCommit',
      operation: 'CreateItem',
      mailbox: mail('user6'),
      count: 1,
      ms: 150,
    });
    const start = inHours(44);
    const [id, topic] = [unique('lost_mirror'), unique('Lost mirror')];
    await stage.worlds.planConference({
      id,
      topic,
      owner: 'user6',
      schedule: { type: 'once', start: new Date(start).toISOString(), durationSeconds: 3600 },
    });
    await until('the fault struck', async () => (await stage.worlds.struck(fault)) > 0, 20_000);
    await until('the item', async () => (await stage.worlds.countItems('user6', topic)) === 1);
    await until(
      'mirrored',
      () => stage.lines.some((line) => line.includes(id) && line.includes('"conference mirrored"')),
      30_000,
    );
    expect(await stage.worlds.countItems('user6', topic)).toBe(1);
  });

  test('C4: a join link whose writing is not answered: one link, one conference, one item each', async () => {
    const subject = unique('Lost link');
    const fault = await stage.worlds.fault({
      server: 'exchange',
      kind: 'timeoutAfterCommit',
      operation: 'UpdateItem',
      mailbox: mail('user4'),
      count: 1,
      ms: 150,
    });
    const start = inHours(49);
    const item = await stage.worlds.meet('user4', {
      subject,
      start,
      end: start + HOUR_MS,
      location: 'Room 2 @trueconf',
      attendees: [mail('user3')],
    });
    await until('the fault struck', async () => (await stage.worlds.struck(fault)) > 0, 20_000);
    await until('the link', async () => (await stage.worlds.copy('user4', item.uid))?.location.includes('/c/'));
    // A change made afterwards is followed: whatever the lost answer had set going is over by then.
    const renamed = `${subject}, renamed`;
    await stage.worlds.control.update(mail('user4'), item.id, { subject: renamed });
    const ofMeeting = async () => (await stage.worlds.conferences()).filter(({ topic }) => topic.startsWith(subject));
    await until('the new title', async () => (await ofMeeting()).some(({ topic }) => topic === renamed), 40_000, 100);
    const [conference, ...more] = await ofMeeting();
    expect(more).toEqual([]);
    const { location } = await until('the item', () => stage.worlds.copy('user4', item.uid));
    expect(location.split('/c/')).toHaveLength(2);
    expect(location).toContain(`/c/${conference?.id}`);
    expect(await updatesOf('user4')).toBe(1);
    expect(await stage.worlds.countItems('user4', renamed)).toBe(1);
    expect(await stage.worlds.countItems('user3', renamed)).toBe(1);
  });
});

describe.concurrent('time-outs after the server had acted, towards TrueConf Server', () => {
  test.each(['resetAfterCommit', 'halfJson', 'brokenJson'])(
    'C4, C5: %s on create, invite and run: one conference, started once',
    async (kind) => {
      const id = unique(`lost_${kind.toLowerCase()}`);
      for (const operation of ['createConference', 'addInvitation', 'runConference']) {
        await stage.worlds.fault({
          server: 'trueconf',
          kind,
          operation,
          count: 1,
          ...(operation === 'createConference' ? {} : { pathContains: id }),
        });
      }
      const start = inMs(9_000);
      await stage.worlds.meet('user4', {
        subject: id,
        start,
        end: start + HOUR_MS,
        timeZone: 'UTC',
        location: linkTo(id),
        attendees: [mail('user5')],
        recurrence: {
          pattern: { type: 'Daily', interval: 1 },
          range: { type: 'NoEnd', startDate: new Date(start).toISOString().slice(0, 10) },
        },
      });
      await until(`${id} runs`, async () => (await stage.worlds.sessions(id).catch(() => [])).length > 0, 25_000, 50);
      // Everything that is to follow a lost answer has followed when the start is on record.
      await until(
        'the start is on record',
        () =>
          stage.lines.some((line) => line.includes('"conference start"') && /"outcome":"(done|already)"/.test(line)),
        25_000,
      );
      expect((await stage.worlds.conferences()).filter(({ topic }) => topic === id)).toHaveLength(1);
      expect(await stage.worlds.sessions(id)).toHaveLength(1);
    },
  );

  test.each(['resetAfterCommit', 'halfJson', 'brokenJson'])(
    'C4, C9: %s on every edit, on stop and on delete: what is called off while people talk ends once and stays away',
    async (kind) => {
      const id = unique(`off_${kind.toLowerCase()}`);
      const start = inHours(28);
      const item = await stage.worlds.meet('user6', {
        subject: id,
        start,
        end: start + HOUR_MS,
        location: linkTo(id),
        attendees: [mail('user5'), mail('user3')],
      });
      const people = async (): Promise<string> => names((await stage.worlds.conference(id))?.participants ?? []).join();
      await until('the people are in', async () => (await people()) === 'user3,user5');
      const operations = ['updateConference', 'removeInvitation', 'stopConference', 'deleteConference'];
      const faults = await Promise.all(
        operations.map((operation) =>
          stage.worlds.fault({ server: 'trueconf', kind, operation, count: 1, pathContains: id }),
        ),
      );
      const renamed = `${id}, smaller`;
      await stage.worlds.control.update(mail('user6'), item.id, { subject: renamed, attendees: [mail('user5')] });
      await until(
        'title and people',
        async () => (await stage.worlds.conference(id))?.topic === renamed && (await people()) === 'user5',
        40_000,
        100,
      );
      await stage.worlds.control.call('POST', `/conferences/${id}/run`);
      await stage.worlds.control.cancel(mail('user6'), item.id);
      await until('no conference', async () => (await stage.worlds.conference(id)) === undefined, 40_000, 100);
      await until('nothing is left to do', () => isSettled(item.uid), 40_000, 100);
      for (const fault of faults) expect(await stage.worlds.struck(fault)).toBe(1);
      expect((await stage.worlds.conferences()).filter(({ topic }) => topic.startsWith(id))).toEqual([]);
    },
  );
});

describe('a real time-out', () => {
  test('C4: thirty seconds without an answer after the conference was made: still one conference', async () => {
    // Begun before the first test of this file.
    const made = (): Promise<number> =>
      stage.worlds.conferences().then((all) => all.filter(({ topic }) => topic === 'Never answered').length);
    expect(await made()).toBe(1);
    await until(
      'the link in Exchange',
      async () =>
        (await stage.worlds.control.items(mail('user5')))
          .find(({ subject }) => subject === 'Never answered')
          ?.location.includes('/c/cal_'),
      60_000,
      100,
    );
    expect(await made()).toBe(1);
  });
});
