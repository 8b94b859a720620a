/** Between the control API's items and the world's: nothing is decided here. */
import type { ExchangeWorld } from '../../world/exchange-world.ts';
import type { ItemView } from '../../world/item-view.ts';
import type { AttendeeEntry, CalendarDraft, CalendarOverlay, CalendarPatch } from '../../world/model.ts';
import type { ItemBody, ItemPatchBody, NewItemBody } from './item-schemas.ts';
import { instantOf, momentOf } from './moments.ts';

export function draftOf(world: ExchangeWorld, mailbox: string, body: NewItemBody): CalendarDraft {
  const zone = body.timeZone ?? world.getMailbox(mailbox).profile.timeZone;
  return {
    ...overlayOf(world, body),
    start: instantOf(body.start, zone),
    end: instantOf(body.end, zone),
    ...(body.recurrence === undefined ? {} : { recurrence: body.recurrence }),
    ...(body.uid === undefined ? {} : { uid: body.uid }),
  };
}

export function patchOf(world: ExchangeWorld, mailbox: string, body: ItemPatchBody): CalendarPatch {
  const zone = body.timeZone ?? world.getMailbox(mailbox).profile.timeZone;
  return {
    ...overlayOf(world, body),
    ...(body.start === undefined ? {} : { start: instantOf(body.start, zone) }),
    ...(body.end === undefined ? {} : { end: instantOf(body.end, zone) }),
    ...(body.recurrence === undefined ? {} : { recurrence: body.recurrence }),
  };
}

function overlayOf(world: ExchangeWorld, body: ItemPatchBody | NewItemBody): CalendarOverlay {
  const { subject, location, allDay, sensitivity, importance, freeBusy, categories, joinUrl } = body;
  const plain = { subject, location, allDay, sensitivity, importance, freeBusy, categories, joinUrl };
  const given = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined)) as CalendarOverlay;
  const zone = body.timeZone === undefined ? {} : { startZone: { id: body.timeZone }, endZone: { id: body.timeZone } };
  const text = body.body;
  const content =
    text === undefined ? {} : { body: typeof text === 'string' ? { type: 'HTML' as const, content: text } : text };
  const people = body.attendees === undefined ? {} : { attendees: body.attendees.map((one) => attendeeOf(world, one)) };
  return { ...given, ...zone, ...content, ...people };
}

type AttendeeBody = NonNullable<NewItemBody['attendees']>[number];

function attendeeOf(world: ExchangeWorld, attendee: AttendeeBody): AttendeeEntry {
  const { address, name, role } =
    typeof attendee === 'string' ? { address: attendee, name: undefined, role: undefined } : attendee;
  const profile = world.findMailbox(address)?.profile;
  return {
    name: name ?? profile?.name ?? address,
    address: profile?.address ?? address,
    routingType: 'SMTP',
    mailboxType: profile ? 'Mailbox' : world.directory.findList(address) ? 'PublicDL' : 'OneOff',
    role: role ?? (profile?.type === 'room' ? 'resource' : 'required'),
    response: 'Unknown',
  };
}

export function itemOf(view: ItemView): ItemBody {
  const { originalStart, deletedOccurrences, modifiedOccurrences, recurrence, ...rest } = view;
  return {
    ...rest,
    start: momentOf(view.start),
    end: momentOf(view.end),
    organizer: { name: view.organizer.name, address: view.organizer.address },
    attendees: view.attendees.map(({ name, address, role, response }) => ({ name, address, role, response })),
    ...(originalStart === undefined ? {} : { originalStart: momentOf(originalStart) }),
    ...(recurrence === undefined ? {} : { recurrence: recurrence as NonNullable<ItemBody['recurrence']> }),
    ...(deletedOccurrences === undefined ? {} : { deletedOccurrences: deletedOccurrences.map(momentOf) }),
    ...(modifiedOccurrences === undefined
      ? {}
      : {
          modifiedOccurrences: modifiedOccurrences.map((one) => ({
            originalStart: momentOf(one.originalStart),
            start: momentOf(one.start),
            end: momentOf(one.end),
          })),
        }),
  };
}
