/**
 * Checks a request against the schema's rules the way .NET does and words violations like it: the client that sent the
 * elements in another order learns it here as it would from a real server (fault ErrorSchemaValidation).
 */
import type { XmlElement } from '../../xml/xml-element.ts';
import { EwsFault } from '../wire/ews-error.ts';
import { MESSAGES_NS, SOAP_NS, TYPES_NS } from '../wire/names.ts';
import { findType, type Particle, ROOTS, type SchemaType } from './schema-table.ts';
import { checkText } from './simple-values.ts';

const NAMESPACES: Readonly<Record<string, string>> = { t: TYPES_NS, m: MESSAGES_NS };
const PREFIXES: Readonly<Record<string, string>> = { [TYPES_NS]: 't', [MESSAGES_NS]: 'm' };
const MAX_EXPECTED = 60;

/** Throws the fault a real server sends for a request that breaks the schema. */
export function validateRequest(root: XmlElement): void {
  const body = root.child('Body');
  if (root.name !== 'Envelope' || root.namespace !== SOAP_NS || body === undefined || body.children.length === 0) {
    throw new EwsFault('ErrorInvalidRequest', 'The request is invalid.');
  }
  // a version nobody knows has an answer of its own: ErrorInvalidServerVersion
  for (const header of root.child('Header')?.children ?? [])
    if (header.name !== 'RequestServerVersion') checkRoot(header, false);
  for (const request of body.children) checkRoot(request, true);
}

function checkRoot(element: XmlElement, isRequired: boolean): void {
  const type = ROOTS.get(`${PREFIXES[element.namespace] ?? '?'}:${element.name}`);
  if (type !== undefined) checkElement(element, type);
  else if (isRequired) {
    throw violation(
      element,
      `The element 'Body' in namespace '${SOAP_NS}' has invalid child element '${element.name}' in namespace '${element.namespace}'.`,
    );
  }
}

/**
 * What real servers take although the schema has it otherwise: exchangelib, whose suite runs against Exchange, sends both.
 */
const TOLERATED_ATTRIBUTES = new Set(['FindPeople Traversal']);
const TOLERATED_TEXT = new Set(['GetMailTips']);

function violation(at: XmlElement, text: string): EwsFault {
  return new EwsFault('ErrorSchemaValidation', 'The request failed schema validation.', {
    position: { line: at.line, column: at.column, violation: text },
  });
}

function checkElement(element: XmlElement, typeName: string): void {
  const type = findType(typeName);
  if (type === undefined || type.kind !== 'complex') {
    if (element.children.length > 0) throw unexpectedChild(element, element.children[0] as XmlElement, []);
    const problem = checkText(element.text, typeName);
    if (problem !== undefined) {
      throw violation(
        element,
        `The '${element.namespace}:${element.name}' element is invalid - The value '${element.text}' is invalid according to its datatype '${typeLabel(typeName)}' - ${problem}`,
      );
    }
    return;
  }
  checkAttributes(element, type);
  checkContent(element, type);
}

function typeLabel(name: string): string {
  const prefix = NAMESPACES[name.slice(0, name.indexOf(':'))] ?? 'http://www.w3.org/2001/XMLSchema';
  return `${prefix}:${name.slice(name.indexOf(':') + 1)}`;
}

type Complex = Extract<SchemaType, { readonly kind: 'complex' }>;

function checkAttributes(element: XmlElement, type: Complex): void {
  for (const name in element.attributes) {
    if (name.includes(' ')) continue;
    const declared = type.attributes.get(name);
    if (declared === undefined && TOLERATED_ATTRIBUTES.has(`${element.name} ${name}`)) continue;
    if (declared === undefined) throw violation(element, `The '${name}' attribute is not declared.`);
    const value = element.attributes[name] ?? '';
    const problem = checkText(value, declared.type);
    if (problem !== undefined) {
      throw violation(
        element,
        `The '${name}' attribute is invalid - The value '${value}' is invalid according to its datatype '${typeLabel(declared.type)}' - ${problem}`,
      );
    }
  }
  for (const { name, required } of type.attributes.values()) {
    if (required && element.attributes[name] === undefined)
      throw violation(element, `The required attribute '${name}' is missing.`);
  }
}

