/** FindPeople and GetPersona over the contacts of a mailbox and the directory (Microsoft reference pages). */
import { addressOfDn, legacyDn } from '../../world/directory.ts';
import type { ItemRecord } from '../../world/model.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { ShownItem } from '../items/shown-item.ts';
import type { RequestContext } from '../request-context.ts';
import { findFolder, findItem } from '../targets.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerDirectly } from '../wire/response-messages.ts';
import { compareValues, readerFor } from './property-values.ts';
import { compileRestriction } from './restriction.ts';

interface Persona {
  readonly id: string;
  readonly name: string;
  readonly givenName?: string;
  readonly surname?: string;
  readonly company?: string;
  readonly address?: string;
  readonly item?: ShownItem;
}

export function findPeople(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerDirectly(context, out, () => {
    const query = request.childText('QueryString')?.trim().toLowerCase() ?? '';
    const found = candidates(context, request).filter(({ name, address = '' }) =>
      `${name} ${address}`.toLowerCase().includes(query),
    );
    const view = request.child('IndexedPageItemView');
    const offset = Number(view?.attribute('Offset') ?? 0);
    const page = found.slice(offset, offset + Number(view?.attribute('MaxEntriesReturned') ?? found.length));
    return (message) => {
      message.open('m:People');
      for (const persona of page) {
        message.open('t:Persona');
        writePersona(message, persona);
        message.close();
      }
      message.close().element('m:TotalNumberOfPeopleInView', found.length);
      message.element('m:FirstMatchingRowIndex', 0).element('m:FirstLoadedRowIndex', offset);
    };
  });
}

function candidates(context: RequestContext, request: XmlElement): Persona[] {
  const parent = request.child('ParentFolderId')?.children[0];
  if (parent === undefined || parent.attribute('Id') === 'directory') return directoryPersonas(context);
  const { box, folder } = findFolder(context, parent);
  const restriction = request.child('Restriction')?.children[0];
  const test = restriction === undefined ? undefined : compileRestriction(context, restriction);
  const items = [...box.itemsIn(folder.number)]
    .filter(isContact)
    .map((record) => new ShownItem(context.world, box, record))
    .filter((item) => test?.(item) ?? true);
  const order = request.child('SortOrder')?.child('FieldOrder');
  const path = order?.children[0];
  if (path !== undefined) {
    const read = readerFor(path);
    const sign = order?.attribute('Order') === 'Descending' ? -1 : 1;
    items.sort((a, b) => compareValues(read(a), read(b)) * sign);
  }
  return items.map(personaOf);
}

const isContact = (record: ItemRecord): boolean => record.kind === 'message' && record.element === 'Contact';

const MOST_PEOPLE = 1000;

function directoryPersonas(context: RequestContext): Persona[] {
  const found: Persona[] = [];
  for (const address of context.world.addresses()) {
    if (found.length >= MOST_PEOPLE) break;
    found.push(personOf(context, address));
  }
  return found;
}

const personOf = (context: RequestContext, address: string): Persona => ({
  id: legacyDn(address),
  name: context.world.displayName(address),
  address,
});

function personaOf(item: ShownItem): Persona {
  const text = (name: string): string | undefined => item.content.opaque.get(name)?.text || undefined;
  const given = text('GivenName');
  const surname = text('Surname');
  const name = text('DisplayName') ?? text('FileAs') ?? [given, surname].filter(Boolean).join(' ');
  const address = item.content.opaque.get('EmailAddresses')?.children[0]?.text;
  const company = text('CompanyName');
  return {
    id: item.id,
    name,
    item,
    ...(given === undefined ? {} : { givenName: given }),
    ...(surname === undefined ? {} : { surname }),
    ...(company === undefined ? {} : { company }),
    ...(address === undefined ? {} : { address }),
  };
}

function writePersona(out: XmlWriter, { id, name, givenName, surname, company, address }: Persona): void {
  out.element('t:PersonaId', undefined, { Id: id }).element('t:PersonaType', 'Person');
  out.element('t:DisplayName', name).element('t:DisplayNameFirstLast', name).element('t:FileAs', name);
  if (givenName !== undefined) out.element('t:GivenName', givenName);
  if (surname !== undefined) out.element('t:Surname', surname);
  if (company !== undefined) out.element('t:CompanyName', company);
  if (address === undefined) return;
  const write = (element: string): void => {
    out.open(element).element('t:Name', name).element('t:EmailAddress', address);
    out.element('t:RoutingType', 'SMTP').element('t:MailboxType', 'Mailbox').close();
  };
  write('t:EmailAddress');
  out.open('t:EmailAddresses');
  write('t:Address');
  out.close();
}

/** The answer's root is the message itself. */
export function getPersona(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerDirectly(
    context,
    out,
    () => {
      const persona = findPersona(context, request);
      return (message) => {
        message.open('m:Persona');
        writePersona(message, persona);
        message.close();
      };
    },
    { root: 'GetPersonaResponseMessage', onError: (message) => writeNobody(message) },
  );
}

/** The schema wants a persona even beside an error. */
function writeNobody(message: XmlWriter): void {
  message.open('m:Persona').element('t:PersonaId', undefined, { Id: '' }).close();
}

function findPersona(context: RequestContext, request: XmlElement): Persona {
  const id = request.child('PersonaId');
  const text = id?.attribute('Id') ?? '';
  const mailbox = context.world.findMailbox(
    request.child('EmailAddress')?.childText('EmailAddress')?.trim() ?? addressOfDn(text) ?? '',
  );
  if (mailbox !== undefined) return personOf(context, mailbox.address);
  if (id === undefined || text === '') throw new EwsError('ErrorItemNotFound', 'The persona was not found.');
  const item = Object.assign(Object.create(id) as XmlElement, { name: 'ItemId' });
  const { box, record } = findItem(context, item);
  if (!isContact(record)) throw new EwsError('ErrorItemNotFound', 'The persona was not found.');
  return personaOf(new ShownItem(context.world, box, record));
}
