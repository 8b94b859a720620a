/** docs/reference/licence.md: editions, files, the registration protocol and every fault with its sentence, from the licensing package. */
import {
  type Edition,
  entitlements,
  FREE_ACCOUNTS,
  LICENCE_FAULT_EXAMPLES,
  licenceMessage,
} from '@calendar-connector/licensing';

/** The page, Markdown. */
export function licenceReference(): string {
  return `${[...head(), ...editions(), ...PROTOCOL, ...faults()].join('\n')}\n`;
}

function head(): string[] {
  return [
    '# Licences and registration',
    '',
    'Generated from `@calendar-connector/licensing`; do not edit by hand. The vendor’s key shape and protocol are not public: these are our own.',
    '',
  ];
}

function editions(): string[] {
  const yesNo = (value: boolean): string => (value ? 'yes' : 'no');
  const rows = (['free', 'standard', 'enterprise'] as const).map((edition: Edition) => {
    const granted = entitlements(exampleOf(edition), undefined, 0);
    const accounts =
      edition === 'free' ? `at most ${FREE_ACCOUNTS}` : 'as the licence and the TrueConf Server say, the smaller';
    const cells = [
      granted.closedNetwork,
      granted.offlineRegistration,
      granted.priorityFirst,
      granted.severalExchangeServers,
    ].map(yesNo);
    return `| ${edition} | ${accounts} | ${cells.join(' | ')} |`;
  });
  return [
    '| Edition | Accounts | Closed network | Offline registration | Priority users first | Several Exchange servers |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    'When a licence ends, synchronisation stops; data and reading stay, nothing is deleted.',
    '',
  ];
}

function exampleOf(edition: Edition) {
  const licence = {
    licenceId: '-',
    edition,
    accounts: null,
    installationId: '-',
    servers: [],
    issuedAt: 0,
    notBefore: 0,
    expiresAt: null,
  };
  return edition === 'free' ? { ...licence, lease: { renewAfter: 1, validUntil: 2 } } : licence;
}

const PROTOCOL = [
  '## Protocol',
  '',
  'All signed texts are compact JWS with `alg` EdDSA (Ed25519); moments are RFC 3339.',
  '',
  '| Text | Signed by | Holds |',
  '|---|---|---|',
  '| licence | issuer | `licenceId, edition, accounts, installationId, servers[], issuedAt, notBefore, expiresAt, lease?{renewAfter, validUntil}`; `accounts: null`: as TrueConf Server says, `expiresAt: null`: never, `servers: []`: any |',
  '| lease | issuer | `licenceId, installationId, renewAfter, validUntil` |',
  '| request, `regoffline.crg` | installation | `product, version, key, installationId, publicKey (JWK), nonce, createdAt` |',
  '| reply, `regoffline2.crg` | issuer | the licence’s fields and `nonce`, or `licence` (a whole licence) and `nonce` |',
  '| proof for a lease | installation | `licenceId, installationId, at` |',
  '',
  '- `POST /api/calendar/v1/register {request}` → `{licence}`',
  '- `POST /api/calendar/v1/lease {licenceId, installationId, signature}` → `{lease}`',
  '- Refusals: 4xx `{error: {code, message}}` with `unknownKey`, `alreadyUsed`, `revoked`, `expired`, `editionNotAllowedOffline`.',
  '',
  'The free edition asks for a lease when `renewAfter` is reached (6 h), after a failure every 15 minutes, and stops at `validUntil` (24 h).',
  '',
];

function faults(): string[] {
  const rows = LICENCE_FAULT_EXAMPLES.map((fault) => {
    const sentences = [licenceMessage(fault, 'en'), licenceMessage(fault, 'ru')];
    return `| \`${fault.code}\` | ${sentences.map((sentence) => sentence.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['## What can be wrong', '', '| Code | English | Russian |', '|---|---|---|', ...rows];
}
