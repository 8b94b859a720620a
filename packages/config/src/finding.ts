/**
 * What is wrong (or doubtful) in config.json, where exactly, and what to do.
 * Printed as `file:line:col: level: key: message` (contract, section 1).
 */
export type FindingLevel = 'error' | 'warning';

export interface Finding {
  readonly file: string;
  /** from 1 */
  readonly line: number;
  /** from 1, in characters */
  readonly column: number;
  readonly level: FindingLevel;
  /** `calendarProviders[0].host`; `(file)` when the fault belongs to the file as a whole */
  readonly key: string;
  /** what was found, what is allowed, what to do; never a secret */
  readonly message: string;
}

/** The key of findings that belong to the whole file. */
const WHOLE_FILE = '(file)';

/** One line for a terminal or a log. */
export function formatFinding(finding: Finding): string {
  const { file, line, column, level, key, message } = finding;
  return `${file}:${line}:${column}: ${level}: ${key}: ${message}`;
}

export type KeyPath = readonly (string | number)[];

/** `['calendarProviders', 0, 'host']` → `calendarProviders[0].host`. */
export function keyName(path: KeyPath): string {
  if (path.length === 0) return WHOLE_FILE;
  return path.reduce<string>((name, step) => {
    if (typeof step === 'number') return `${name}[${step}]`;
    return name === '' ? step : `${name}.${step}`;
  }, '');
}
