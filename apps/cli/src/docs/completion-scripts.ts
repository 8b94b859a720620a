/** Completion scripts for bash, zsh and fish, generated from the command table. They call no program at completion time. */
import type { Command, CommandTable, Option } from '../program/command.ts';
import type { Language } from '../program/language.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export function isShell(text: string): text is Shell {
  return SHELLS.some((shell) => shell === text);
}

export function completionScript(shell: Shell, language: Language, table: CommandTable): string {
  return { bash, zsh, fish }[shell](vocabulary(table), language);
}

/** The table's words, grouped as completion asks for them. */
interface Vocabulary {
  readonly named: readonly Command[];
  readonly flagged: readonly (Command & { readonly flag: string })[];
  readonly firstWords: readonly string[];
  /** first words that need a second one */
  readonly groups: readonly string[];
  readonly common: readonly string[];
  readonly fileOptions: readonly string[];
  /** options whose value nobody can guess */
  readonly otherValued: readonly string[];
  readonly globalOptions: readonly Option[];
  secondWords(first: string): readonly string[];
}

function vocabulary({ commands, globalOptions }: CommandTable): Vocabulary {
  const named = commands.filter(({ words }) => words.length > 0);
  const valued = [...globalOptions, ...named.flatMap(({ options }) => options)].filter(({ type }) => type !== 'flag');
  const firstWords = [...new Set(named.map(({ words }) => words[0] ?? ''))];
  const secondWords = (first: string): string[] =>
    named.filter(({ words }) => words[0] === first && words.length > 1).map(({ words }) => words[1] ?? '');
  return {
    named,
    flagged: named.filter((command): command is Command & { flag: string } => command.flag !== undefined),
    firstWords,
    groups: firstWords.filter((first) => secondWords(first).length > 0),
    common: [...optionNames(globalOptions), '--help'],
    fileOptions: optionNames(valued.filter(({ isFile }) => isFile)),
    otherValued: optionNames(valued.filter(({ isFile }) => !isFile)),
    globalOptions,
    secondWords,
  };
}

function optionNames(options: readonly Option[]): string[] {
  return [...new Set(options.map(({ name }) => `--${name}`))];
}

function takesFile(command: Command): boolean {
  return command.args.some(({ isFile }) => isFile);
}

function choices(command: Command): readonly string[] {
  return command.words[0] === 'completion' ? SHELLS : [];
}

/** bash and zsh alike: the command named so far, whatever options and values stand between. */
function readCommand(known: Vocabulary, words: string): string {
  const flags = known.flagged.map(({ flag, words: own }) => `      ${flag}) command="${own.join(' ')}" ;;`);
  return `  for word in ${words}; do
    if [ -n "$skip" ]; then skip=""; continue; fi
    case "$word" in
      ${[...known.fileOptions, ...known.otherValued].join('|')}) skip=1 ;;
${flags.join('\n')}
      -*) ;;
      *) case "$command" in "") command="$word" ;; ${known.groups.join('|')}) command="$command $word" ;; esac ;;
    esac
  done`;
}

function bash(known: Vocabulary): string {
  const cases = known.named.map((command) => {
    const words = [...choices(command), ...optionNames(command.options), ...known.common].join(' ');
    const files = takesFile(command) ? ' files=1' : '';
    return `    "${command.words.join(' ')}") words="${words}"${files} ;;`;
  });
  const groups = known.groups.map((first) => `    "${first}") words="${known.secondWords(first).join(' ')}" ;;`);
  const flags = known.flagged.map(({ flag }) => flag);
  return `# bash completion for tc_calendar
_tc_calendar() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command="" word words="" files="" skip=""
  COMPREPLY=()
  case "$previous" in
    ${known.fileOptions.join('|')}) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    ${known.otherValued.join('|')}) return ;;
  esac
${readCommand(known, `"\${COMP_WORDS[@]:1:COMP_CWORD-1}"`)}
  case "$command" in
    "") words="${[...known.firstWords, ...flags, ...known.common, '--version'].join(' ')}" ;;
${[...groups, ...cases].join('\n')}
    *) words="${known.common.join(' ')}" ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"; [ -z "$files" ] || compgen -f -- "$current")
}
complete -o filenames -F _tc_calendar tc_calendar
`;
}

