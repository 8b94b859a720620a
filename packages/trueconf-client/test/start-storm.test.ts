/** Goal G8: 500 conferences due at the same second. Counts gate here, times are measured elsewhere. */

import { conferenceId } from '@calendar-connector/calendar-model';
import { expect, it } from 'vitest';
import { APIS, NEVER, startBench } from './support/fake-server.ts';

it.each(APIS)(
  '500 conferences start at once through %s: each once, with no more connections than allowed',
  async (apiVersion) => {
    const { fake, target } = await startBench({ apiVersion, maxConnections: 48 });
    const ids = Array.from({ length: 500 }, (_, index) => conferenceId(`storm_${index}`));
    for (const id of ids) fake.world.createConference({ id, topic: id, owner: 'user1' });
    const outcomes = await Promise.all(ids.map((id) => target.runConference(id, NEVER)));
    expect(outcomes.every((outcome) => outcome === 'done')).toBe(true);
    expect(fake.journal.count({ operation: 'runConference' })).toBe(500);
    expect(fake.journal.count({ operation: 'token' })).toBe(1);
    expect(fake.world.sessions.list()).toHaveLength(500);
    expect(fake.counters.snapshot().inFlightHighWater).toBeLessThanOrEqual(48);
  },
);
