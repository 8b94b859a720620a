import { createHash } from 'node:crypto';
import { meetingKey } from '@calendar-connector/calendar-model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conferenceIdFor, REASONS, RULES } from '../../src/index.ts';
import { PAIR_RULES } from '../../src/plan/pair-rules.ts';
import { RULE_TABLE } from '../../src/plan/rule-table.ts';
import { sha256Hex } from '../../src/standing/sha256.ts';

describe('the rule table (SPEC 4.1)', () => {
  it('has one rule for each of its 275 cells, and every rule has a cell or is reached from one', () => {
    const cells = Object.values(RULE_TABLE).flatMap((block) =>
      Object.values(block).flatMap((row) => Object.values(row)),
    );
    expect(cells).toHaveLength(11 * 5 * 5);
    expect([...new Set(cells)].sort()).toEqual(Object.keys(PAIR_RULES).sort());
  });

  it('removes a conference only for meetings that ended or let go of it', () => {
    const removing = Object.entries(RULE_TABLE).flatMap(([exchange, block]) =>
      Object.values(block).some((row) => Object.values(row).some((rule) => rule === 'R06' || rule === 'R09'))
        ? [exchange]
        : [],
    );
    expect(removing.sort()).toEqual(['cancelled', 'deleted', 'noLink']);
  });

  it('has words in both languages for every rule and reason', () => {
    for (const words of [...Object.values(RULES), ...Object.values(REASONS)]) {
      expect(words.en).not.toBe('');
      expect(words.ru).not.toBe('');
    }
  });
});

describe('ids of conferences the connector makes (I9)', () => {
  it('are valid, equal for equal meetings and different for different ones', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const one = conferenceIdFor(meetingKey({ uid: a }));
        expect(one).toMatch(/^[A-Za-z0-9_]{1,128}$/);
        expect(one === conferenceIdFor(meetingKey({ uid: b }))).toBe(a === b);
      }),
    );
  });

  it('rest on SHA-256', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(sha256Hex(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
      }),
    );
  });
});
