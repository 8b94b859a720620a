/** A reason to end: one line for the person (the thing, the cause, the cure) and the exit code for scripts. */
export class CommandFault extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CommandFault';
    this.exitCode = exitCode;
  }
}
