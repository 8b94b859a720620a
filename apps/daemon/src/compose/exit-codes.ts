/** Exit codes of the service (contract §1; sysexits.h). The unit does not restart after 77 and 78. */
export const EXIT = {
  ok: 0,
  failed: 1,
  /** database or another service the daemon cannot start without */
  unavailable: 69,
  /** a port that is taken or may not be used, a folder that may not be written */
  system: 71,
  notRegistered: 77,
  badConfig: 78,
} as const;

/** The same sentence in each language. */
export type Text = Readonly<Record<'en' | 'ru', string>>;

/** A reason not to start, in one line: what, why, what to do. */
export class StartFault extends Error {
  readonly exitCode: number;
  readonly text: Text;

  constructor(exitCode: number, text: Text, cause?: unknown) {
    super(text.en, { cause });
    this.name = 'StartFault';
    this.exitCode = exitCode;
    this.text = text;
  }
}
