/** Commands in a page: lines of its `sh` blocks, and spans of code that begin with a program the reader is to run. */
const SPAN =
  /`((?:tc_calendar|systemctl|pg_lsclusters|df|\/opt\/trueconf\/calendar\/libexec\/prepare-database)(?: [^`]+)?)`/g;
/** Words that stand for what the reader fills in. */
const EXAMPLES: readonly (readonly [RegExp, string])[] = [[/^sudo /, '']];

export function commandsIn(page: string): string[] {
  const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => (block ?? '').trim().split('\n'));
  const spans = [...page.replace(/```[\s\S]*?```/g, '').matchAll(SPAN)].map(([, span]) => span ?? '');
  return [...blocks, ...spans.filter((span) => span !== 'tc_calendar')].map((line) =>
    EXAMPLES.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line.trim()),
  );
}
