/** ResolveNames, ExpandDL, GetRoomLists, GetRooms (Microsoft reference pages). */

import { addressOfDn, legacyDn } from '../../world/directory.ts';
import type { ExchangeWorld } from '../../world/exchange-world.ts';
import type { MailboxType } from '../../world/model.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import type { RequestContext } from '../request-context.ts';
import { isTrue } from '../wire/booleans.ts';
import { openResponse } from '../wire/envelope.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerOnce, toEwsError, writeErrorFields } from '../wire/response-messages.ts';

interface Entry {
  readonly name: string;
  readonly address: string;
  readonly type: MailboxType;
}

const MOST_RESOLUTIONS = 100;
/** Name searches look at this many generated mailboxes; an exact address finds any. */
const SEARCH_DEPTH = 20_000;

export function resolveNames(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  openResponse(out, 'ResolveNamesResponse');
  out.open('m:ResponseMessages');
  const wantsContact = isTrue(request.attribute('ReturnFullContactData'));
  const text = (request.childText('UnresolvedEntry') ?? '').trim();
  const found = text === '' ? [] : search(context.world, text);
  if (found.length === 0) writeNone(context, out);
  else writeFound(context, out, found, wantsContact);
  out.close().close();
}

function writeNone(context: RequestContext, out: XmlWriter): void {
  context.noteCode('ErrorNameResolutionNoResults');
  out.open('m:ResolveNamesResponseMessage', { ResponseClass: 'Error' });
  writeErrorFields(out, new EwsError('ErrorNameResolutionNoResults', 'No results were found.'));
  out.close();
}

function writeFound(context: RequestContext, out: XmlWriter, found: readonly Entry[], wantsContact: boolean): void {
  const isMany = found.length > 1;
  const page = found.slice(0, MOST_RESOLUTIONS);
  out.open('m:ResolveNamesResponseMessage', { ResponseClass: isMany ? 'Warning' : 'Success' });
  if (isMany) {
    context.noteCode('ErrorNameResolutionMultipleResults');
    writeErrorFields(out, new EwsError('ErrorNameResolutionMultipleResults', 'Multiple results were found.'));
  } else {
    context.noteCode('NoError');
    out.element('m:ResponseCode', 'NoError');
  }
  out.open('m:ResolutionSet', { TotalItemsInView: page.length, IncludesLastItemInRange: page.length === found.length });
  for (const entry of page) {
    out.open('t:Resolution');
    writeEntry(out, 't:Mailbox', entry);
    if (wantsContact) writeContact(out, entry);
    out.close();
  }
  out.close().close();
}

function writeEntry(out: XmlWriter, element: string, entry: Entry): void {
  out.open(element).element('t:Name', entry.name).element('t:EmailAddress', entry.address);
  out.element('t:RoutingType', 'SMTP').element('t:MailboxType', entry.type).close();
}

function writeContact(out: XmlWriter, entry: Entry): void {
  out.open('t:Contact').element('t:DisplayName', entry.name);
  out.open('t:EmailAddresses').element('t:Entry', `SMTP:${entry.address}`, { Key: 'EmailAddress1' }).close();
  out.element('t:ContactSource', 'ActiveDirectory');
  out.element('t:DirectoryId', legacyDn(entry.address));
  out.close();
}

/** By SMTP address, legacy DN, or the beginning of a word of the name. */
function search(world: ExchangeWorld, text: string): Entry[] {
  const wanted = text.replace(/^(smtp|sip|ex):/i, '').toLowerCase();
  const address = addressOfDn(wanted) ?? wanted;
  const exact = entryOf(world, address);
  if (exact !== undefined) return [exact];
  if (wanted.includes('@') && !wanted.endsWith('@')) return [];
  const found: Entry[] = [];
  let seen = 0;
  for (const candidate of allEntries(world)) {
    seen += 1;
    if (found.length > MOST_RESOLUTIONS || seen > SEARCH_DEPTH) break;
    const name = candidate.name.toLowerCase();
    if (name === wanted) return [candidate];
    const isHit =
      name.startsWith(wanted) ||
      name.split(/\s+/).some((word) => word.startsWith(wanted)) ||
      candidate.address.toLowerCase().startsWith(wanted);
    if (isHit) found.push(candidate);
  }
  return found;
}

function* allEntries(world: ExchangeWorld): IterableIterator<Entry> {
  for (const address of world.addresses()) {
    yield { name: world.displayName(address), address, type: 'Mailbox' };
  }
  for (const list of world.directory.lists()) yield { name: list.name, address: list.address, type: 'PublicDL' };
  for (const contact of world.directory.contacts())
    yield { name: contact.name, address: contact.address, type: 'Contact' };
}

export function entryOf(world: ExchangeWorld, address: string): Entry | undefined {
  const box = world.findMailbox(address);
  if (box !== undefined) return { name: box.profile.name, address: box.address, type: 'Mailbox' };
  const list = world.directory.findList(address);
  if (list !== undefined) return { name: list.name, address: list.address, type: 'PublicDL' };
  const contact = world.directory.findContact(address);
  return contact === undefined ? undefined : { name: contact.name, address: contact.address, type: 'Contact' };
}

export function expandDl(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerOnce(context, out, () => {
    const mailbox = request.child('Mailbox');
    const address = mailbox?.childText('EmailAddress')?.trim() ?? '';
    const list = context.world.directory.findList(address);
    if (list === undefined) throw new EwsError('ErrorNameResolutionNoResults', 'No results were found.');
    const members = list.members.map(
      (member) => entryOf(context.world, member) ?? { name: member, address: member, type: 'OneOff' as const },
    );
    return (message) => {
      message.open('m:DLExpansion', { TotalItemsInView: members.length, IncludesLastItemInRange: true });
      for (const member of members) writeEntry(message, 't:Mailbox', member);
      message.close();
    };
  });
}

/** These two answer outside ResponseMessages. */
export function getRoomLists(context: RequestContext, _request: XmlElement, out: XmlWriter): void {
  context.noteCode('NoError');
  openResponse(out, 'GetRoomListsResponse', { ResponseClass: 'Success' });
  out.element('m:ResponseCode', 'NoError').open('m:RoomLists');
  writeEntry(out, 't:Address', { name: 'All rooms', address: roomListAddress(context.world), type: 'PublicDL' });
  out.close().close();
}

function roomListAddress(world: ExchangeWorld): string {
  return `rooms@${world.domain}`;
}

export function getRooms(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  const address = request.child('RoomList')?.childText('EmailAddress')?.trim().toLowerCase() ?? '';
  const isKnown = address === roomListAddress(context.world);
  openResponse(out, 'GetRoomsResponse', { ResponseClass: isKnown ? 'Success' : 'Error' });
  if (!isKnown) {
    const error = toEwsError(new EwsError('ErrorNameResolutionNoResults', 'No results were found.'));
    context.noteCode(error.code);
    writeErrorFields(out, error);
    out.close();
    return;
  }
  context.noteCode('NoError');
  out.element('m:ResponseCode', 'NoError').open('m:Rooms');
  for (const box of context.world.rooms()) {
    out.open('t:Room');
    writeEntry(out, 't:Id', { name: box.profile.name, address: box.address, type: 'Mailbox' });
    out.close();
  }
  out.close().close();
}
