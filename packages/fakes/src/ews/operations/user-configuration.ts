/** GetUserConfiguration and its brothers: settings hidden in folders; the category list and calendar options exist (reference pages). */
import type { Mailbox } from '../../world/mailbox.ts';
import type { OpaqueNode } from '../../world/model.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import { XmlWriter } from '../../xml/xml-writer.ts';
import { toOpaque, writeOpaque } from '../items/opaque-xml.ts';
import type { RequestContext } from '../request-context.ts';
import { type FolderTarget, findFolder } from '../targets.ts';
import { isTrue } from '../wire/booleans.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerOnce, type MessageBody } from '../wire/response-messages.ts';

interface Configuration {
  readonly number: number;
  readonly dictionary: OpaqueNode | undefined;
  readonly xmlData: string | undefined;
  readonly binaryData: string | undefined;
}

export function getUserConfiguration(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerOnce(context, out, () => {
    const nameElement = request.child('UserConfigurationName');
    const target = folderOf(context, nameElement);
    const name = nameElement?.attribute('Name') ?? '';
    const configuration = find(target, name);
    if (configuration === undefined) throw notFound(name);
    const wanted = request.childText('UserConfigurationProperties')?.trim().split(/\s+/) ?? ['All'];
    return writeConfiguration(context, target, name, configuration, new Set(wanted));
  });
}

function folderOf(context: RequestContext, name: XmlElement | undefined): FolderTarget {
  const id = name?.children[0];
  if (id === undefined) throw new EwsError('ErrorInvalidRequest', 'The request is invalid.');
  return findFolder(context, id);
}

function notFound(name: string): EwsError {
  return new EwsError('ErrorItemNotFound', `The configuration object '${name}' was not found in the folder.`);
}

const keyOf = ({ folder }: FolderTarget, name: string): string => `${folder.number}/${name}`;

function find(target: FolderTarget, name: string): Configuration | undefined {
  const own = target.box.configurations.get(keyOf(target, name)) as Configuration | undefined;
  return own ?? builtIn(target, name);
}

function builtIn({ box, folder }: FolderTarget, name: string): Configuration | undefined {
  if (folder.distinguished !== 'calendar') return undefined;
  if (name === 'CategoryList')
    return { number: 1, dictionary: undefined, xmlData: categoryList(), binaryData: undefined };
  if (name === 'Calendar')
    return { number: 2, dictionary: calendarOptions(box), xmlData: undefined, binaryData: undefined };
  if (name === 'WorkHours') return { number: 3, dictionary: undefined, xmlData: workHours(box), binaryData: undefined };
  return undefined;
}

function categoryList(): string {
  const out = new XmlWriter().declaration();
  out.open('categories', { default: 'Red Category', lastSavedSession: 1, xmlns: 'CategoryList.xsd' });
  for (const [index, color] of ['Red', 'Orange', 'Yellow', 'Green', 'Blue', 'Purple'].entries()) {
    out.element('category', undefined, {
      name: `${color} Category`,
      color: [0, 1, 3, 4, 7, 8][index] ?? index,
      keyboardShortcut: 0,
    });
  }
  return Buffer.from(out.close().toString()).toString('base64');
}

function workHours(box: Mailbox): string {
  const out = new XmlWriter().declaration();
  out
    .open('Root', { xmlns: 'WorkingHours.xsd' })
    .open('WorkHoursVersion1')
    .open('TimeZone')
    .element('Name', box.profile.timeZone)
    .close();
  out
    .open('TimeSlot')
    .element('Start', '08:00:00')
    .element('End', '17:00:00')
    .close()
    .element('WorkDays', 'Monday Tuesday Wednesday Thursday Friday');
  return Buffer.from(out.close().close().toString()).toString('base64');
}

