/** The recipes of the README name routes and options that exist. */
import { readFile } from 'node:fs/promises';
import { startHarness } from '@calendar-connector/fakes';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readOptions } from '../src/options.ts';

const README = await readFile(new URL('../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('names only routes of the control API, with the right method', async () => {
    const harness = await startHarness({ controlPort: 0 });
    onTestFinished(() => harness.close());
    const { paths } = (await (await fetch(`${harness.control?.url}/control/v1/openapi.json`)).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };
    const templates = Object.entries(paths).map(([path, methods]) => ({
      pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
      methods: Object.keys(methods),
    }));
    const calls = [...README.matchAll(/^curl -s (.*)$/gm)].flatMap(([, line = '']) => line.split(/; curl -s /));
    expect(calls.length).toBeGreaterThan(20);
    for (const call of calls) {
      const method = (/-X\s+(\w+)/.exec(call)?.[1] ?? (call.includes(' -d ') ? 'POST' : 'GET')).toLowerCase();
      const path = /\$C(\/[^\s"?]*)/.exec(call)?.[1];
      const route = templates.find(({ pattern }) => pattern.test(`/control/v1${path}`));
      expect(route?.methods, call).toContain(method);
    }
  });

  it('names every option and none that does not exist', async () => {
    const help = await readOptions(['--help']).catch((shown: Error) => shown.message);
    const known = [...String(help).matchAll(/^ +(--[a-z-]+)/gm)].map(([, name]) => name);
    const named = [...README.matchAll(/--[a-z]+(?:-[a-z]+)*/g)].map(([name]) => name);
    expect(new Set(named)).toEqual(new Set(known.filter((name) => name !== '--help' && name !== '--version')));
  });
});
