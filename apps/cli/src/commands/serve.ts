/** No command: the service itself, in the foreground (feature A9). */
import type { Call } from '../program/command.ts';

export async function run({ configFile, root, language, io }: Call): Promise<number> {
  const { runDaemon } = await import('@calendar-connector/daemon');
  return await runDaemon({
    language,
    env: { ...io.env },
    writeError: (line) => io.err(line),
    ...(configFile === undefined ? {} : { configFile }),
    ...(root === undefined ? {} : { root }),
  });
}