function calendarOptions(box: Mailbox): OpaqueNode {
  const leaf = (name: string, text: string): OpaqueNode => ({ name, attributes: {}, children: [], text });
  const typed = (name: string, type: string, value: string): OpaqueNode => ({
    name,
    attributes: {},
    text: '',
    children: [leaf('Type', type), leaf('Value', value)],
  });
  const entry = (key: string, type: string, value: string): OpaqueNode => ({
    name: 'DictionaryEntry',
    attributes: {},
    text: '',
    children: [typed('DictionaryKey', 'String', key), typed('DictionaryValue', type, value)],
  });
  const isRoom = box.profile.type === 'room';
  const children = [
    entry('OLPrefsVersion', 'Integer32', '1'),
    entry('piRemindDefault', 'Integer32', '15'),
    entry('AutomateProcessing', 'Integer32', isRoom ? '2' : '1'),
  ];
  return { name: 'Dictionary', attributes: {}, text: '', children };
}

function writeConfiguration(
  context: RequestContext,
  target: FolderTarget,
  name: string,
  configuration: Configuration,
  wanted: ReadonlySet<string>,
): MessageBody {
  const has = (property: string): boolean => wanted.has('All') || wanted.has(property);
  const { ids } = context.world;
  const { box, folder } = target;
  return (message) => {
    message.open('m:UserConfiguration').open('t:UserConfigurationName', { Name: name });
    message.element('t:FolderId', undefined, {
      Id: ids.folder(box.profile.guid, folder.number),
      ChangeKey: ids.folderChangeKey(folder.change, folder.kind === 'CalendarFolder'),
    });
    message.close();
    if (has('Id'))
      message.element('t:ItemId', undefined, {
        Id: ids.item(box.profile.guid, folder.number, 0xf00000 + configuration.number),
        ChangeKey: ids.changeKey(configuration.number),
      });
    if (has('Dictionary') && configuration.dictionary !== undefined) writeOpaque(message, configuration.dictionary);
    if (has('XmlData') && configuration.xmlData !== undefined) message.element('t:XmlData', configuration.xmlData);
    if (has('BinaryData') && configuration.binaryData !== undefined)
      message.element('t:BinaryData', configuration.binaryData);
    message.close();
  };
}

export function createUserConfiguration(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerOnce(context, out, () => {
    const { target, name, configuration } = read(context, request);
    if (find(target, name) !== undefined)
      throw new EwsError('ErrorItemSave', `The configuration object '${name}' exists already.`);
    target.box.configurations.set(keyOf(target, name), configuration);
    return () => undefined;
  });
}

export function updateUserConfiguration(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerOnce(context, out, () => {
    const { target, name, configuration } = read(context, request);
    if (find(target, name) === undefined) throw notFound(name);
    target.box.configurations.set(keyOf(target, name), configuration);
    return () => undefined;
  });
}

export function deleteUserConfiguration(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerOnce(context, out, () => {
    const nameElement = request.child('UserConfigurationName');
    const target = folderOf(context, nameElement);
    const name = nameElement?.attribute('Name') ?? '';
    if (!target.box.configurations.delete(keyOf(target, name))) throw notFound(name);
    return () => undefined;
  });
}

function read(
  context: RequestContext,
  request: XmlElement,
): { readonly target: FolderTarget; readonly name: string; readonly configuration: Configuration } {
  const element = request.child('UserConfiguration');
  const nameElement = element?.child('UserConfigurationName');
  const target = folderOf(context, nameElement);
  const dictionary = element?.child('Dictionary');
  const configuration = {
    number: 10 + target.box.configurations.size,
    dictionary: dictionary === undefined ? undefined : normalised(toOpaque(dictionary)),
    xmlData: element?.childText('XmlData'),
    binaryData: element?.childText('BinaryData'),
  };
  return { target, name: nameElement?.attribute('Name') ?? '', configuration };
}

/** Booleans come back spelled out, whatever the client wrote. */
function normalised(node: OpaqueNode): OpaqueNode {
  const [type, value] = node.children;
  if (type?.text === 'Boolean' && value !== undefined)
    return { ...node, children: [type, { ...value, text: String(isTrue(value.text)) }] };
  return { ...node, children: node.children.map(normalised) };
}
