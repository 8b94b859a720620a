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
  readonly flags: readonly string[];
  readonly firstWords: readonly string[];
  readonly common: readonly string[];
  readonly fileOptions: readonly string[];
  readonly globalOptions: readonly Option[];
  secondWords(first: string): readonly string[];
}

function vocabulary({ commands, globalOptions }: CommandTable): Vocabulary {
  const named = commands.filter(({ words }) => words.length > 0);
  return {
    named,
    flags: named.flatMap(({ flag }) => (flag === undefined ? [] : [flag])),
    firstWords: [...new Set(named.map(({ words }) => words[0] ?? ''))],
    common: [...optionNames(globalOptions), '--help'],
    fileOptions: optionNames(globalOptions.filter(({ isFile }) => isFile)),
    globalOptions,
    secondWords: (first) =>
      named.filter(({ words }) => words[0] === first && words.length > 1).map(({ words }) => words[1] ?? ''),
  };
}

function optionNames(options: readonly Option[]): string[] {
  return options.map(({ name }) => `--${name}`);
}

function takesFile(command: Command): boolean {
  return command.args.some(({ isFile }) => isFile);
}

function choices(command: Command): readonly string[] {
  return command.words[0] === 'completion' ? SHELLS : [];
}

function bash(known: Vocabulary): string {
  const cases = known.named.map((command) => {
    const words = [...choices(command), ...optionNames(command.options), ...known.common].join(' ');
    const files = takesFile(command) ? ' files=1' : '';
    return `    "${command.words.join(' ')}") words="${words}"${files} ;;`;
  });
  const groups = known.firstWords
    .filter((first) => known.secondWords(first).length > 0)
    .map((first) => `    "${first}") words="${known.secondWords(first).join(' ')}" ;;`);
  return `# bash completion for tc_calendar
_tc_calendar() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command="" word words files=""
  COMPREPLY=()
  case "$previous" in
    ${[...known.fileOptions, '--offline_reg'].join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*|*/*) ;; *) [ -z "$command" ] && command="$word" || { case "$command" in ${groupPattern(known)}) command="$command $word" ;; esac; } ;; esac
  done
  case "$command" in
    "") words="${[...known.firstWords, ...known.flags, ...known.common, '--version'].join(' ')}" ;;
${[...groups, ...cases].join('\n')}
    *) words="${known.common.join(' ')}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ -n "$files" ] && COMPREPLY+=($(compgen -f -- "$current"))
}
complete -o filenames -F _tc_calendar tc_calendar
`;
}

function groupPattern(known: Vocabulary): string {
  return known.firstWords.filter((first) => known.secondWords(first).length > 0).join('|');
}

function zsh(known: Vocabulary, language: Language): string {
  const entry = (name: string, about: string): string =>
    `'${name}:${about.replaceAll("'", "'\\''").replaceAll(':', '\\:')}'`;
  const first = known.firstWords.map((word) => {
    const command = known.named.find(({ words }) => words[0] === word && words.length === 1);
    return entry(word, command?.about[language] ?? known.secondWords(word).join(', '));
  });
  const flags = known.named
    .filter(({ flag }) => flag !== undefined)
    .map(({ flag, about }) => entry(flag ?? '', about[language]));
  const second = known.firstWords
    .filter((word) => known.secondWords(word).length > 0)
    .map((word) => {
      const entries = known.named
        .filter(({ words }) => words[0] === word)
        .map(({ words, about }) => entry(words[1] ?? '', about[language]));
      return `    ${word}) if (( CURRENT == 3 )); then local -a words; words=(${entries.join(' ')}); _describe command words; return; fi ;;`;
    });
  const options = (words: number): string =>
    known.named
      .filter((command) => command.words.length === words)
      .map((command) => {
        const names = [...optionNames(command.options), ...known.common].join(' ');
        const files = takesFile(command) ? '; _files' : '';
        const values = choices(command).length > 0 ? `; compadd ${choices(command).join(' ')}` : '';
        return `    '${command.words.join(' ')}') compadd -- ${names}${values}${files} ;;`;
      })
      .join('\n');
  return `#compdef tc_calendar
_tc_calendar() {
  local -a commands
  if (( CURRENT == 2 )); then
    commands=(${[...first, ...flags].join(' ')})
    _describe command commands
    return
  fi
  case "$words[CURRENT-1]" in ${[...known.fileOptions, '--offline_reg'].join('|')}) _files; return ;; esac
  case "$words[2]" in
${second.join('\n')}
  esac
  case "$words[2] $words[3]" in
${options(2)}
  esac
  case "$words[2]" in
${options(1)}
    ${groupPattern(known)}) ;;
    *) compadd -- ${known.common.join(' ')} ;;
  esac
}
_tc_calendar "$@"
`;
}

function fish(known: Vocabulary, language: Language): string {
  const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = ['# fish completion for tc_calendar', 'complete -c tc_calendar -f'];
  for (const word of known.firstWords) {
    const command = known.named.find(({ words }) => words[0] === word && words.length === 1);
    const about = command?.about[language] ?? known.secondWords(word).join(', ');
    lines.push(`complete -c tc_calendar -n __fish_use_subcommand -a ${word} -d ${quote(about)}`);
  }
  for (const command of known.named) {
    const [first = '', second] = command.words;
    const condition =
      second === undefined
        ? `__fish_seen_subcommand_from ${first}`
        : `__fish_seen_subcommand_from ${first}; and __fish_seen_subcommand_from ${second}`;
    if (second !== undefined) {
      const others = known.secondWords(first).join(' ');
      const fresh = `__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${others}`;
      lines.push(`complete -c tc_calendar -n ${quote(fresh)} -a ${second} -d ${quote(command.about[language])}`);
    }
    if (command.flag !== undefined) {
      const flag = command.flag.slice(2);
      const needs = command.words[0] === 'hash-pass' ? '' : ' -r';
      lines.push(
        `complete -c tc_calendar -n __fish_use_subcommand -l ${flag}${needs} -d ${quote(command.about[language])}`,
      );
    }
    if (takesFile(command)) lines.push(`complete -c tc_calendar -n ${quote(condition)} -F`);
    for (const choice of choices(command)) lines.push(`complete -c tc_calendar -n ${quote(condition)} -a ${choice}`);
    for (const { name, type, about } of command.options) {
      const needs = type === 'flag' ? '' : ' -r';
      lines.push(`complete -c tc_calendar -n ${quote(condition)} -l ${name}${needs} -d ${quote(about[language])}`);
    }
  }
  for (const { name, about } of known.globalOptions) {
    lines.push(`complete -c tc_calendar -l ${name} -r -F -d ${quote(about[language])}`);
  }
  return `${lines.join('\n')}\n`;
}
