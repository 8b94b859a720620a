/**
 * Operations over real sockets against canned answers: what is asked, and what comes of the answer.
 */
import { cursor, itemId, mailboxAddress } from '@calendar-connector/calendar-model';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../src/index.ts';
import { failureOf } from './support/failure.ts';
import {
  answer,
  askedIds,
  failure,
  fault,
  gotItem,
  type Reply,
  startSoapServer,
  success,
} from './support/soap-server.ts';
import { mailboxAt, never, sourceTo } from './support/source.ts';

const DAILY =
  '<t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NoEndRecurrence><t:StartDate>2026-03-02</t:StartDate></t:NoEndRecurrence>';

describe('resolving a mailbox', () => {
  it.each(['CalendarFolder', 'Folder'])(
    'finds the calendar (t:%s), its title and the owner, impersonating by SMTP address',
    async (name) => {
      await using server = await startSoapServer(({ operation }) => {
        if (operation === 'GetFolder') {
          const folder = `<m:Folders><t:${name}><t:FolderId Id="F1" ChangeKey="A"/><t:DisplayName>Календарь</t:DisplayName></t:${name}></m:Folders>`;
          return answer('GetFolder', success('GetFolder', folder));
        }
        const mailbox =
          '<t:Mailbox><t:Name>Anna A.</t:Name><t:EmailAddress>Anna@example.test</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType></t:Mailbox>';
        return answer(
          'ResolveNames',
          success(
            'ResolveNames',
            `<m:ResolutionSet TotalItemsInView="1"><t:Resolution>${mailbox}</t:Resolution></m:ResolutionSet>`,
          ),
        );
      });
      await using source = sourceTo(server.port);
      const found = await source.resolve(mailboxAddress('anna@example.test'), never);
      expect(found).toMatchObject({ folderId: 'F1', calendarTitle: 'Календарь', ownerName: 'Anna A.' });
      const asked = server.requests[0]!;
      expect(asked.headers['x-anchormailbox']).toBe('anna@example.test');
      expect(asked.body).toContain('<t:SmtpAddress>anna@example.test</t:SmtpAddress>');
      expect(asked.body).toContain('<t:TimeZoneDefinition Id="UTC">');
    },
  );

  it('takes the primary address when the given one is an alias', async () => {
    await using server = await startSoapServer(({ operation, body }) => {
      if (body.includes('alias@example.test')) return fault('ErrorNonPrimarySmtpAddress', 'Use primary@example.test');
      if (operation !== 'GetFolder')
        return answer('ResolveNames', failure('ResolveNames', 'ErrorNameResolutionNoResults'));
      return answer(
        'GetFolder',
        success('GetFolder', '<m:Folders><t:CalendarFolder><t:FolderId Id="F1"/></t:CalendarFolder></m:Folders>'),
      );
    });
    await using source = sourceTo(server.port);
    const found = await source.resolve(mailboxAddress('alias@example.test'), never);
    expect(found.address).toBe('primary@example.test');
  });
});

