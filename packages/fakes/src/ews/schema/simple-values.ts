/** Whether a text is a value of a simple type; the answer names the violated constraint as .NET does. */
import { findType } from './schema-table.ts';

const DATE_TIME = /^-?\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;
const BUILT_IN: Readonly<Record<string, RegExp>> = {
  'xs:int': /^[+-]?\d{1,10}$/,
  'xs:short': /^[+-]?\d{1,5}$/,
  'xs:long': /^[+-]?\d{1,19}$/,
  'xs:integer': /^[+-]?\d+$/,
  'xs:nonNegativeInteger': /^\+?\d+$/,
  'xs:unsignedShort': /^\d{1,5}$/,
  'xs:unsignedInt': /^\d{1,10}$/,
  'xs:boolean': /^(true|false|0|1)$/,
  'xs:dateTime': DATE_TIME,
  'xs:date': /^-?\d{4,}-\d{2}-\d{2}(Z|[+-]\d{2}:\d{2})?$/,
  'xs:time': /^\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/,
  'xs:duration': /^-?P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/,
  'xs:double': /^([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|-?INF|NaN)$/,
  'xs:base64Binary': /^[A-Za-z0-9+/\s]*={0,2}\s*$/,
  'xs:language': /^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$/,
};

/** undefined: a good value. */
export function checkText(text: string, typeName: string): string | undefined {
  const type = findType(typeName);
  if (type === undefined) return checkBuiltIn(text, typeName);
  switch (type.kind) {
    case 'list': {
      for (const item of text.trim().split(/\s+/)) {
        const problem = item === '' ? undefined : checkText(item, type.item);
        if (problem !== undefined) return problem;
      }
      return undefined;
    }
    case 'union':
      return type.members.some((member) => checkText(text, member) === undefined)
        ? undefined
        : 'The value is not valid for any of the union member types.';
    case 'simple':
      return checkRestriction(text, type);
    case 'complex':
      return undefined;
  }
}

function checkBuiltIn(text: string, name: string): string | undefined {
  const pattern = BUILT_IN[name];
  if (pattern === undefined || pattern.test(text.trim())) return undefined;
  return `The string '${text}' is not a valid ${name.slice(3)} value.`;
}

function checkRestriction(
  text: string,
  type: {
    readonly base: string;
    readonly values: ReadonlySet<string> | undefined;
    readonly facets: ReadonlyMap<string, string>;
  },
): string | undefined {
  const value = type.base === 'xs:string' ? text : text.trim();
  if (type.values !== undefined && !type.values.has(value)) return 'The Enumeration constraint failed.';
  const problem = checkText(value, type.base);
  if (problem !== undefined) return problem;
  for (const [facet, limit] of type.facets) {
    if (!holds(value, facet, limit))
      return `The ${facet.slice(0, 1).toUpperCase()}${facet.slice(1)} constraint failed.`;
  }
  return undefined;
}

const patterns = new Map<string, RegExp>();

function holds(value: string, facet: string, limit: string): boolean {
  switch (facet) {
    case 'minLength':
      return value.length >= Number(limit);
    case 'maxLength':
      return value.length <= Number(limit);
    case 'length':
      return value.length === Number(limit);
    case 'minInclusive':
      return Number(value) >= Number(limit);
    case 'maxInclusive':
      return Number(value) <= Number(limit);
    case 'minExclusive':
      return Number(value) > Number(limit);
    case 'maxExclusive':
      return Number(value) < Number(limit);
    case 'pattern': {
      const pattern = patterns.get(limit) ?? new RegExp(`^(?:${limit})$`);
      patterns.set(limit, pattern);
      return pattern.test(value);
    }
    default:
      return true;
  }
}
