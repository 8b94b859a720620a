/** A simulated week of people in Outlook: every copy ends consistent, every change log replays to the state it describes. */
import { describe, expect, it } from 'vitest';
import { INBOX } from '../../src/world/folders.ts';
import { type Caller, closeAndValidate, openExchange } from './support/ews-caller.ts';
import { inconsistencies, OfficePeople } from './support/office-people.ts';

const PEOPLE = Array.from({ length: 8 }, (_, index) => `user${index + 1}@example.test`);
const STEPS = 700;

/** A client that knows a folder only by synchronising it. */
class Replica {
  readonly #caller: Caller;
  readonly #user: string;
  readonly #folder: string;
  #state = '';
  readonly items = new Map<string, string>();

  constructor(caller: Caller, user: string, folder: string) {
    this.#caller = caller;
    this.#user = user;
    this.#folder = folder;
  }

  /** One page; true when there is nothing more. */
  async page(size: number): Promise<boolean> {
    const state = this.#state === '' ? '' : `<m:SyncState>${this.#state}</m:SyncState>`;
    const reply = await this.#caller.call(
      `<m:SyncFolderItems><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape></m:ItemShape><m:SyncFolderId><t:DistinguishedFolderId Id="${this.#folder}"/></m:SyncFolderId>${state}<m:MaxChangesReturned>${size}</m:MaxChangesReturned></m:SyncFolderItems>`,
      { user: this.#user },
    );
    expect(reply.codes).toEqual(['NoError']);
    for (const change of reply.all('Changes')[0]?.children ?? []) {
      const id =
        change.name === 'Delete'
          ? change.child('ItemId')
          : (change.child('ItemId') ?? change.children[0]?.child('ItemId'));
      const key = id?.attribute('Id') ?? '';
      if (change.name === 'Delete') this.items.delete(key);
      else this.items.set(key, id?.attribute('ChangeKey') ?? '');
    }
    this.#state = reply.first('SyncState') ?? '';
    return reply.first('IncludesLastItemInRange') === 'true';
  }
}

describe('a week of people in Outlook', () => {
  it.each([11, 12, 13])(
    'seed %i: all copies agree and all change logs replay',
    async (seed) => {
      const caller = await openExchange({ worldOptions: { seed, mailboxes: PEOPLE.length } });
      const { world } = caller;
      const people = new OfficePeople(world, PEOPLE, seed);
      const replicas = PEOPLE.flatMap((user) => [
        new Replica(caller, user, 'calendar'),
        new Replica(caller, user, 'inbox'),
      ]);
      for (let step = 0; step < STEPS; step += 1) {
        people.step();
        if (step % 5 === 0) await replicas[(step / 5) % replicas.length]?.page(1 + (step % 7));
      }
      expect(inconsistencies(world, PEOPLE, people.deletedByAttendee, people.partlyTold)).toEqual([]);
      // everything people can do was done
      for (const action of [
        'create',
        'update',
        'reschedule',
        'invite or take off',
        'change an occurrence',
        'delete an occurrence',
        'change the pattern',
        'cancel',
        'answer',
        'answer an occurrence',
        'delete own entry',
      ]) {
        expect(people.done.get(action) ?? 0, action).toBeGreaterThan(3);
      }
      for (const replica of replicas) for (let pages = 0; !(await replica.page(20)) && pages < 200; pages += 1);
      for (const [index, user] of PEOPLE.entries()) {
        const box = world.getMailbox(user);
        const truth = (folder: number): Map<string, string> =>
          new Map(
            [...box.itemsIn(folder)].map((item) => [
              world.ids.item(box.profile.guid, item.folder, item.number),
              world.ids.changeKey(item.change),
            ]),
          );
        expect(replicas[index * 2]?.items).toEqual(truth(box.findDistinguished('calendar')?.number ?? 0));
        expect(replicas[index * 2 + 1]?.items).toEqual(truth(INBOX));
      }
    },
    60_000,
  );

  closeAndValidate();
});
