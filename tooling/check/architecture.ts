/**
 * The architecture test: import rules, runtime cycles, purity, file size and a few bans that no general linter knows.
 * Specified in design/architecture.md §2 and §5; proven by tooling/check/test/architecture.test.ts, which breaks each rule on purpose.
 */
import path from 'node:path';
import {
  MAX_LINES,
  MAY_IMPORT,
  MAY_INSPECT_CERTIFICATES,
  ONLY_IN,
  PURE,
  SYNCHRONOUS,
  TESTS_MAY_ALSO_IMPORT,
} from './layers.ts';
import type { SourceFile } from './sources.ts';

export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

const SCOPE = '@calendar-connector/';
const IMPURE = /\b(Date\.now|new Date\(\)|Math\.random|performance\.now|setTimeout|setInterval|setImmediate|process\.)/;
const WAITING = /\b(async\s+(function|\(|[a-zA-Z])|await\s)/;
const BANNED: readonly { readonly pattern: RegExp; readonly rule: string; readonly message: string }[] = [
  {
    pattern: /rejectUnauthorized\s*:\s*false/,
    rule: 'tls',
    message: 'certificates are always verified: name a CA file instead of switching verification off',
  },
  {
    pattern: /^\s*export \* from/m,
    rule: 'exports',
    message: 'name what is exported; `export *` hides the public surface',
  },
];

function* layerFindings(file: SourceFile): Generator<Finding> {
  const allowed = MAY_IMPORT[file.owner];
  if (!allowed) {
    yield {
      file: file.path,
      line: 1,
      rule: 'layers',
      message: `folder ${file.owner} has no row in tooling/check/layers.ts`,
    };
    return;
  }
  const own = file.owner.split('/')[1];
  for (const edge of file.imports) {
    if (!edge.specifier.startsWith(SCOPE)) continue;
    const target = edge.specifier.slice(SCOPE.length).split('/')[0] ?? '';
    const permitted =
      target === own || allowed.includes(target) || (file.isTest && TESTS_MAY_ALSO_IMPORT.includes(target));
    if (!permitted) {
      const message = `${file.owner} may not import ${target} (allowed: ${allowed.join(', ') || 'nothing of ours'})`;
      yield { file: file.path, line: edge.line, rule: 'layers', message };
    }
  }
}

function* libraryFindings(file: SourceFile): Generator<Finding> {
  for (const edge of file.imports) {
    for (const [library, folders] of Object.entries(ONLY_IN)) {
      const named = edge.specifier === library || edge.specifier.startsWith(`${library}/`);
      if (named && !folders.some((folder) => file.path.startsWith(folder))) {
        yield {
          file: file.path,
          line: edge.line,
          rule: 'library',
          message: `${library} is known to ${folders[0]} only`,
        };
      }
    }
    if (
      edge.specifier.startsWith('.') &&
      /(^|\/)\.\.\/\.\.\/.*(packages|apps)\//.test(edge.specifier) &&
      !file.isTest
    ) {
      yield {
        file: file.path,
        line: edge.line,
        rule: 'deep',
        message: 'import a package by its name, not by a path into it',
      };
    }
  }
}

/** Source with comments and strings blanked, so that words in texts are no findings. Offsets are kept. */
function codeOnly(file: SourceFile): string {
  let code = file.text;
  for (const comment of file.parsed.comments) {
    code =
      code.slice(0, comment.start) +
      code.slice(comment.start, comment.end).replace(/[^\n]/g, ' ') +
      code.slice(comment.end);
  }
  return code.replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, (text) => ' '.repeat(text.length));
}

function* textFindings(file: SourceFile): Generator<Finding> {
  if (file.isTest || file.path.startsWith('tooling/check/')) return;
  const code = codeOnly(file);
  const lineOf = (index: number) => code.slice(0, index).split('\n').length;
  const report = (pattern: RegExp, rule: string, message: string): Finding[] => {
    const hit = pattern.exec(code);
    return hit ? [{ file: file.path, line: lineOf(hit.index), rule, message }] : [];
  };
  const isSource = file.path.includes('/src/');
  if (isSource && PURE.includes(file.owner))
    yield* report(IMPURE, 'pure', 'a pure package has no clock, chance or process: take it as an argument');
  if (isSource && SYNCHRONOUS.includes(file.owner))
    yield* report(WAITING, 'synchronous', 'the core does not wait: return data, let an app act');
  for (const ban of BANNED) {
    if (ban.rule === 'tls' && MAY_INSPECT_CERTIFICATES.includes(file.path)) continue;
    yield* report(ban.pattern, ban.rule, ban.message);
  }
  const lines = file.text.split('\n').length;
  if (lines > MAX_LINES && !/\.generated\.ts$/.test(file.path)) {
    yield {
      file: file.path,
      line: lines,
      rule: 'size',
      message: `${lines} lines; the limit is ${MAX_LINES}: find the seam and split`,
    };
  }
}

/** Runtime import cycles inside packages (type imports cost nothing and are left out). */
function cycleFindings(files: readonly SourceFile[]): Finding[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const state = new Map<string, 'open' | 'done'>();
  const findings: Finding[] = [];
  const visit = (current: string, trail: readonly string[]): void => {
    state.set(current, 'open');
    for (const edge of byPath.get(current)?.imports ?? []) {
      if (edge.typeOnly || !edge.specifier.startsWith('.')) continue;
      const target = path.posix.join(path.posix.dirname(current), edge.specifier);
      if (!byPath.has(target)) continue;
      if (state.get(target) === 'open') {
        const loop = [...trail.slice(trail.indexOf(target)), target].join(' → ');
        findings.push({ file: current, line: edge.line, rule: 'cycle', message: `runtime import cycle: ${loop}` });
      } else if (!state.has(target)) {
        visit(target, [...trail, target]);
      }
    }
    state.set(current, 'done');
  };
  for (const file of files) if (!state.has(file.path)) visit(file.path, [file.path]);
  return findings;
}

/** All findings over the given files; empty means the house stands as designed. */
export function findArchitectureFaults(files: readonly SourceFile[]): Finding[] {
  const sources = files.filter((file) => !file.isTest);
  const perFile = files.flatMap((file) => [...layerFindings(file), ...libraryFindings(file), ...textFindings(file)]);
  return [...perFile, ...cycleFindings(sources)];
}
