/**
 * t:CalendarItem and its relatives (the grammar is the same for every item type; what is no calendar item is told apart by
 * RawItem.element). Schema: ItemType, CalendarItemType; the state holds one item while it is read.
 */
import { type Attributes, boolean, element, instant, integer, type Rule, text, token, type Value } from './grammar.ts';
import { type RawAttendee, type RawExtended, RawItem, type RawOccurrence, type RawPerson } from './raw-item.ts';
import {
  closeRecurrence,
  openRecurrence,
  otherPattern,
  type RecurrenceDraft,
  type RecurrenceHolder,
  recurrenceChildren,
  saysNothing,
} from './recurrence-grammar.ts';
import { closeZone, openZone, type ZoneHolder, zoneChildren } from './zone-grammar.ts';

/** The part of a response's state that belongs to the item being read. */
export interface ItemHolder extends ZoneHolder, RecurrenceHolder {
  item: RawItem;
  people: RawAttendee[];
  person: RawAttendee;
  extended: Extended;
  occurrences: RawOccurrence[];
  occurrence: RawOccurrence;
  instants: number[];
  recurrence: RecurrenceDraft | undefined;
}

type Extended = { -readonly [Key in keyof RawExtended]: RawExtended[Key] };

export function newPerson(): RawAttendee {
  return { name: '', address: '', routingType: '', mailboxType: '', response: '' };
}

export function newExtended(): Extended {
  return { propertySetId: '', distinguishedSet: '', tag: '', id: '', name: '', type: '', value: '' };
}

export function newOccurrence(): RawOccurrence {
  return { itemId: '', start: Number.NaN, end: Number.NaN, originalStart: Number.NaN };
}

type Key<V> = { [K in keyof RawItem]: RawItem[K] extends V ? K : never }[keyof RawItem] & string;

function word<S extends ItemHolder>(key: Key<string>): Rule<S> {
  return token((state, value) => {
    (state.item[key] as string) = value;
  });
}

function words<S extends ItemHolder>(key: Key<string>): Rule<S> {
  return text((state, value) => {
    (state.item[key] as string) = value;
  });
}

function time<S extends ItemHolder>(key: Key<number | undefined>): Rule<S> {
  return instant((state, value) => {
    if (Number.isNaN(value)) state.item.problem(key);
    else (state.item[key] as number) = value;
  });
}

function number<S extends ItemHolder>(key: Key<number | undefined>): Rule<S> {
  return integer((state, value) => {
    if (Number.isNaN(value)) state.item.problem(key);
    else (state.item[key] as number) = value;
  });
}

function flag<S extends ItemHolder>(key: Key<boolean | undefined>): Rule<S> {
  return boolean((state, value) => {
    if (value === undefined) state.item.problem(key);
    else (state.item[key] as boolean) = value;
  });
}

function mailbox<S extends ItemHolder>(): Rule<S> {
  return element({
    Name: text((state, value) => {
      state.person.name = value;
    }),
    EmailAddress: text((state, value) => {
      state.person.address = value;
    }),
    RoutingType: token((state, value) => {
      state.person.routingType = value;
    }),
    MailboxType: token((state, value) => {
      state.person.mailboxType = value;
    }),
  });
}

function attendees<S extends ItemHolder>(key: 'required' | 'optional' | 'resources'): Rule<S> {
  const attendee = element<S>(
    {
      Mailbox: mailbox(),
      ResponseType: token((state, value) => {
        state.person.response = value;
      }),
    },
    {
      open: (state) => {
        state.person = newPerson();
      },
      close: (state) => {
        // Whoever has neither a name nor an address is nobody.
        if (state.person.name !== '' || state.person.address !== '') state.people.push(state.person);
      },
    },
  );
  return element(
    { Attendee: attendee },
    {
      open: (state) => {
        state.people = [];
      },
      close: (state) => {
        state.item[key] = state.people;
      },
    },
  );
}

function organizer<S extends ItemHolder>(): Rule<S> {
  return element(
    { Mailbox: mailbox() },
    {
      open: (state) => {
        state.person = newPerson();
      },
      close: (state) => {
        const { name, address, routingType, mailboxType } = state.person;
        if (name === '' && address === '') return;
        state.item.organizer = { name, address, routingType, mailboxType } satisfies RawPerson;
      },
    },
  );
}

function modifiedOccurrences<S extends ItemHolder>(): Rule<S> {
  const at = (key: 'start' | 'end' | 'originalStart') =>
    instant<S>((state, value) => {
      state.occurrence[key] = value;
    });
  const occurrence = element<S>(
    {
      ItemId: element(
        {},
        {
          open: (state, attributes) => {
            state.occurrence.itemId = attributes.get('Id') ?? '';
          },
        },
      ),
      Start: at('start'),
      End: at('end'),
      OriginalStart: at('originalStart'),
    },
    {
      open: (state) => {
        state.occurrence = newOccurrence();
      },
      close: (state) => {
        const { start, end, originalStart } = state.occurrence;
        if (Number.isNaN(start + end + originalStart)) state.item.problem('modifiedOccurrences');
        else state.occurrences.push(state.occurrence);
      },
    },
  );
  return element(
    { Occurrence: occurrence },
    {
      open: (state) => {
        state.occurrences = [];
      },
      close: (state) => {
        state.item.modified = state.occurrences;
      },
    },
  );
}

