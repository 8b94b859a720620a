/** A harness with everything on, and a client of its control API that checks every answer against the description. */
import { expect, onTestFinished } from 'vitest';
import { type Harness, type HarnessOptions, startHarness } from '../../../src/control/harness.ts';
import { type Answer, send } from '../../trueconf/support/api-client.ts';

/** Monday 2 March 2026, 08:00 UTC */
export const NOW = Date.UTC(2026, 2, 2, 8);

export interface Control {
  readonly harness: Harness;
  readonly url: string;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
}

export async function startControl(options: HarnessOptions = {}): Promise<Control> {
  const harness = await startHarness({
    trueconfPort: 0,
    registrationPort: 0,
    controlPort: 0,
    clock: { mode: 'manual', now: NOW },
    ...options,
  });
  onTestFinished(() => harness.close());
  const url = `${harness.control?.url}/control/v1`;
  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const answer = await send(url + path, method, body);
    if (answer.status >= 400)
      expect(answer.body).toEqual({ error: { code: expect.any(String), message: expect.any(String) } });
    return answer;
  };
  return { harness, url, call };
}
