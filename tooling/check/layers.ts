/**
 * Who may import whom: the one table that `pnpm check` enforces (design/architecture.md §2, docs/decisions/0003-layers.md).
 * Keys are folders; values are the packages of ours their sources may import. Tests may also use `fakes`.
 */
const EVERY_PACKAGE = [
  'calendar-model',
  'recurrence',
  'sync-core',
  'ews-client',
  'trueconf-client',
  'storage-kysely',
  'licensing',
  'config',
  'client-protocol',
  'fakes',
] as const;

export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'packages/calendar-model': [],
  'packages/recurrence': ['calendar-model'],
  'packages/sync-core': ['calendar-model', 'recurrence'],
  'packages/ews-client': ['calendar-model', 'sync-core'],
  'packages/trueconf-client': ['calendar-model', 'sync-core'],
  'packages/storage-kysely': ['calendar-model', 'sync-core', 'recurrence'],
  'packages/licensing': ['calendar-model'],
  'packages/config': ['calendar-model'],
  'packages/client-protocol': ['calendar-model'],
  'packages/fakes': ['calendar-model', 'recurrence', 'client-protocol'],
  'packages/simulation': [...EVERY_PACKAGE, 'daemon'],
  'apps/daemon': EVERY_PACKAGE.filter((name) => name !== 'fakes'),
  'apps/cli': [...EVERY_PACKAGE.filter((name) => name !== 'fakes'), 'daemon'],
  'apps/console': ['calendar-model', 'client-protocol'],
  'apps/fake-exchange': ['calendar-model', 'recurrence', 'client-protocol', 'fakes'],
  tooling: [...EVERY_PACKAGE, 'daemon', 'cli', 'console', 'simulation'],
};

/** Tests may use these beyond what sources may. */
export const TESTS_MAY_ALSO_IMPORT = ['fakes', 'calendar-model', 'recurrence', 'client-protocol', 'storage-kysely'];

/** Packages without a clock, chance, I/O or waiting. */
export const PURE = [
  'packages/calendar-model',
  'packages/recurrence',
  'packages/sync-core',
  'packages/client-protocol',
];

/** The core proper may not even be asynchronous. Types of ports may mention promises. */
export const SYNCHRONOUS = ['packages/calendar-model', 'packages/recurrence', 'packages/sync-core'];

/** A library that only one folder may know. */
export const ONLY_IN: Readonly<Record<string, readonly string[]>> = {
  'ews-javascript-api': [
    'packages/ews-client/src/wire',
    'packages/ews-client/test',
    'packages/fakes/test',
    'tooling/bench',
  ],
  'graphile-worker': ['packages/storage-kysely'],
  kysely: ['packages/storage-kysely'],
};

export const MAX_LINES = 500;

/** Looks at a certificate that is not trusted in order to say what is wrong with it; sends nothing over the connection. */
export const MAY_INSPECT_CERTIFICATES = [
  'apps/cli/src/doctor/endpoint-probe.ts',
  'apps/daemon/src/operation/certificates.ts',
];
