/**
 * What `status` prints for people: what runs, how its mailboxes are, what waits, and at the end what an administrator has
 * to do. Parts the answer lacks are left out; parts only a newer service knows are shown as they come.
 */
import type { Language } from '../program/language.ts';
import type { ChangeLatency } from './change-latency.ts';
import { at, cell, moment, renderValue } from './rendering.ts';
import { databaseWords, duration, licenceWords, STATUS_SENTENCES, STATUS_WORDS, stateWords } from './status-words.ts';

const KNOWN = new Set([
  ...['product', 'version', 'commit', 'node', 'startedAt', 'uptimeMs', 'statusLine', 'mailboxes', 'queue', 'clients'],
  ...['database', 'providers', 'trueConfServers', 'licence', 'anomalies'],
]);
/** States that wait for a person; the others pass by themselves or were chosen. */
const SICK = new Set(['authFailed', 'protectionRequired', 'noImpersonation', 'notFound', 'outOfLicence']);
const SECTIONS = [
  ...(['mailboxes', 'notifications', 'changes', 'waiting', 'jobs', 'clients'] as const),
  ...(['exchange', 'trueconf', 'database', 'licence'] as const),
];
type Section = (typeof SECTIONS)[number];

interface Subject {
  readonly status: unknown;
  readonly latency: ChangeLatency | undefined;
  readonly language: Language;
  readonly count: (value: unknown) => string;
}

