/**
 * t:StartTimeZone, t:EndTimeZone and t:TimeZoneDefinition: full definitions, id-only ones, custom and incomplete ones
 * (a transition may name a period that is not there: the interpreter decides, the decoder loses nothing).
 * Schema: TimeZoneDefinitionType; semantics: Microsoft "Time zones and EWS in Exchange".
 */
import type {
  DayOfWeek,
  TimeZoneDefinition,
  TimeZoneGroupStart,
  TimeZonePeriod,
  TimeZoneRef,
  TimeZoneTransition,
} from '@calendar-connector/calendar-model';
import { type Attributes, element, integer, type Rule, text, token } from './grammar.ts';
import { parseDurationMinutes } from './values.ts';

interface Draft {
  id: string;
  name: string | undefined;
  periods: TimeZonePeriod[];
  groups: { readonly id: string; readonly transitions: TimeZoneTransition[] }[];
  starts: TimeZoneGroupStart[];
  inGroup: boolean;
  to: string;
  /** `to` is a period and not a group of transitions */
  toPeriod: boolean;
  dateTime: string;
  timeOffset: number;
  month: number;
  day: number;
  dayOfWeek: string;
  occurrence: number;
  broken: boolean;
}

/** Where the zone rules of a state keep the zone being read. */
export interface ZoneHolder {
  zone: Draft | undefined;
}

const DAYS = new Set(['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']);

export function openZone(attributes: Attributes): Draft {
  return {
    id: attributes.get('Id') ?? '',
    name: attributes.get('Name'),
    periods: [],
    groups: [],
    starts: [],
    inGroup: false,
    to: '',
    toPeriod: false,
    dateTime: '',
    timeOffset: Number.NaN,
    month: Number.NaN,
    day: Number.NaN,
    dayOfWeek: '',
    occurrence: Number.NaN,
    broken: false,
  };
}

/** The zone read; without periods it is a bare reference. A definition that cannot be read leaves the id alone. */
export function closeZone(draft: Draft): TimeZoneRef {
  if (draft.broken || draft.periods.length === 0) return { id: draft.id };
  const definition: TimeZoneDefinition = {
    id: draft.id,
    ...(draft.name === undefined ? {} : { name: draft.name }),
    periods: draft.periods,
    groups: draft.groups,
    transitions: draft.starts,
  };
  return { id: draft.id, definition };
}

function openTransition(zone: Draft): void {
  zone.to = '';
  zone.toPeriod = false;
  zone.dateTime = '';
  zone.timeOffset = Number.NaN;
  zone.month = Number.NaN;
  zone.day = Number.NaN;
  zone.dayOfWeek = '';
  zone.occurrence = Number.NaN;
}

function addTransition(zone: Draft, transition: TimeZoneTransition): void {
  zone.groups.at(-1)?.transitions.push(transition);
}

function closeTransition(zone: Draft): void {
  if (zone.inGroup) addTransition(zone, { kind: 'always', to: zone.to });
  else zone.starts.push({ groupId: groupOf(zone) });
}

/** The group a zone comes under. One that leads straight to a period, as the schema allows, gets a group of its own. */
function groupOf({ groups, to, toPeriod }: Draft): string {
  if (!toPeriod) return to;
  const id = `period ${to}`;
  groups.push({ id, transitions: [{ kind: 'always', to }] });
  return id;
}

function closeAbsolute(zone: Draft): void {
  const from = /^\s*(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})/.exec(zone.dateTime)?.[1];
  if (from === undefined) zone.broken = true;
  else if (!zone.inGroup) zone.starts.push({ groupId: groupOf(zone), from });
}

function closeRecurringDay(zone: Draft): void {
  const { to, timeOffset, month, occurrence, dayOfWeek } = zone;
  if (!Number.isFinite(timeOffset + month + occurrence) || !DAYS.has(dayOfWeek)) zone.broken = true;
  addTransition(zone, {
    kind: 'recurringDay',
    to,
    timeOffsetMinutes: timeOffset,
    month,
    dayOfWeek: dayOfWeek as DayOfWeek,
    occurrence,
  });
}

function closeRecurringDate(zone: Draft): void {
  const { to, timeOffset, month, day } = zone;
  if (!Number.isFinite(timeOffset + month + day)) zone.broken = true;
  addTransition(zone, { kind: 'recurringDate', to, timeOffsetMinutes: timeOffset, month, day });
}

/** Children of a time zone element in a grammar whose state is a ZoneHolder. */
export function zoneChildren<S extends ZoneHolder>(): Readonly<Record<string, Rule<S>>> {
  const on = (act: (zone: Draft) => void) => (state: S) => {
    if (state.zone !== undefined) act(state.zone);
  };
  const set =
    <V>(act: (zone: Draft, value: V) => void) =>
    (state: S, value: V) => {
      if (state.zone !== undefined) act(state.zone, value);
    };
  const to = text<S>(
    set<string>((zone, value) => {
      zone.to = value.trim();
    }),
    (state, attributes) => {
      if (state.zone !== undefined) state.zone.toPeriod = attributes.get('Kind') === 'Period';
    },
  );
  const timeOffset = token<S>(
    set<string>((zone, value) => {
      zone.timeOffset = parseDurationMinutes(value);
    }),
  );
  const month = integer<S>(
    set<number>((zone, value) => {
      zone.month = value;
    }),
  );
  const transition = element<S>({ To: to }, { open: on(openTransition), close: on(closeTransition) });
  const absolute = element<S>(
    {
      To: to,
      DateTime: text<S>(
        set<string>((zone, value) => {
          zone.dateTime = value;
        }),
      ),
    },
    { open: on(openTransition), close: on(closeAbsolute) },
  );
  const recurringDay = element<S>(
    {
      To: to,
      TimeOffset: timeOffset,
      Month: month,
      DayOfWeek: token<S>(
        set<string>((zone, value) => {
          zone.dayOfWeek = value;
        }),
      ),
      Occurrence: integer<S>(
        set<number>((zone, value) => {
          zone.occurrence = value;
        }),
      ),
    },
    { open: on(openTransition), close: on(closeRecurringDay) },
  );
  const recurringDate = element<S>(
    {
      To: to,
      TimeOffset: timeOffset,
      Month: month,
      Day: integer<S>(
        set<number>((zone, value) => {
          zone.day = value;
        }),
      ),
    },
    { open: on(openTransition), close: on(closeRecurringDate) },
  );
  const transitions = {
    Transition: transition,
    AbsoluteDateTransition: absolute,
    RecurringDayTransition: recurringDay,
    RecurringDateTransition: recurringDate,
  };
  return {
    Periods: element<S>({ Period: element<S>({}, { open: (state, attributes) => addPeriod(state.zone, attributes) }) }),
    TransitionsGroups: element<S>({
      TransitionsGroup: element<S>(transitions, {
        open: (state, attributes) => {
          if (state.zone === undefined) return;
          state.zone.inGroup = true;
          state.zone.groups.push({ id: attributes.get('Id') ?? '', transitions: [] });
        },
        close: on((zone) => {
          zone.inGroup = false;
        }),
      }),
    }),
    Transitions: element<S>(transitions),
  };
}

function addPeriod(zone: Draft | undefined, attributes: Attributes): void {
  if (zone === undefined) return;
  const biasMinutes = parseDurationMinutes(attributes.get('Bias') ?? '');
  if (!Number.isFinite(biasMinutes)) zone.broken = true;
  const name = attributes.get('Name');
  zone.periods.push({ id: attributes.get('Id') ?? '', ...(name === undefined ? {} : { name }), biasMinutes });
}
