/** Feature A8: what each edition allows, as pure data. Guide section 1.2. */
import { mailboxAddress } from '@calendar-connector/calendar-model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assignProviders,
  assignSlots,
  CLOCK_TOLERANCE_MS,
  type Edition,
  entitlements,
  isServerLicensed,
  type LeaseTimes,
  type Licence,
} from '../src/index.ts';
import { DAY, HOUR, START } from './office.ts';

function licence(edition: Edition, fields: Partial<Licence> = {}): Licence {
  const lease = { renewAfter: START + 6 * HOUR, validUntil: START + DAY };
  return {
    licenceId: 'L-1',
    edition,
    accounts: 500,
    installationId: 'i',
    servers: [],
    issuedAt: START,
    notBefore: START,
    expiresAt: START + 365 * DAY,
    ...(edition === 'free' && { lease }),
    ...fields,
  };
}

describe('an edition', () => {
  test.each([
    [
      'free',
      {
        accounts: 50,
        severalExchangeServers: false,
        priorityFirst: false,
        closedNetwork: false,
        offlineRegistration: false,
      },
    ],
    [
      'standard',
      {
        accounts: 500,
        severalExchangeServers: false,
        priorityFirst: false,
        closedNetwork: true,
        offlineRegistration: true,
      },
    ],
    [
      'enterprise',
      {
        accounts: 500,
        severalExchangeServers: true,
        priorityFirst: true,
        closedNetwork: true,
        offlineRegistration: true,
      },
    ],
  ] as const)('%s allows what the guide says', (edition, expected) => {
    expect(entitlements(licence(edition), undefined, START)).toMatchObject({
      ...expected,
      edition,
      state: 'working',
      maySync: true,
    });
  });

  test.each([
    ['free', 10, undefined, 10, 'licence'],
    ['free', 1000, undefined, 50, 'edition'],
    ['free', null, 20, 20, 'trueConfServer'],
    ['standard', null, 300, 300, 'trueConfServer'],
    ['standard', 200, 300, 200, 'licence'],
    ['enterprise', 5000, 300, 300, 'trueConfServer'],
    ['enterprise', null, undefined, Number.MAX_SAFE_INTEGER, 'none'],
    ['standard', 0, undefined, 0, 'licence'],
  ] as const)(
    '%s with %s in the licence and %s in TrueConf gives %s',
    (edition, accounts, directory, expected, accountsBy) => {
      const granted = entitlements(licence(edition, { accounts }), undefined, START, { accounts: directory });
      expect(granted).toMatchObject({ accounts: expected, accountsBy });
    },
  );

  test('free without any lease has never been confirmed', () => {
    expect(entitlements(licence('free', { lease: undefined }), undefined, START)).toMatchObject({
      state: 'stopped',
      fault: { code: 'leaseMissing' },
    });
  });

  test('paid without a lease needs none', () => {
    expect(entitlements(licence('standard'), undefined, START + 300 * DAY)).toMatchObject({
      state: 'working',
      until: START + 365 * DAY,
    });
  });

  test('a licence without an end has none', () => {
    const granted = entitlements(licence('standard', { expiresAt: null }), undefined, START + 9999 * DAY);
    expect(granted).toMatchObject({ state: 'working' });
    expect(granted.until).toBeUndefined();
  });

  test('a licence of tomorrow does not work today', () => {
    expect(entitlements(licence('standard'), undefined, START - CLOCK_TOLERANCE_MS - 1)).toMatchObject({
      state: 'stopped',
      fault: { code: 'notYetValid', from: START },
    });
  });

  test('of two ends the earlier one is named as the cause', () => {
    const short = licence('free', { expiresAt: START + 12 * HOUR });
    expect(entitlements(short, undefined, START + 2 * DAY).fault).toEqual({ code: 'expired', at: START + 12 * HOUR });
    const long = licence('free', { expiresAt: START + 36 * HOUR });
    expect(entitlements(long, undefined, START + 2 * DAY).fault).toEqual({ code: 'leaseEnded', at: START + DAY });
  });

  test('reading stays in every state', () => {
    for (const now of [START - DAY, START, START + 2 * DAY, START + 999 * DAY]) {
      for (const edition of ['free', 'standard', 'enterprise'] as const) {
        expect(entitlements(licence(edition), undefined, now).mayRead).toBe(true);
      }
    }
  });
});