function zsh(known: Vocabulary, language: Language): string {
  const entry = (name: string, about: string): string =>
    `'${name}:${about.replaceAll("'", "'\\''").replaceAll(':', '\\:')}'`;
  const optionEntries = (options: readonly Option[]): string[] =>
    options.map(({ name, about }) => entry(`--${name}`, about[language]));
  const first = known.firstWords.map((word) => {
    const command = known.named.find(({ words }) => words[0] === word && words.length === 1);
    return entry(word, command?.about[language] ?? known.secondWords(word).join(', '));
  });
  const flags = known.flagged.map(({ flag, about }) => entry(flag, about[language]));
  const groups = known.groups.map((word) => {
    const inner = known.named.filter(({ words }) => words[0] === word);
    const entries = inner.map(({ words, about }) => entry(words[1] ?? '', about[language]));
    return `    ${word}) entries=(${entries.join(' ')}); _describe command entries ;;`;
  });
  const cases = known.named.map((command) => {
    const entries = optionEntries([...command.options, ...known.globalOptions]).join(' ');
    const values = choices(command).length > 0 ? `compadd ${choices(command).join(' ')}; ` : '';
    const files = takesFile(command) ? '; _files' : '';
    return `    '${command.words.join(' ')}') ${values}entries=(${entries}); _describe -o option entries${files} ;;`;
  });
  return `#compdef tc_calendar
_tc_calendar() {
  local word command="" skip=""
  local -a entries
  case "$words[CURRENT-1]" in
    ${known.fileOptions.join('|')}) _files; return ;;
    ${known.otherValued.join('|')}) return ;;
  esac
${readCommand(known, `"\${(@)words[2,CURRENT-1]}"`)}
  case "$command" in
    "") entries=(${[...first, ...flags, ...optionEntries(known.globalOptions)].join(' ')}); _describe command entries ;;
${[...groups, ...cases].join('\n')}
  esac
}
_tc_calendar "$@"
`;
}

function fish(known: Vocabulary, language: Language): string {
  const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const complete = (condition: string, rest: string): string =>
    `complete -c tc_calendar -n ${quote(condition)} ${rest}`;
  const flags = known.flagged.map(({ flag }) => flag.slice(2)).join(' ');
  const nothingYet = `__fish_use_subcommand; and not __fish_contains_opt ${flags}`;
  const lines = ['# fish completion for tc_calendar', 'complete -c tc_calendar -f'];
  for (const word of known.firstWords) {
    const command = known.named.find(({ words }) => words[0] === word && words.length === 1);
    const about = command?.about[language] ?? known.secondWords(word).join(', ');
    lines.push(complete(nothingYet, `-a ${word} -d ${quote(about)}`));
  }
  for (const { flag, about, ...command } of known.flagged) {
    const value = takesFile({ flag, about, ...command }) ? ' -r -F' : command.args[0]?.kind === 'one' ? ' -x' : '';
    lines.push(complete(nothingYet, `-l ${flag.slice(2)}${value} -d ${quote(about[language])}`));
  }
  for (const command of known.named) lines.push(...fishCommand(command));
  for (const { name, about } of known.globalOptions) {
    lines.push(`complete -c tc_calendar -l ${name} -r -F -d ${quote(about[language])}`);
  }
  return `${lines.join('\n')}\n`;

  function fishCommand(command: Command): string[] {
    const [first = '', second] = command.words;
    const group = `__fish_seen_subcommand_from ${first}`;
    const condition = second === undefined ? group : `${group}; and __fish_seen_subcommand_from ${second}`;
    const fresh = `${group}; and not __fish_seen_subcommand_from ${known.secondWords(first).join(' ')}`;
    return [
      ...(second === undefined ? [] : [complete(fresh, `-a ${second} -d ${quote(command.about[language])}`)]),
      ...(takesFile(command) ? [complete(condition, '-F')] : []),
      ...choices(command).map((choice) => complete(condition, `-a ${choice}`)),
      ...command.options.map(({ name, type, about }) =>
        complete(condition, `-l ${name}${type === 'flag' ? '' : ' -x'} -d ${quote(about[language])}`),
      ),
    ];
  }
}
