/** ConvertId between EWS ids, hex and Outlook entry ids, store ids and OWA ids (Microsoft reference page; MS-OXWSCVTID). */
import type { ExchangeWorld } from '../../world/exchange-world.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import type { RequestContext } from '../request-context.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerEach } from '../wire/response-messages.ts';

interface Place {
  readonly guid: string;
  readonly folder: number;
  readonly number: number | undefined;
}

const malformed = (): EwsError => new EwsError('ErrorInvalidIdMalformed', 'Id is malformed.');
const ITEM_ENTRY_BYTES = 70;
const FOLDER_ENTRY_BYTES = 46;
const XSI_TYPE = { 'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance', 'xsi:type': 't:AlternateIdType' };

export async function convertId(context: RequestContext, request: XmlElement, out: XmlWriter): Promise<void> {
  const wanted = request.attribute('DestinationFormat') ?? 'EwsId';
  await answerEach(context, out, request.child('SourceIds')?.children ?? [], (source) => {
    if (source.name !== 'AlternateId')
      throw new EwsError('ErrorInvalidOperation', 'Public folder ids are not converted by this server.');
    const mailbox = source.attribute('Mailbox') ?? '';
    if (!mailbox.includes('@')) throw new EwsError('ErrorInvalidSmtpAddress', 'The SMTP address format is invalid.');
    const box = context.world.findMailbox(mailbox);
    if (box === undefined)
      throw new EwsError('ErrorNonExistentMailbox', 'The SMTP address has no mailbox associated with it.');
    const place = readId(
      context.world,
      box.profile.guid,
      source.attribute('Format') ?? '',
      source.attribute('Id') ?? '',
    );
    const id = writeId(context.world, wanted, place);
    return (message) =>
      void message.element('m:AlternateId', undefined, { ...XSI_TYPE, Format: wanted, Id: id, Mailbox: mailbox });
  });
}

function readId(world: ExchangeWorld, guid: string, format: string, text: string): Place {
  switch (format) {
    case 'EwsId':
    case 'EwsLegacyId': {
      const decoded = world.ids.decode(text);
      if (decoded === undefined) throw malformed();
      return {
        guid: decoded.mailboxGuid,
        folder: decoded.folder,
        number: decoded.kind === 'folder' ? undefined : decoded.number,
      };
    }
    case 'HexEntryId':
      return /^([0-9A-Fa-f]{2})+$/.test(text) ? fromEntry(world, guid, Buffer.from(text, 'hex')) : fail();
    case 'EntryId':
    case 'OwaId':
    case 'StoreId':
      return fromEntry(
        world,
        guid,
        fromBase64(format === 'OwaId' ? decodeURIComponent(text.replaceAll('-', '+').replaceAll('_', '/')) : text),
      );
    default:
      throw malformed();
  }
}

function fail(): never {
  throw malformed();
}

function fromBase64(text: string): Buffer {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw malformed();
  return Buffer.from(text, 'base64');
}

function fromEntry(world: ExchangeWorld, guid: string, entry: Buffer): Place {
  if (entry.length === ITEM_ENTRY_BYTES) {
    const place = { guid, folder: entry.readUIntBE(38, 6), number: entry.readUIntBE(62, 6) };
    if (!world.ids.entryId(place.folder, place.number).equals(entry)) throw malformed();
    return place;
  }
  if (entry.length === FOLDER_ENTRY_BYTES) return { guid, folder: entry.readUIntBE(38, 6), number: undefined };
  throw malformed();
}

function writeId(world: ExchangeWorld, format: string, { guid, folder, number }: Place): string {
  const ewsId = number === undefined ? world.ids.folder(guid, folder) : world.ids.item(guid, folder, number);
  const entry = number === undefined ? Buffer.from(ewsId, 'base64').subarray(43) : world.ids.entryId(folder, number);
  switch (format) {
    case 'HexEntryId':
      return entry.toString('hex').toUpperCase();
    case 'EntryId':
    case 'StoreId':
      return entry.toString('base64');
    case 'OwaId':
      return encodeURIComponent(entry.toString('base64'));
    default:
      return ewsId;
  }
}
