/** Which properties an answer carries: ItemShape and FolderShape of a request (types.xsd ItemResponseShapeType). */

import type { XmlElement } from '../../xml/xml-element.ts';
import { isTrue } from '../wire/booleans.ts';
import { type ExtendedPath, readExtendedPath } from './extended-properties.ts';

export type BaseShape = 'IdOnly' | 'Default' | 'AllProperties' | 'PcxPeopleSearch';

export interface ResponseShape {
  readonly base: BaseShape;
  /** FieldURIs asked for besides the base shape; indexed ones as `contacts:EmailAddress/EmailAddress1` */
  readonly fields: ReadonlySet<string>;
  readonly extended: readonly ExtendedPath[];
  readonly bodyType: 'Best' | 'HTML' | 'Text';
  readonly mimeContent: boolean;
}

export const ID_ONLY: ResponseShape = {
  base: 'IdOnly',
  fields: new Set(),
  extended: [],
  bodyType: 'Best',
  mimeContent: false,
};

/** Reads ItemShape, FolderShape or AttachmentShape. */
export function readShape(element: XmlElement | undefined): ResponseShape {
  if (element === undefined) return ID_ONLY;
  const additional = element.child('AdditionalProperties')?.children ?? [];
  const fields = new Set<string>();
  const extended: ExtendedPath[] = [];
  for (const path of additional) {
    if (path.name === 'ExtendedFieldURI') extended.push(readExtendedPath(path));
    else fields.add(pathKey(path));
  }
  return {
    base: (element.childText('BaseShape')?.trim() ?? 'IdOnly') as BaseShape,
    fields,
    extended,
    bodyType: (element.childText('BodyType')?.trim() ?? 'Best') as ResponseShape['bodyType'],
    mimeContent: isTrue(element.childText('IncludeMimeContent')),
  };
}

/** FieldURI or IndexedFieldURI as one text. */
export function pathKey(path: XmlElement): string {
  const uri = path.attribute('FieldURI') ?? '';
  const index = path.attribute('FieldIndex');
  return index === undefined ? uri : `${uri}/${index}`;
}
