/**
 * Writes src/ews/schema/schema-table.generated.ts: which elements, attributes and values the requests may have, and in which
 * order, as compact text. Reads the published schemas beside the repository; they are not part of it.
 * Run: node --conditions=@tcc/source packages/fakes/scripts/generate-schema-table.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseXml, type XmlElement } from '../src/xml/xml-element.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.resolve(root, '../shared/ews-schema');
const schemas = { t: parseXml(read('types.xsd')), m: parseXml(read('messages.xsd')) };

const HEADERS = [
  'RequestServerVersion',
  'ExchangeImpersonation',
  'TimeZoneContext',
  'MailboxCulture',
  'DateTimePrecision',
  'ManagementRole',
  'OpenAsAdminOrSystemService',
];
const ITEM_ELEMENTS = [
  'Item',
  'Message',
  'CalendarItem',
  'Contact',
  'DistributionList',
  'Task',
  'PostItem',
  'Network',
  'Person',
  'RoleMember',
];

function read(name: string): string {
  return readFileSync(path.join(folder, name), 'utf8').replace(/^\uFEFF/, '');
}

const types = new Map<string, XmlElement>();
const elements = new Map<string, XmlElement>();
const groups = new Map<string, XmlElement>();
const substitutes = new Map<string, string[]>();
for (const [prefix, schema] of Object.entries(schemas)) {
  for (const child of schema.children) {
    const name = `${prefix}:${child.attribute('name')}`;
    if (child.name === 'complexType' || child.name === 'simpleType') types.set(name, child);
    if (child.name === 'group') groups.set(name, child);
    if (child.name !== 'element') continue;
    elements.set(name, child);
    const head = child.attribute('substitutionGroup');
    if (head !== undefined) substitutes.set(head, [...(substitutes.get(head) ?? []), name]);
  }
}

/** Every request of the published schemas: the elements that have an answer. */
const OPERATIONS = [...elements.keys()]
  .filter((name) => name.startsWith('m:') && !/Response(Message)?$/.test(name))
  .filter((name) => elements.has(`${name.replace(/Request$/, '')}Response`) || elements.has(`${name}ResponseMessage`))
  .map((name) => name.slice(2))
  .sort();

const lines = new Map<string, string>();
let anonymous = 0;

function typeOf(element: XmlElement, prefix: string): string {
  const named = element.attribute('type');
  if (named !== undefined) {
    emit(named);
    return named;
  }
  const inner = element.child('complexType') ?? element.child('simpleType');
  if (inner === undefined) return 'xs:anyType';
  const name = `${prefix}:_${++anonymous}`;
  types.set(name, inner);
  emit(name);
  return name;
}

function emit(name: string): void {
  if (name.startsWith('xs:') || lines.has(name)) return;
  const type = types.get(name);
  if (type === undefined) throw new Error(`unknown type ${name}`);
  lines.set(name, '');
  const prefix = name.slice(0, 1);
  lines.set(name, type.name === 'simpleType' ? simple(type, prefix) : complex(type, prefix));
}

function simple(type: XmlElement, prefix: string): string {
  const list = type.child('list');
  if (list !== undefined) {
    const item = list.attribute('itemType') ?? anonymousSimple(list.child('simpleType'), prefix);
    emit(item);
    return `list ${item}`;
  }
  const union = type.child('union');
  if (union !== undefined) {
    const members = [
      ...(union.attribute('memberTypes')?.split(/\s+/) ?? []),
      ...union.all('simpleType').map((member) => anonymousSimple(member, prefix)),
    ];
    for (const member of members) emit(member);
    return `union ${members.join(' ')}`;
  }
  const restriction = type.child('restriction');
  const base = restriction?.attribute('base') ?? 'xs:string';
  emit(base);
  const facets = (restriction?.children ?? []).filter((facet) => facet.name !== 'annotation');
  const values = facets.filter((facet) => facet.name === 'enumeration').map((facet) => facet.attribute('value'));
  const rest = facets
    .filter((facet) => facet.name !== 'enumeration')
    .map((facet) => `${facet.name}=${facet.attribute('value')}`);
  return `simple ${base}${values.length > 0 ? ` enum ${values.join('\u0001')}` : ''}${rest.length > 0 ? ` facets ${rest.join('\u0001')}` : ''}`;
}

function anonymousSimple(type: XmlElement | undefined, prefix: string): string {
  if (type === undefined) return 'xs:string';
  const name = `${prefix}:_${++anonymous}`;
  types.set(name, type);
  emit(name);
  return name;
}

interface Parts {
  readonly attributes: string[];
  readonly particle: string;
  readonly text: string;
}

function complex(type: XmlElement, prefix: string): string {
  const { attributes, particle, text } = parts(type, prefix);
  return `complex ${attributes.join(',')} ${text} ${particle}`;
}