const moment = fc.integer({ min: START - 400 * DAY, max: START + 800 * DAY });
const lease = fc.option(
  fc
    .tuple(moment, fc.nat(DAY))
    .map(([renewAfter, length]): LeaseTimes => ({ renewAfter, validUntil: renewAfter + length })),
  { nil: undefined },
);

describe('whatever the dates', () => {
  test('a stopped licence gives no account and names its fault; a working one has a moment at which it may end', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Edition>('free', 'standard', 'enterprise'),
        lease,
        moment,
        (edition, renewed, now) => {
          const granted = entitlements(licence(edition), renewed, now);
          expect(granted.maySync).toBe(granted.state !== 'stopped');
          expect(granted.accounts > 0).toBe(granted.maySync);
          expect(granted.fault === undefined).toBe(granted.state === 'working');
          if (granted.maySync) expect(granted.until).toBeGreaterThan(now);
        },
      ),
    );
  });

  test('once ended it stays ended, until a new lease or licence comes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Edition>('free', 'standard'),
        lease,
        moment,
        fc.nat(400 * DAY),
        (edition, renewed, now, later) => {
          const first = entitlements(licence(edition), renewed, now);
          if (first.maySync || first.fault?.code === 'notYetValid') return;
          expect(entitlements(licence(edition), renewed, now + later)).toMatchObject({ maySync: false });
        },
      ),
    );
  });
});

describe('accounts of the licence', () => {
  const boxes = (count: number) =>
    Array.from({ length: count }, (_, index) => mailboxAddress(`user${index}@example.test`));

  test('go to the mailboxes in the order of the configuration', () => {
    const mailboxes = boxes(5);
    expect(
      assignSlots({ accounts: 3, priorityFirst: false }, { mailboxes, priority: [mailboxes[4]!], held: [] }),
    ).toEqual({
      granted: mailboxes.slice(0, 3),
      waiting: mailboxes.slice(3),
    });
  });

  test('go to priority users first in Enterprise, even when others hold them', () => {
    const mailboxes = boxes(5);
    const [first, , third, , last] = mailboxes;
    const assigned = assignSlots(
      { accounts: 2, priorityFirst: true },
      { mailboxes, priority: [last!, third!], held: [first!] },
    );
    expect(assigned.granted).toEqual([last, third]);
    expect(assigned.waiting[0]).toBe(first);
  });

  test('stay with who has one when the configuration is reordered or grows', () => {
    const mailboxes = boxes(5);
    const { granted } = assignSlots({ accounts: 2, priorityFirst: false }, { mailboxes, priority: [], held: [] });
    const again = assignSlots(
      { accounts: 2, priorityFirst: false },
      { mailboxes: mailboxes.toReversed(), priority: [], held: granted },
    );
    expect(new Set(again.granted)).toEqual(new Set(granted));
  });

  test('never go beyond the number, to a stranger, or twice to one', () => {
    const mailbox = fc.constantFrom(...boxes(12));
    const some = fc.array(mailbox, { maxLength: 20 });
    fc.assert(
      fc.property(some, some, some, fc.nat(14), fc.boolean(), (mailboxes, priority, held, accounts, priorityFirst) => {
        const { granted, waiting } = assignSlots({ accounts, priorityFirst }, { mailboxes, priority, held });
        const all = [...granted, ...waiting];
        expect(new Set(all)).toEqual(new Set(mailboxes));
        expect(all.length).toBe(new Set(mailboxes).size);
        expect(granted.length).toBe(Math.min(accounts, all.length));
        if (priorityFirst)
          expect(all.slice(0, new Set(priority.filter((one) => all.includes(one))).size)).toEqual(
            [...new Set(priority)].filter((one) => all.includes(one)),
          );
      }),
    );
  });
});

test('several Exchange servers only in Enterprise; elsewhere the first one works', () => {
  const providers = ['main', 'branch', 'lab'];
  expect(assignProviders({ severalExchangeServers: true }, providers)).toEqual({ allowed: providers, refused: [] });
  expect(assignProviders({ severalExchangeServers: false }, providers)).toEqual({
    allowed: ['main'],
    refused: ['branch', 'lab'],
  });
});

test('a licence names the TrueConf Servers it is for; none named means any', () => {
  expect(isServerLicensed({ servers: [] }, 'any#vcs')).toBe(true);
  expect(isServerLicensed({ servers: ['a#vcs'] }, 'A#VCS')).toBe(true);
  expect(isServerLicensed({ servers: ['a#vcs'] }, 'b#vcs')).toBe(false);
});
