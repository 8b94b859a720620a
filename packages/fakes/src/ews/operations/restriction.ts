/** Filters of FindItem and FindFolder (types.xsd SearchExpressionType; Microsoft reference page Restriction). */
import type { XmlElement } from '../../xml/xml-element.ts';
import { pathKey } from '../items/response-shape.ts';
import type { ShownItem } from '../items/shown-item.ts';
import type { RequestContext } from '../request-context.ts';
import type { FolderTarget } from '../targets.ts';
import { EwsError } from '../wire/ews-error.ts';
import { compareValues, constantFor, type PropertyValue, readerFor } from './property-values.ts';

type Reader<T> = (path: XmlElement) => (subject: T) => PropertyValue;
export type Test<T> = (subject: T) => boolean;

const MAX_NODES = 255;

/** Compiles a restriction for items. */
export function compileRestriction(context: RequestContext, expression: XmlElement): Test<ShownItem> {
  return compile(context, expression, readerFor, { left: MAX_NODES });
}

const FOLDER_READERS: Readonly<Record<string, (target: FolderTarget) => PropertyValue>> = {
  'folder:DisplayName': ({ folder }) => folder.name,
  'folder:FolderClass': ({ folder }) => folder.folderClass,
  'folder:TotalCount': ({ box, folder }) => box.countIn(folder.number),
  'folder:ChildFolderCount': ({ box, folder }) =>
    box.folders().filter((child) => child.parent === folder.number).length,
  'folder:UnreadCount': () => 0,
};

/** Whether a folder passes a restriction. */
export function matchesFolder(context: RequestContext, target: FolderTarget, expression: XmlElement): boolean {
  const reader: Reader<FolderTarget> = (path) => {
    const tag = path.attribute('PropertyTag');
    if (tag !== undefined) return ({ folder }) => (Number(tag) === 0x3613 ? folder.folderClass : undefined);
    return FOLDER_READERS[pathKey(path)] ?? (() => undefined);
  };
  return compile(context, expression, reader, { left: MAX_NODES })(target);
}

function compile<T>(
  context: RequestContext,
  expression: XmlElement,
  reader: Reader<T>,
  budget: { left: number },
): Test<T> {
  budget.left -= 1;
  if (budget.left < 0) throw new EwsError('ErrorRestrictionTooComplex', 'The restriction is too complex.');
  const inner = (): Test<T>[] => expression.children.map((child) => compile(context, child, reader, budget));
  switch (expression.name) {
    case 'And': {
      const tests = inner();
      return (subject) => tests.every((test) => test(subject));
    }
    case 'Or': {
      const tests = inner();
      return (subject) => tests.some((test) => test(subject));
    }
    case 'Not': {
      const [test] = inner();
      return (subject) => test?.(subject) !== true;
    }
    case 'Exists': {
      const read = reader(expression.children[0] as XmlElement);
      return (subject) => read(subject) !== undefined;
    }
    case 'Contains':
      return contains(expression, reader);
    case 'Excludes': {
      const read = reader(expression.children[0] as XmlElement);
      const mask = Number(expression.child('Bitmask')?.attribute('Value') ?? 0);
      return (subject) => (Number(read(subject) ?? 0) & mask) === 0;
    }
    default:
      return comparison(context, expression, reader);
  }
}

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  IsEqualTo: (order) => order === 0,
  IsNotEqualTo: (order) => order !== 0,
  IsGreaterThan: (order) => order > 0,
  IsGreaterThanOrEqualTo: (order) => order >= 0,
  IsLessThan: (order) => order < 0,
  IsLessThanOrEqualTo: (order) => order <= 0,
};

function comparison<T>(context: RequestContext, expression: XmlElement, reader: Reader<T>): Test<T> {
  const decide = COMPARISONS[expression.name];
  const [path, constant] = expression.children;
  if (decide === undefined || path === undefined || constant === undefined) {
    throw new EwsError('ErrorUnsupportedQueryFilter', 'The restriction is not supported.');
  }
  const read = reader(path);
  const other = constant.child('Constant')?.attribute('Value');
  const otherPath = constant.children[0];
  if (other === undefined) {
    const readOther = reader(otherPath as XmlElement);
    return (subject) => decide(compareValues(read(subject), readOther(subject)));
  }
  return (subject) => {
    const value = read(subject);
    if (value === undefined) return expression.name === 'IsNotEqualTo';
    if (Array.isArray(value)) return value.some((single) => decide(compareValues(single as string, other)));
    return decide(compareValues(value, constantFor(context, other, value)));
  };
}

function contains<T>(expression: XmlElement, reader: Reader<T>): Test<T> {
  const read = reader(expression.children[0] as XmlElement);
  const mode = expression.attribute('ContainmentMode') ?? 'Substring';
  const isLoose = (expression.attribute('ContainmentComparison') ?? 'Exact') !== 'Exact';
  const fold = (text: string): string => (isLoose ? text.toLowerCase() : text);
  const wanted = fold(expression.child('Constant')?.attribute('Value') ?? '');
  const test = (text: string): boolean => {
    switch (mode) {
      case 'FullString':
        return text === wanted;
      case 'Prefixed':
      case 'ExactPhrase':
        return mode === 'Prefixed' ? text.startsWith(wanted) : text.includes(wanted);
      case 'PrefixOnWords':
        return text.split(/\s+/).some((word) => word.startsWith(wanted));
      default:
        return text.includes(wanted);
    }
  };
  return (subject) => {
    const value = read(subject);
    const texts = Array.isArray(value) ? value : value === undefined ? [] : [String(value)];
    return texts.some((text) => test(fold(text as string)));
  };
}