function checkContent(element: XmlElement, type: Complex): void {
  if (type.text !== undefined) {
    if (element.children.length > 0) throw unexpectedChild(element, element.children[0] as XmlElement, []);
    const problem = checkText(element.text, type.text);
    if (problem !== undefined)
      throw violation(
        element,
        `The '${element.namespace}:${element.name}' element is invalid - The value '${element.text}' is invalid according to its datatype '${typeLabel(type.text)}' - ${problem}`,
      );
    return;
  }
  if (type.particle === undefined) {
    if (element.children.length > 0) throw unexpectedChild(element, element.children[0] as XmlElement, []);
    return;
  }
  const hasText = element.text.trim() !== '';
  if (hasText && TOLERATED_TEXT.has(element.name)) return;
  if (hasText) {
    throw violation(
      element,
      `The element '${element.name}' in namespace '${element.namespace}' cannot contain text. List of possible elements expected: ${names(firstOf(type.particle))}.`,
    );
  }
  const matcher = new Matcher(element);
  const matched = matcher.match(type.particle, 0);
  const next = element.children[Math.max(matched, matcher.reached)];
  if (matched < 0 && next === undefined) {
    throw violation(
      element,
      `The element '${element.name}' in namespace '${element.namespace}' has incomplete content. List of possible elements expected: ${names(matcher.expected)}.`,
    );
  }
  if (next !== undefined && (matched < 0 || matched < element.children.length)) {
    const isSurplus = matched > matcher.reached;
    throw unexpectedChild(element, next, isSurplus ? [] : matcher.expected);
  }
}

function unexpectedChild(parent: XmlElement, child: XmlElement, expected: readonly Particle[]): EwsFault {
  const list = expected.length === 0 ? '' : ` List of possible elements expected: ${names(expected)}.`;
  return violation(
    child,
    `The element '${parent.name}' in namespace '${parent.namespace}' has invalid child element '${child.name}' in namespace '${child.namespace}'.${list}`,
  );
}

function names(expected: readonly Particle[]): string {
  const unique = [...new Set(expected.map((particle) => particle.name))].slice(0, MAX_EXPECTED);
  return `'${unique.join(', ')}' in namespace '${NAMESPACES[expected[0]?.prefix ?? 't'] ?? TYPES_NS}'`;
}

/** Elements a particle can begin with. */
function firstOf(particle: Particle): Particle[] {
  if (particle.kind === 'element') return [particle];
  if (particle.kind === 'any') return [];
  const found: Particle[] = [];
  for (const part of particle.parts) {
    found.push(...firstOf(part));
    if (particle.kind === 'sequence' && !canBeEmpty(part)) break;
  }
  return found;
}

function canBeEmpty(particle: Particle): boolean {
  if (particle.min === 0) return true;
  if (particle.kind === 'element' || particle.kind === 'any') return false;
  return particle.kind === 'choice' ? particle.parts.some(canBeEmpty) : particle.parts.every(canBeEmpty);
}

/** Matches children against a particle, greedily: the schema's content models are deterministic. */
class Matcher {
  readonly #children: readonly XmlElement[];
  reached = 0;
  expected: Particle[] = [];

  constructor(element: XmlElement) {
    this.#children = element.children;
  }

  /** Position after what matched, or -1. */
  match(particle: Particle, from: number): number {
    let at = from;
    let count = 0;
    while (count < particle.max) {
      const next = this.#once(particle, at);
      if (next < 0) break;
      count += 1;
      if (next === at) {
        count = Math.max(count, particle.min);
        break;
      }
      at = next;
    }
    return count >= particle.min ? at : -1;
  }

  #once(particle: Particle, at: number): number {
    switch (particle.kind) {
      case 'element':
        return this.#element(particle, at);
      case 'any':
        return at < this.#children.length ? at + 1 : -1;
      case 'choice':
        return this.#choice(particle, at);
      case 'all':
        return this.#all(particle, at);
      case 'sequence': {
        let position = at;
        for (const part of particle.parts) {
          position = this.match(part, position);
          if (position < 0) return -1;
        }
        return position;
      }
    }
  }

  #element(particle: Particle, at: number): number {
    const child = this.#children[at];
    if (child !== undefined && child.name === particle.name && PREFIXES[child.namespace] === particle.prefix) {
      checkElement(child, particle.type);
      return at + 1;
    }
    if (at > this.reached || (at === this.reached && this.expected.length === 0)) {
      this.reached = at;
      this.expected = [particle];
    } else if (at === this.reached) {
      this.expected.push(particle);
    }
    return -1;
  }

  #choice(particle: Particle, at: number): number {
    for (const part of particle.parts) {
      const next = this.match(part, at);
      if (next > at) return next;
    }
    return particle.parts.some(canBeEmpty) ? at : -1;
  }

  #all(particle: Particle, at: number): number {
    let position = at;
    const left = new Set(particle.parts);
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      for (const part of left) {
        const next = this.match(part, position);
        if (next <= position) continue;
        position = next;
        left.delete(part);
        isMoving = true;
      }
    }
    return [...left].every(canBeEmpty) ? position : -1;
  }
}
