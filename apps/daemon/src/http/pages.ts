/** The browser pages: read once at the start from where they were built or installed to. Without them the rest works. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { HttpPages } from './http-server.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
};

/** In the source tree and beside the installed program. */
function candidates(): readonly string[] {
  const here = import.meta.dirname ?? path.dirname(process.execPath);
  return [
    path.resolve(here, '../../../console/dist'),
    path.resolve(here, '../../console/dist'),
    path.resolve(path.dirname(process.execPath), '../../share/calendar/console'),
  ];
}

function collect(folder: string, below = ''): Map<string, { type: string; body: Buffer }> {
  const pages = new Map<string, { type: string; body: Buffer }>();
  for (const name of readdirSync(path.join(folder, below))) {
    const relative = path.posix.join(below, name);
    const full = path.join(folder, relative);
    if (statSync(full).isDirectory()) for (const [key, page] of collect(folder, relative)) pages.set(key, page);
    const type = TYPES[path.extname(name)];
    if (type) pages.set(`/${relative}`, { type, body: readFileSync(full) });
  }
  return pages;
}

export function loadPages(folders: readonly string[] = candidates()): HttpPages {
  const folder = folders.find((candidate) => existsSync(path.join(candidate, 'index.html')));
  const pages = folder ? collect(folder) : new Map<string, { type: string; body: Buffer }>();
  return { find: (asked) => pages.get(asked.endsWith('/') ? `${asked}index.html` : asked) };
}
