/** What an operation refuses. A response message carries `EwsError`, a SOAP fault `EwsFault`. */
export class EwsError extends Error {
  readonly code: string;
  readonly values: Readonly<Record<string, string>>;
  /** field the error is about, shown as MessageXml/FieldURI */
  readonly field: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { readonly values?: Readonly<Record<string, string>>; readonly field?: string } = {},
  ) {
    super(message);
    this.name = 'EwsError';
    this.code = code;
    this.values = options.values ?? {};
    this.field = options.field;
  }
}

export interface SchemaPosition {
  readonly line: number;
  readonly column: number;
  readonly violation: string;
}

export class EwsFault extends Error {
  readonly code: string;
  readonly values: Readonly<Record<string, string>>;
  readonly position: SchemaPosition | undefined;

  constructor(
    code: string,
    message: string,
    options: { readonly values?: Readonly<Record<string, string>>; readonly position?: SchemaPosition } = {},
  ) {
    super(message);
    this.name = 'EwsFault';
    this.code = code;
    this.values = options.values ?? {};
    this.position = options.position;
  }
}
