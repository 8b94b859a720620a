/** The demo's live story: one line an occurrence, coloured on a terminal only. */
const useColour = process.stdout.isTTY === true && !process.env.NO_COLOR;
const paint = (code: number, text: string): string => (useColour ? `\u001b[${code}m${text}\u001b[0m` : text);

const WHO = {
  exchange: (text: string) => paint(34, text),
  connector: (text: string) => paint(35, text),
  client: (text: string) => paint(32, text),
  trueconf: (text: string) => paint(36, text),
  demo: (text: string) => paint(90, text),
  trouble: (text: string) => paint(31, text),
} as const;

const startedAt = Date.now();

export function tell(who: keyof typeof WHO, text: string): void {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(2).padStart(6);
  console.log(`${paint(90, `${seconds} s`)}  ${WHO[who](who.padEnd(9))}  ${text}`);
}

export function heading(text: string): void {
  console.log(`\n${paint(1, text)}`);
}