function parts(type: XmlElement, prefix: string): Parts {
  const simpleContent = type.at('simpleContent', 'extension') ?? type.at('simpleContent', 'restriction');
  if (simpleContent !== undefined) {
    const base = simpleContent.attribute('base') ?? 'xs:string';
    emit(base);
    return { attributes: attributesOf(simpleContent, prefix), particle: '', text: base };
  }
  const extension = type.at('complexContent', 'extension');
  if (extension !== undefined) {
    const base = extension.attribute('base') ?? '';
    const inherited = parts(types.get(base) as XmlElement, base.slice(0, 1));
    const own = particleOf(extension, prefix);
    const both = [inherited.particle, own].filter((part) => part !== '');
    return {
      attributes: [...inherited.attributes, ...attributesOf(extension, prefix)],
      particle: both.length > 1 ? `(${both.join(',')})` : (both[0] ?? ''),
      text: inherited.text,
    };
  }
  const restriction = type.at('complexContent', 'restriction');
  const body = restriction ?? type;
  return { attributes: attributesOf(body, prefix), particle: particleOf(body, prefix), text: '-' };
}

function attributesOf(body: XmlElement, prefix: string): string[] {
  if (body.all('attributeGroup').length > 0) throw new Error('attribute groups are not read yet');
  return body.all('attribute').map((attribute) => {
    const type = attribute.attribute('type') ?? anonymousSimple(attribute.child('simpleType'), prefix);
    emit(type);
    return `${attribute.attribute('name')}${attribute.attribute('use') === 'required' ? '!' : ''}=${type}`;
  });
}

function particleOf(body: XmlElement, prefix: string): string {
  for (const child of body.children) {
    if (['sequence', 'choice', 'all', 'group'].includes(child.name)) return group(child, prefix);
  }
  return '';
}

function group(element: XmlElement, prefix: string): string {
  if (element.name === 'group') {
    const named = groups.get(element.attribute('ref') ?? '')?.children.find((child) => child.name !== 'annotation');
    if (named === undefined) throw new Error(`unknown group ${element.attribute('ref')}`);
    const inner = group(named, prefix);
    return occurs(element) === '' ? inner : `(${inner})${occurs(element)}`;
  }
  const separator = element.name === 'choice' ? '|' : element.name === 'all' ? '&' : ',';
  const inner = element.children
    .map((child) => {
      if (child.name === 'element') return elementParticle(child, prefix);
      if (child.name === 'any') return `~${occurs(child)}`;
      return ['sequence', 'choice', 'all', 'group'].includes(child.name) ? group(child, prefix) : '';
    })
    .filter((part) => part !== '');
  if (inner.length === 0) return '';
  return `(${inner.length === 1 ? `${inner[0]}${separator === ',' ? '' : separator}` : inner.join(separator)})${occurs(element)}`;
}

function occurs(element: XmlElement): string {
  const min = element.attribute('minOccurs') ?? '1';
  const max = element.attribute('maxOccurs') ?? '1';
  if (min === '1' && max === '1') return '';
  if (min === '0' && max === '1') return '?';
  if (min === '0' && max === 'unbounded') return '*';
  if (min === '1' && max === 'unbounded') return '+';
  return `{${min}:${max === 'unbounded' ? '' : max}}`;
}

function elementParticle(element: XmlElement, prefix: string): string {
  const ref = element.attribute('ref');
  if (ref === undefined) return `${prefix}:${element.attribute('name')}=${typeOf(element, prefix)}${occurs(element)}`;
  const members = membersOf(ref);
  if (members.length === 1) return `${members[0]}${occurs(element)}`;
  return `(${members.join('|')})${occurs(element)}`;
}

function membersOf(ref: string): string[] {
  const element = elements.get(ref);
  if (element === undefined) throw new Error(`unknown element ${ref}`);
  const own = element.attribute('abstract') === 'true' ? [] : [`${ref}=${typeOf(element, ref.slice(0, 1))}`];
  return [...own, ...(substitutes.get(ref) ?? []).flatMap(membersOf)];
}

const roots: string[] = [];
for (const name of OPERATIONS) roots.push(`m:${name}=${typeOf(elements.get(`m:${name}`) as XmlElement, 'm')}`);
for (const name of HEADERS) {
  const element = elements.get(`t:${name}`);
  if (element !== undefined) roots.push(`t:${name}=${typeOf(element, 't')}`);
}
// orders of items that appear only in lists
const all = types.get('t:NonEmptyArrayOfAllItemsType') as XmlElement;
const items = (all.at('sequence', 'choice')?.children ?? []).filter((child) =>
  ITEM_ELEMENTS.includes(child.attribute('name') ?? ''),
);
const itemTypes = items.map((child) => `${child.attribute('name')}=${typeOf(child, 't')}`);

const text = [...lines].map(([name, line]) => `${name} ${line}`);
const quote = (line: string): string => `  ${JSON.stringify(line)},`;
const out = `/**
 * What requests may contain: element order, attributes, values, taken from the published EWS schemas.
 * Generated by scripts/generate-schema-table.ts; do not edit.
 */
export const SCHEMA_ROOTS: readonly string[] = ${JSON.stringify(roots)};
export const SCHEMA_ITEMS: readonly string[] = ${JSON.stringify(itemTypes)};
export const SCHEMA_TYPES: readonly string[] = [
${text.map(quote).join('\n')}
];
`;
writeFileSync(path.join(root, 'packages/fakes/src/ews/schema/schema-table.generated.ts'), out);
console.log(`${lines.size} types, ${out.length} bytes`);
