/** Collects findings about one file, in one language, in the order of the file. */
import type { ConfigDocument } from './document.ts';
import { type Finding, type FindingLevel, type KeyPath, keyName } from './finding.ts';
import type { Language } from './language.ts';
import { type Messages, messagesIn } from './messages.ts';

export class Reporter {
  readonly language: Language;
  readonly say: Messages;
  readonly #file: string;
  readonly #document: ConfigDocument | undefined;
  readonly #findings: Finding[] = [];

  constructor(file: string, language: Language, document?: ConfigDocument) {
    this.#file = file;
    this.language = language;
    this.say = messagesIn(language);
    this.#document = document;
  }

  get hasErrors(): boolean {
    return this.#findings.some((finding) => finding.level === 'error');
  }

  /** Sorted by place; at one place in the order of reporting. */
  get findings(): readonly Finding[] {
    return this.#findings.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }

  error(path: KeyPath, message: string): void {
    this.#report('error', path, message, this.#document?.positionOf(path));
  }

  warn(path: KeyPath, message: string): void {
    this.#report('warning', path, message, this.#document?.positionOf(path));
  }

  /** Points at the name of the key, not at its value. */
  onKey(level: FindingLevel, path: KeyPath, message: string): void {
    this.#report(level, path, message, this.#document?.positionOfKey(path));
  }

  errorAt(at: { readonly line: number; readonly column: number }, path: KeyPath, message: string): void {
    this.#report('error', path, message, at);
  }

  #report(level: FindingLevel, path: KeyPath, message: string, at = { line: 1, column: 1 }): void {
    const key = keyName(path);
    this.#findings.push({ file: this.#file, line: at.line, column: at.column, level, key, message });
  }
}