function deletedOccurrences<S extends ItemHolder>(): Rule<S> {
  const start = instant<S>((state, value) => {
    state.occurrence.start = value;
  });
  const occurrence = element<S>(
    { Start: start },
    {
      open: (state) => {
        state.occurrence = newOccurrence();
      },
      close: (state) => {
        if (Number.isNaN(state.occurrence.start)) state.item.problem('deletedOccurrences');
        else state.instants.push(state.occurrence.start);
      },
    },
  );
  return element(
    { DeletedOccurrence: occurrence },
    {
      open: (state) => {
        state.instants = [];
      },
      close: (state) => {
        state.item.deleted = state.instants;
      },
    },
  );
}

function extendedProperty<S extends ItemHolder>(): Rule<S> {
  const uri = (state: S, attributes: Attributes) => {
    const into = state.extended;
    into.propertySetId = (attributes.get('PropertySetId') ?? '').toLowerCase();
    into.distinguishedSet = attributes.get('DistinguishedPropertySetId') ?? '';
    into.tag = attributes.get('PropertyTag') ?? '';
    into.id = attributes.get('PropertyId') ?? '';
    into.name = attributes.get('PropertyName') ?? '';
    into.type = attributes.get('PropertyType') ?? '';
  };
  return element<S>(
    {
      ExtendedFieldURI: element({}, { open: uri }),
      Value: text((state, value) => {
        state.extended.value = value;
      }),
    },
    {
      open: (state) => {
        state.extended = newExtended();
      },
      close: (state) => {
        state.item.extended = [...state.item.extended, state.extended];
      },
    },
  );
}

function zone<S extends ItemHolder>(key: 'startZone' | 'endZone'): Rule<S> {
  return element(zoneChildren<S>(), {
    open: (state, attributes) => {
      state.zone = openZone(attributes);
    },
    close: (state) => {
      if (state.zone !== undefined) state.item[key] = closeZone(state.zone);
      state.zone = undefined;
    },
    memo: {
      take: (state) => state.item[key],
      put: (state, value) => {
        state.item[key] = value as Exclude<RawItem['startZone'], undefined>;
      },
    },
  });
}

function recurrence<S extends ItemHolder>(): Rule<S> {
  return element(recurrenceChildren<S>(), {
    wild: otherPattern<S>(),
    open: (state) => {
      state.recurrence = openRecurrence();
    },
    close: (state) => {
      const draft = state.recurrence;
      state.recurrence = undefined;
      if (draft === undefined || saysNothing(draft)) return;
      const read = closeRecurrence(draft);
      if (read === undefined) state.item.problem('recurrence');
      else state.item.recurrence = read;
    },
  });
}

function body<S extends ItemHolder>(): Rule<S> {
  return text(
    (state, value: Value & string) => {
      state.item.body = value;
    },
    (state, attributes) => {
      state.item.bodyType = attributes.get('BodyType') ?? '';
    },
  );
}

/** A rule for one item of any type; `done` gets each complete item. */
export function itemRule<S extends ItemHolder>(done: (state: S, item: RawItem) => void): Rule<S> {
  return element<S>(
    {
      ItemId: element(
        {},
        {
          open: (state, attributes) => {
            state.item.itemId = attributes.get('Id') ?? '';
            state.item.changeKey = attributes.get('ChangeKey') ?? '';
          },
        },
      ),
      ItemClass: word('itemClass'),
      Subject: words('subject'),
      Sensitivity: word('sensitivity'),
      Body: body(),
      HasAttachments: flag('hasAttachments'),
      ExtendedProperty: extendedProperty(),
      LastModifiedTime: time('lastModified'),
      UID: words('uid'),
      RecurrenceId: time('recurrenceId'),
      Start: time('start'),
      End: time('end'),
      OriginalStart: time('originalStart'),
      IsAllDayEvent: flag('allDay'),
      LegacyFreeBusyStatus: word('freeBusy'),
      Location: words('location'),
      IsMeeting: flag('isMeeting'),
      IsCancelled: flag('isCancelled'),
      CalendarItemType: word('type'),
      MyResponseType: word('myResponse'),
      Organizer: organizer(),
      RequiredAttendees: attendees('required'),
      OptionalAttendees: attendees('optional'),
      Resources: attendees('resources'),
      AppointmentSequenceNumber: number('sequence'),
      AppointmentState: number('appointmentState'),
      Recurrence: recurrence(),
      ModifiedOccurrences: modifiedOccurrences(),
      DeletedOccurrences: deletedOccurrences(),
      StartTimeZone: zone('startZone'),
      EndTimeZone: zone('endZone'),
      StartTimeZoneId: words('startZoneId'),
      EndTimeZoneId: words('endZoneId'),
      MeetingWorkspaceUrl: words('meetingWorkspaceUrl'),
      NetShowUrl: words('netShowUrl'),
      JoinOnlineMeetingUrl: words('joinOnlineMeetingUrl'),
      IsOrganizer: flag('isOrganizer'),
    },
    {
      open: (state, _attributes, name) => {
        state.item = new RawItem(name.local);
      },
      close: (state) => {
        done(state, state.item);
      },
    },
  );
}
