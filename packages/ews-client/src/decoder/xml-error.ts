/**
 * What the byte scanner throws: the document is not well-formed, breaks a limit or uses what we refuse (DTDs, other encodings).
 * The transport turns it into an EwsError of kind `protocol`; nothing outside decoder/ sees it raw.
 */
export type XmlProblem =
  | 'truncated'
  | 'malformed'
  | 'encoding'
  | 'doctype'
  | 'namespace'
  | 'depthLimit'
  | 'sizeLimit'
  | 'textLimit'
  | 'tagLimit'
  | 'unexpectedElement'
  | 'unexpectedRoot';

/** An answer that cannot be read: `problem` says why, nothing of what it holds is told. */
export class XmlError extends Error {
  /** what is wrong, for programs */
  readonly problem: XmlProblem;
  /** bytes read before the piece of the document in which it was noticed */
  readonly offset: number;

  constructor(problem: XmlProblem, message: string, offset: number) {
    super(`${message} (at byte ${offset})`);
    this.name = 'XmlError';
    this.problem = problem;
    this.offset = offset;
  }
}
