/** `completion bash|zsh|fish`: the script goes to standard output, made from the command table. */
import { completionScript, isShell } from '../docs/completion-scripts.ts';
import { argument, type Call } from '../program/command.ts';
import { EXIT } from '../program/exit-codes.ts';
import { CommandFault } from '../program/fault.ts';

const UNKNOWN = {
  en: (shell: string) => `there is no completion for "${shell}"; name bash, zsh or fish`,
  ru: (shell: string) => `для «${shell}» дополнения нет; укажите bash, zsh или fish`,
} as const;

export async function run(call: Call): Promise<number> {
  const shell = argument(call, 'shell');
  if (!isShell(shell)) throw new CommandFault(EXIT.usage, UNKNOWN[call.language](shell));
  call.io.out(completionScript(shell, call.language, call.table).trimEnd());
  return EXIT.ok;
}