describe('fetching changes', () => {
  const sync = (changes: string, last = 'true', state = 'S2') =>
    answer(
      'SyncFolderItems',
      success(
        'SyncFolderItems',
        `<m:SyncState>${state}</m:SyncState><m:IncludesLastItemInRange>${last}</m:IncludesLastItemInRange><m:Changes>${changes}</m:Changes>`,
      ),
    );
  const mailAt = (id: string, mail: string) => (id === mail ? { ItemClass: 'IPM.Note' } : {});
  const create = (id: string) =>
    `<t:Create><t:CalendarItem><t:ItemId Id="${id}" ChangeKey="x"/></t:CalendarItem></t:Create>`;

  it('asks for ids only, then reads what was created or changed, in the order of the answer', async () => {
    await using server = await startSoapServer(({ operation, body }) => {
      if (operation === 'SyncFolderItems') {
        return sync(`${create('A')}<t:Delete><t:ItemId Id="D" ChangeKey="x"/></t:Delete>${create('B')}`);
      }
      return answer('GetItem', ...askedIds(body).map((id) => gotItem(id)));
    });
    await using source = sourceTo(server.port);
    const page = await source.fetchChanges(mailboxAt(server.port), cursor('S1'), never);
    expect(page.changed.map((item) => item.itemId)).toEqual(['A', 'B']);
    expect(page.removed).toEqual(['D']);
    expect(page).toMatchObject({ cursor: 'S2', complete: true, unreadable: [] });
    expect(server.requests[0]?.body).toContain('<m:SyncState>S1</m:SyncState>');
  });

  it('goes on until a page is empty where a server does not say whether more is to come', async () => {
    await using server = await startSoapServer(({ operation, body }) => {
      if (operation === 'GetItem') return answer('GetItem', ...askedIds(body).map((id) => gotItem(id)));
      const page = sync(body.includes('>S1<') ? '' : create('A'), 'true', body.includes('>S1<') ? 'S2' : 'S1');
      return { body: String(page.body).replace(/<m:IncludesLast.*Range>/, '') };
    });
    await using source = sourceTo(server.port);
    const first = await source.fetchChanges(mailboxAt(server.port), undefined, never);
    expect(first).toMatchObject({ changed: [{ itemId: 'A' }], cursor: 'S1', complete: false });
    const last = await source.fetchChanges(mailboxAt(server.port), first.cursor, never);
    expect(last).toMatchObject({ changed: [], cursor: 'S2', complete: true });
  });

  it('lets the item itself say what has become of it when a page names it both changed and deleted, in either order', async () => {
    const remove = (id: string) => `<t:Delete><t:ItemId Id="${id}" ChangeKey="x"/></t:Delete>`;
    await using server = await startSoapServer(({ operation, body }) => {
      if (operation === 'SyncFolderItems') return sync(['A', 'B'].map((id) => create(id) + remove(id)).join(''));
      const messages = askedIds(body).map((id) =>
        id === 'B' ? failure('GetItem', 'ErrorItemNotFound', '<m:Items/>') : gotItem(id),
      );
      return answer('GetItem', ...messages);
    });
    await using source = sourceTo(server.port);
    const page = await source.fetchChanges(mailboxAt(server.port), undefined, never);
    expect(page).toMatchObject({ changed: [{ itemId: 'A' }], removed: ['B'], unreadable: [] });
  });

  it('reads the exceptions of a changed master through their ids (failure mode 5: occurrence changes unseen)', async () => {
    const modified =
      '<t:Occurrence><t:ItemId Id="X1" ChangeKey="x"/><t:Start>2026-03-03T12:00:00Z</t:Start><t:End>2026-03-03T13:00:00Z</t:End><t:OriginalStart>2026-03-03T09:00:00Z</t:OriginalStart></t:Occurrence>';
    await using server = await startSoapServer(({ operation, body }) => {
      if (operation === 'SyncFolderItems') return sync(create('M'));
      const messages = askedIds(body).map((id) =>
        id === 'M'
          ? gotItem('M', { CalendarItemType: 'RecurringMaster', Recurrence: DAILY, ModifiedOccurrences: modified })
          : gotItem(id, {
              CalendarItemType: 'Exception',
              Subject: 'moved',
              Start: '2026-03-03T12:00:00Z',
              End: '2026-03-03T13:00:00Z',
            }),
      );
      return answer('GetItem', ...messages);
    });
    await using source = sourceTo(server.port);
    const page = await source.fetchChanges(mailboxAt(server.port), undefined, never);
    const master = page.changed[0];
    expect(master).toMatchObject({ kind: 'seriesMaster' });
    expect(master?.kind === 'seriesMaster' && master.exceptions).toMatchObject([
      { kind: 'exception', subject: 'moved', originalStart: Date.parse('2026-03-03T09:00:00Z') },
    ]);
  });

  it.each([
    ['ErrorInternalServerTransientError', 'is asked for again as a whole', { changed: 0, unreadable: 1 }],
    ['ErrorMailboxStoreUnavailable', 'is asked for again as a whole', { changed: 0, unreadable: 1 }],
    ['ErrorItemCorrupt', 'is given without it', { changed: 1, unreadable: 0 }],
    ['ErrorItemNotFound', 'is given without it', { changed: 1, unreadable: 0 }],
  ])('a series one exception of which fails with %s %s', async (code, _outcome, counts) => {
    const modified = ['X1', 'X2'].map(
      (id, i) =>
        `<t:Occurrence><t:ItemId Id="${id}" ChangeKey="x"/><t:Start>2026-03-0${i + 3}T12:00:00Z</t:Start><t:End>2026-03-0${i + 3}T13:00:00Z</t:End><t:OriginalStart>2026-03-0${i + 3}T09:00:00Z</t:OriginalStart></t:Occurrence>`,
    );
    const fields = { CalendarItemType: 'RecurringMaster', Recurrence: DAILY, ModifiedOccurrences: modified.join('') };
    const warnings: string[] = [];
    await using server = await startSoapServer(({ operation, body }) => {
      if (operation === 'SyncFolderItems') return sync(create('M'));
      const messages = askedIds(body).map((id) => {
        if (id === 'X2') return failure('GetItem', code, '<m:Items/>');
        return gotItem(id, id === 'M' ? fields : { CalendarItemType: 'Exception' });
      });
      return answer('GetItem', ...messages);
    });
    const observer = { warning: (record: { readonly code: string }) => void warnings.push(record.code) };
    await using source = sourceTo(server.port, { observer });
    const page = await source.fetchChanges(mailboxAt(server.port), undefined, never);
    expect({ changed: page.changed.length, unreadable: page.unreadable.length }).toEqual(counts);
    expect(warnings).toEqual(counts.changed === 1 ? ['ExceptionNotRead'] : []);
    if (counts.unreadable === 1) expect(page.unreadable[0]).toMatchObject({ itemId: 'M', code });
  });

  it('finds the addresses of all whom an item names by X.500 names; a directory that is away is asked again the next time', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `/o=Example/cn=Recipients/cn=p${i}`);
    const attendees = names.map(
      (name) =>
        `<t:Attendee><t:Mailbox><t:Name>P</t:Name><t:EmailAddress>${name}</t:EmailAddress><t:RoutingType>EX</t:RoutingType></t:Mailbox></t:Attendee>`,
    );
    let isAway = true;
    await using server = await startSoapServer(({ operation, body }) => {
      if (operation !== 'ResolveNames')
        return answer('GetItem', gotItem('A', { RequiredAttendees: attendees.join('') }));
      if (isAway) return answer('ResolveNames', failure('ResolveNames', 'ErrorADUnavailable'));
      const person = /cn=(p\d+)</.exec(body)?.[1];
      const mailbox = `<t:Mailbox><t:Name>P</t:Name><t:EmailAddress>${person}@example.test</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType></t:Mailbox>`;
      const found = `<m:ResolutionSet><t:Resolution>${mailbox}</t:Resolution></m:ResolutionSet>`;
      return answer('ResolveNames', success('ResolveNames', found));
    });
    await using source = sourceTo(server.port);
    const countAddresses = async () => {
      const item = await source.fetchItem(mailboxAt(server.port), itemId('A'), never);
      return new Set(item?.attendees.flatMap(({ address }) => address ?? [])).size;
    };
    expect(await countAddresses()).toBe(0);
    isAway = false;
    expect(await countAddresses()).toBe(40);
  });

  it('says cursorInvalid when the state is refused (failure mode 8)', async () => {
    await using server = await startSoapServer(() =>
      answer('SyncFolderItems', failure('SyncFolderItems', 'ErrorInvalidSyncStateData')),
    );
    await using source = sourceTo(server.port);
    const error = await failureOf(source.fetchChanges(mailboxAt(server.port), cursor('bad'), never));
    expect(error).toMatchObject({ kind: 'cursorInvalid', code: 'ErrorInvalidSyncStateData', retriable: false });
  });

  it('asks again for the tail of a batch that was cut, in smaller batches (failure mode 21)', async () => {
    await using server = await startSoapServer(({ operation, body }) => {
      if (operation === 'SyncFolderItems') return sync(['A', 'B', 'C', 'D'].map(create).join(''));
      const ids = askedIds(body);
      const messages = ids.map((id, i) =>
        i < 2 ? gotItem(id) : failure('GetItem', 'ErrorBatchProcessingStopped', '<m:Items/>', 'Warning'),
      );
      return answer('GetItem', ...messages);
    });
    await using source = sourceTo(server.port, { limits: { getItemBatch: 4 } });
    const page = await source.fetchChanges(mailboxAt(server.port), undefined, never);
    expect(page.changed.map((item) => item.itemId)).toEqual(['A', 'B', 'C', 'D']);
    expect(server.requests.filter((request) => request.operation === 'GetItem').map((r) => askedIds(r.body))).toEqual([
      ['A', 'B', 'C', 'D'],
      ['C', 'D'],
    ]);
  });

  it('takes each item for the one it says it is, in whatever order a server answers and however many answers are missing', async () => {
    await using server = await startSoapServer(({ operation, body }) => {
      if (operation === 'SyncFolderItems') return sync(['A', 'B', 'C', 'D'].map(create).join(''));
      const ids = askedIds(body);
      const messages = ids.map((id) =>
        id === 'C' ? failure('GetItem', 'ErrorCorruptData', '<m:Items/>') : gotItem(id, mailAt(id, 'B')),
      );
      // Backwards, and without the answer for the last id: nobody can tell whom the error in between is meant for.
      return answer('GetItem', ...(ids.length === 1 ? messages : messages.slice(0, -1).reverse()));
    });
    await using source = sourceTo(server.port);
    const page = await source.fetchChanges(mailboxAt(server.port), undefined, never);
    expect(page.changed.map((item) => [item.itemId, item.subject])).toEqual([
      ['A', 'Subject of A'],
      ['D', 'Subject of D'],
    ]);
    expect(page.removed).toEqual(['B']);
    expect(page.unreadable).toMatchObject([{ itemId: 'C', code: 'ErrorCorruptData' }]);
  });

  it.each([
    ['a fault', () => fault('ErrorInvalidRequest')],
    ['an error for each item', (ids) => answer('GetItem', ...ids.map(() => failure('GetItem', 'ErrorInvalidRequest')))],
  ] satisfies (readonly [string, (ids: readonly string[]) => Reply])[])(
    'asks for bodies by themselves where the server refuses them beside attendees with %s',
    async (_name, refuse) => {
      await using server = await startSoapServer(({ operation, body }) => {
        const ids = askedIds(body);
        if (operation === 'SyncFolderItems') return sync(create('A') + create('B'));
        if (!body.includes('item:Body')) return answer('GetItem', ...ids.map((id) => gotItem(id)));
        if (body.includes('calendar:RequiredAttendees')) return refuse(ids);
        const bodies = ids.map((id) => gotItem(id, { Body: `body of ${id}` }));
        return answer('GetItem', ...bodies.reverse());
      });
      await using source = sourceTo(server.port);
      const page = await source.fetchChanges(mailboxAt(server.port), undefined, never);
      expect(page.changed.map((item) => item.body?.content)).toEqual(['body of A', 'body of B']);
    },
  );

  it.each([
    ['is too large', { Body: 'x'.repeat(70_000) }, 'Xml_sizeLimit'],
    ['holds what is no XML', { Location: 'R&D' }, 'Xml_malformed'],
    ['holds bytes that are no text', { Location: '\u00ff' }, 'Xml_encoding'],
    ['holds markup where text belongs', { Location: '<b>R</b>' }, 'Xml_unexpectedElement'],
  ])('one item that %s costs none of the others in its batch', async (_name, fields, code) => {
    const ids = Array.from({ length: 25 }, (_, i) => `I${i}`);
    await using server = await startSoapServer(({ operation, body }) => {
      if (operation === 'SyncFolderItems') return sync(ids.map(create).join(''));
      const reply = answer('GetItem', ...askedIds(body).map((id) => gotItem(id, id === 'I17' ? fields : {})));
      return { body: Buffer.from(String(reply.body), 'latin1') };
    });
    await using source = sourceTo(server.port, { limits: { maxResponseBytes: 60_000 } });
    const page = await source.fetchChanges(mailboxAt(server.port), undefined, never);
    expect(page.unreadable).toMatchObject([{ itemId: 'I17', code }]);
    expect(page.changed.map((item) => item.itemId).sort()).toEqual(ids.filter((id) => id !== 'I17').sort());
  });

  it('calls no item unreadable because the server has gone mute', async () => {
    const ids = Array.from({ length: 25 }, (_, i) => `I${i}`);
    await using server = await startSoapServer(({ operation }) =>
      operation === 'SyncFolderItems' ? sync(ids.map(create).join('')) : undefined,
    );
    // The time-out is short once there is nothing to wait for.
    const isMute = () => server.requests.length > 0;
    const after: Clock['after'] = (ms, run) => systemClock.after(ms === 90_000 && isMute() ? 100 : ms, run);
    await using source = sourceTo(server.port, { timings: { callMs: 90_000 }, clock: { now: Date.now, after } });
    const error = await failureOf(source.fetchChanges(mailboxAt(server.port), undefined, never));
    expect(error).toMatchObject({ kind: 'timeout', code: 'CallTimeout', retriable: true });
    const asked = server.requests
      .filter(({ operation }) => operation === 'GetItem')
      .map(({ body }) => askedIds(body).length);
    expect(asked).toEqual([25, 12, 6]);
  });

  it('asks anew for an item that is answered twice', async () => {
    await using server = await startSoapServer(({ operation, body }) => {
      if (operation === 'SyncFolderItems') return sync(create('A') + create('B'));
      const ids = askedIds(body);
      if (ids.length === 1) return answer('GetItem', ...ids.map((id) => gotItem(id)));
      return answer('GetItem', gotItem('B', { Subject: 'Subject of A' }), gotItem('B'));
    });
    await using source = sourceTo(server.port);
    const page = await source.fetchChanges(mailboxAt(server.port), undefined, never);
    expect(page.changed.map(({ subject }) => subject)).toEqual(['Subject of A', 'Subject of B']);
  });

  it('takes no item for one that was not asked for', async () => {
    await using server = await startSoapServer(({ operation }) =>
      operation === 'SyncFolderItems' ? sync(create('A')) : answer('GetItem', gotItem('another')),
    );
    await using source = sourceTo(server.port);
    const page = await source.fetchChanges(mailboxAt(server.port), undefined, never);
    expect(page).toMatchObject({ changed: [], removed: [], unreadable: [{ itemId: 'A', code: 'NoAnswer' }] });
  });

  it('names the broken items and delivers the rest; one that is not found may only be not readable yet', async () => {
    await using server = await startSoapServer(({ operation, body }) => {
      if (operation === 'SyncFolderItems') return sync(['A', 'B', 'C', 'E'].map(create).join(''));
      const messages = askedIds(body).map((id) => {
        if (id === 'B') return failure('GetItem', 'ErrorCorruptData', '<m:Items/>');
        if (id === 'C') return failure('GetItem', 'ErrorItemNotFound', '<m:Items/>');
        return gotItem(id, id === 'E' ? { Start: 'yesterday' } : {});
      });
      return answer('GetItem', ...messages);
    });
    await using source = sourceTo(server.port);
    const page = await source.fetchChanges(mailboxAt(server.port), undefined, never);
    expect(page.changed.map((item) => item.itemId)).toEqual(['A']);
    expect(page.removed).toEqual([]);
    expect(page.unreadable).toMatchObject([
      { itemId: 'B', code: 'ErrorCorruptData' },
      { itemId: 'E', code: 'InvalidItem', message: expect.stringContaining('start') },
      { itemId: 'C', code: 'ErrorItemNotFound' },
    ]);
  });
});

describe('reading one item', () => {
  it.each([
    ['ErrorInternalServerTransientError', 'unavailable', true],
    ['ErrorCorruptData', 'protocol', false],
  ] as const)(
    'that fails with %s fails as %s, whether or not it is worth another try',
    async (code, kind, retriable) => {
      await using server = await startSoapServer(() => answer('GetItem', failure('GetItem', code, '<m:Items/>')));
      await using source = sourceTo(server.port);
      const work = source.fetchItem(mailboxAt(server.port), itemId('A'), never);
      expect(await failureOf(work)).toMatchObject({ kind, code, retriable });
    },
  );

  it('is undefined for an item that is gone', async () => {
    await using server = await startSoapServer(() =>
      answer('GetItem', failure('GetItem', 'ErrorItemNotFound', '<m:Items/>')),
    );
    await using source = sourceTo(server.port);
    expect(await source.fetchItem(mailboxAt(server.port), itemId('A'), never)).toBeUndefined();
  });
});