export function statusText(status: unknown, latency: ChangeLatency | undefined, language: Language): string[] {
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
  const count = (value: unknown): string => (typeof value === 'number' ? format.format(value) : cell(value));
  const subject: Subject = { status, latency, language, count };
  const width = Math.max(...SECTIONS.map((section) => STATUS_WORDS[section][language].length)) + 2;
  const sections = SECTIONS.flatMap((section) => {
    const lines = PARTS[section](subject);
    return lines.map((line, index) => `${(index === 0 ? STATUS_WORDS[section][language] : '').padEnd(width)}${line}`);
  });
  const further = Object.fromEntries(Object.entries(status ?? {}).filter(([name]) => !KNOWN.has(name)));
  const blocks = [headline(subject), sections, renderValue(further, language), attention(subject)];
  return blocks.filter((lines) => lines.length > 0).flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

function headline({ status, language }: Subject): string[] {
  const [product, version, commit, node] = ['product', 'version', 'commit', 'node'].map((name) => at(status, name));
  const build = commit === 'source' ? STATUS_WORDS.fromSource[language] : cell(commit);
  const first = [
    `${cell(product)} ${cell(version)}${build === '' ? '' : ` (${build})`}`.trim(),
    node === undefined ? '' : `${STATUS_WORDS.node[language]} ${cell(node)}`,
  ];
  const uptime = at(status, 'uptimeMs');
  const second =
    typeof uptime === 'number'
      ? `${STATUS_WORDS.running[language]} ${duration(uptime, language)}, ${STATUS_WORDS.since[language]} ${moment(at(status, 'startedAt'))}`
      : '';
  return [first.filter((part) => part !== '').join(', '), second].filter((line) => line !== '');
}

const PARTS: Readonly<Record<Section, (subject: Subject) => string[]>> = {
  mailboxes: ({ status, language, count }) => {
    const held = at(status, 'mailboxes.held');
    const states = statesOf(status);
    const width = Math.max(0, ...states.map(([, number]) => count(number).length));
    return [
      ...(held === undefined ? [] : [STATUS_SENTENCES.held[language](count(held))]),
      ...states.map(([state, number]) => `${count(number).padStart(width)}  ${stateWords(state, language)}`),
    ];
  },
  notifications: ({ status, language, count }) =>
    given(at(status, 'mailboxes.streams'), (streams) =>
      STATUS_SENTENCES.streams[language](count(at(streams, 'live')), count(at(streams, 'down'))),
    ),
  changes: ({ latency, language, count }) =>
    given(latency, ({ withinS, isLonger, count: all }) =>
      STATUS_SENTENCES[isLonger ? 'late' : 'arrival'][language](count(withinS), count(all)),
    ),
  waiting: ({ status, language, count }) =>
    given(at(status, 'queue.lanes'), (lanes) =>
      STATUS_SENTENCES.depth[language](count(Object.values(lanes).reduce<number>((sum, n) => sum + Number(n), 0))),
    ),
  jobs: ({ status, language, count }) =>
    given(at(status, 'queue.jobs'), (jobs) => {
      const [ready, scheduled, picked, dead] = ['ready', 'scheduled', 'picked', 'dead'].map((n) => count(at(jobs, n)));
      return STATUS_SENTENCES.jobs[language](ready ?? '', scheduled ?? '', picked ?? '', dead ?? '');
    }),
  clients: ({ status, language, count }) =>
    given(at(status, 'clients'), (clients) => STATUS_SENTENCES.connected[language](count(clients))),
  exchange: ({ status, language, count }) =>
    listOf(status, 'providers').map((one) => {
      const place = `${cell(at(one, 'host'))}:${cell(at(one, 'port'))}`;
      return STATUS_SENTENCES.provider[language](cell(at(one, 'name')), place, count(at(one, 'mailboxes')));
    }),
  trueconf: ({ status }) => listOf(status, 'trueConfServers').map((one) => cell(at(one, 'id'))),
  database: ({ status, language }) =>
    given(at(status, 'database'), (database) => {
      const ms = /^database (\d+) ms$/.exec(cell(at(database, 'detail')))?.[1];
      const speed = ms === undefined ? '' : STATUS_SENTENCES.answersIn[language](ms === '0' ? '<1' : ms);
      return joined(databaseWords(cell(at(database, 'kind')), language), speed);
    }),
  licence: ({ status, language, count }) =>
    given(at(status, 'licence'), (licence) => {
      const [accounts, until] = [at(licence, 'accounts'), at(licence, 'until')];
      return joined(
        cell(at(licence, 'edition')),
        licenceWords(cell(at(licence, 'state')), language),
        accounts === undefined || accounts === null ? '' : STATUS_SENTENCES.accounts[language](count(accounts)),
        until === undefined ? '' : STATUS_SENTENCES.until[language](moment(until)),
      );
    }),
};

/** What a person has to look at, each with the command that shows more. */
function attention({ status, language, count }: Subject): string[] {
  const above = (value: unknown): boolean => Number(value ?? 0) > 0;
  const [dead, anomalies] = [at(status, 'queue.deadJobs'), at(status, 'anomalies')];
  const needs = [
    ...(at(status, 'database.ok') === false
      ? [STATUS_SENTENCES.database[language](cell(at(status, 'database.detail')))]
      : []),
    ...given(at(status, 'licence.message'), cell),
    ...statesOf(status)
      .filter(([state]) => SICK.has(state))
      .map(
        ([state, number]) => `${stateWords(state, language)}: ${STATUS_SENTENCES.sick[language](count(number), state)}`,
      ),
    ...(above(anomalies) ? [STATUS_SENTENCES.anomalies[language](count(anomalies))] : []),
    ...(above(dead) ? [STATUS_SENTENCES.dead[language](count(dead))] : []),
  ];
  if (needs.length === 0) return [STATUS_WORDS.allWell[language]];
  return [STATUS_WORDS.attention[language], ...needs.map((need) => `  - ${need}`)];
}

function statesOf(status: unknown): (readonly [string, unknown])[] {
  return Object.entries(at(status, 'mailboxes.states') ?? {}).sort(([, a], [, b]) => Number(b) - Number(a));
}

function listOf(status: unknown, name: string): readonly unknown[] {
  const list = at(status, name);
  return Array.isArray(list) ? list : [];
}

function given<Value>(value: Value | undefined | null, say: (value: Value & {}) => string): string[] {
  return value === undefined || value === null ? [] : [say(value)];
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}
