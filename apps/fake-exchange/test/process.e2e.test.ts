/** The program as a process: from source, one line of JSON when ready, a clean end on a signal. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

describe('the fake-exchange process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'is ready by one line and ends with 0 on %s, even while a request hangs',
    async (signal) => {
      const child = spawn(
        process.execPath,
        ['--conditions=@tcc/source', MAIN, '--trueconf-port', '0', '--control-port', '0', '--json'],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      onTestFinished(() => void child.kill('SIGKILL'));
      const exited = once(child, 'exit');
      const [line] = await once(createInterface({ input: child.stdout }), 'line');
      const { ready, trueconf, control } = JSON.parse(line as string);
      expect(ready).toBe(true);
      await fetch(`${control}/control/v1/faults`, { method: 'POST', body: '{"server":"trueconf","kind":"hang"}' });
      const hung = fetch(`${trueconf}/api/v4/server`).catch(() => 'broken off');
      await expect
        .poll(async () => JSON.stringify(await (await fetch(`${control}/control/v1/counters`)).json()))
        .toContain('"inFlight":1');
      child.kill(signal);
      expect(await exited).toEqual([0, null]);
      expect(await hung).toBe('broken off');
    },
  );
});
