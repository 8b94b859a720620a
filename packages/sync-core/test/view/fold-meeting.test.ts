import { itemId } from '@calendar-connector/calendar-model';
import { describe, expect, it } from 'vitest';
import { foldMeeting } from '../../src/index.ts';
import { ANNA, attendee, BORIS, CLARA, copy, copyFor, exception, HOUR, NOW, ROOM, series, single } from '../build.ts';

const options = { holdMs: 30_000, maxAttendees: 100 };
const fold = (copies: Parameters<typeof foldMeeting>[0], now = NOW) => foldMeeting(copies, now, options);

describe('folding the copies of a meeting (SPEC 2)', () => {
  it("lets the organizer's copy speak for the meeting", () => {
    const own = single({ subject: 'organizer' });
    const view = fold([copy(BORIS, copyFor(own, { subject: 'attendee', sequence: 9 })), copy(ANNA, own)]);
    expect(view.source).toMatchObject({ mailbox: ANNA, rank: 'organizer' });
    expect(view.source?.item.subject).toBe('organizer');
  });

  it("elects an attendee's copy by newest version, then address, when the organizer is not synced", () => {
    const item = copyFor(single({ attendees: [attendee(BORIS), attendee(CLARA)] }));
    expect(fold([copy(CLARA, item), copy(BORIS, item)]).source?.mailbox).toBe(BORIS);
    expect(fold([copy(CLARA, { ...item, sequence: 2 }), copy(BORIS, item)]).source?.mailbox).toBe(CLARA);
  });

  it("never believes a room's or a delegate's copy while another one exists", () => {
    const item = copyFor(single({ attendees: [attendee(CLARA), attendee(ROOM, { role: 'resource' })] }));
    const room = copy(ROOM, { ...item, subject: 'Anna', sequence: 99 });
    const unlisted = copy(BORIS, { ...item, sequence: 98 });
    expect(fold([room, unlisted, copy(CLARA, item)]).source).toMatchObject({ mailbox: CLARA, rank: 'attendee' });
    expect(fold([room, unlisted]).source).toMatchObject({ mailbox: BORIS, rank: 'unlisted' });
    expect(fold([room]).source?.rank).toBe('resource');
  });

  it('does not let an imported forgery pass for the organizer', () => {
    const own = single();
    const forged = single({
      itemId: itemId('forged'),
      organizer: { name: 'Clara', address: CLARA },
      subject: 'forged',
    });
    const attendees = copy(BORIS, copyFor(own));
    expect(fold([copy(CLARA, forged), attendees, copy(ANNA, own)]).source?.mailbox).toBe(ANNA);
  });

  it("takes an attendee's answer from the attendee's own copy at once (C7)", () => {
    const own = single({ attendees: [attendee(BORIS), attendee(CLARA, { response: 'tentative' })] });
    const view = fold([copy(ANNA, own), copy(BORIS, copyFor(own, { myResponse: 'accepted' }))]);
    expect(view.attendees).toMatchObject([
      { address: BORIS, response: 'accepted', answeredIn: 'ownCopy' },
      { address: CLARA, response: 'tentative', answeredIn: 'organizersCopy' },
    ]);
  });

  it('leaves the organizer out of the attendees', () => {
    expect(fold([copy(ANNA, single({ attendees: [attendee(ANNA), attendee(BORIS)] }))]).attendees).toHaveLength(1);
  });

  it('knows a cancelled meeting by its flag, never by its subject', () => {
    expect(fold([copy(ANNA, single({ isCancelled: true }))]).state).toBe('cancelled');
    expect(fold([copy(ANNA, single({ subject: 'Отменено: обед' }))]).state).toBe('live');
  });

  it("believes the attendees' flag when the organizer's item has just gone to Deleted Items", () => {
    const own = single();
    expect(fold([copy(ANNA, own, NOW), copy(BORIS, copyFor(own, { isCancelled: true }))]).state).toBe('cancelled');
  });

  it('does not take one uninvited attendee for a cancelled meeting', () => {
    const item = copyFor(single({ attendees: [attendee(BORIS), attendee(CLARA)] }));
    const view = fold([copy(BORIS, { ...item, isCancelled: true }), copy(CLARA, item)]);
    expect(view.state).toBe('live');
    expect(view.source?.mailbox).toBe(CLARA);
  });

  it("holds the organizer's vanished item, then believes its deletion", () => {
    const copies = [copy(ANNA, single(), NOW), copy(BORIS, copyFor(single()))];
    expect(fold(copies)).toMatchObject({ state: 'held', holdEndsAt: NOW + 30_000, removals: [] });
    expect(fold(copies, NOW + 30_000)).toMatchObject({ state: 'deleted', removals: [{ mailbox: ANNA }] });
  });

  it('sees Delete + Create of one answer as a move: nothing ends, the old row goes', () => {
    const old = single();
    const view = fold([copy(ANNA, old, NOW), copy(ANNA, { ...old, itemId: itemId('new') })]);
    expect(view).toMatchObject({ state: 'live', removals: [{ itemId: 'item-1' }] });
    expect(view.holdEndsAt).toBeUndefined();
  });

  it('does not end a meeting because an attendee deleted the own copy', () => {
    const item = copyFor(single());
    expect(fold([copy(BORIS, item, NOW - HOUR)]).state).toBe('unseen');
    expect(fold([copy(ANNA, single()), copy(BORIS, item, NOW - HOUR)]).state).toBe('live');
  });

  it('reports copies with the same UID in one mailbox and picks one of them', () => {
    const twice = [copy(ANNA, single()), copy(ANNA, single({ itemId: itemId('item-2'), sequence: 1 }))];
    const view = fold(twice);
    expect(view.source?.item.itemId).toBe('item-2');
    expect(view.duplicates).toEqual([{ mailbox: ANNA, itemId: 'item-1' }]);
  });

  it('tolerates several orphan occurrences in one mailbox', () => {
    const orphans = [NOW + HOUR, NOW + 3 * HOUR].map((start) => copy(BORIS, copyFor(exception(start))));
    const view = fold(orphans);
    expect(view.orphans).toHaveLength(1);
    expect(view.duplicates).toEqual([]);
  });

  it('prefers a whole series to an orphan occurrence', () => {
    const item = copyFor(series({ attendees: [attendee(CLARA)] }));
    const orphan = copyFor(exception(NOW, { attendees: [attendee(BORIS)], sequence: 5 }));
    expect(fold([copy(BORIS, orphan), copy(CLARA, item)]).source?.mailbox).toBe(CLARA);
  });

  it('is private as soon as any copy says so', () => {
    const own = single();
    expect(fold([copy(ANNA, own), copy(BORIS, copyFor(own, { sensitivity: 'confidential' }))]).isPrivate).toBe(true);
  });
});
