/** What the world refuses, with the code Exchange has for it (Microsoft reference page ResponseCode). */
export class WorldError extends Error {
  readonly code: string;
  readonly values: Readonly<Record<string, string>>;

  constructor(code: string, message: string, values: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'WorldError';
    this.code = code;
    this.values = values;
  }
}
