/**
 * Time zone definitions on the wire, read and written: id-only, full Windows rules with history, custom definitions as they came.
 * Sources: types.xsd TimeZoneDefinitionType; Microsoft GetServerTimeZones reference page; facts "Windows zones".
 */
import type {
  DayOfWeek,
  TimeZoneDefinition,
  TimeZoneRef,
  TimeZoneTransition,
} from '@calendar-connector/calendar-model';
import type { XmlElement } from '../../xml/xml-element.ts';
import { XmlWriter } from '../../xml/xml-writer.ts';
import { EwsError } from '../wire/ews-error.ts';

const DURATION = /^(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Minutes of an xs:duration such as `-PT3H` or `PT3H0M0.0S`. */
export function durationMinutes(text: string): number {
  const match = DURATION.exec(text.trim());
  if (match === null) throw new EwsError('ErrorTimeZone', 'The time zone definition is invalid.');
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0'] = match;
  const total = Number(days) * 1440 + Number(hours) * 60 + Number(minutes) + Number(seconds) / 60;
  return sign === '-' ? -total : total;
}

/** `PT3H`, `-PT5H30M`, `PT0S`. */
export function durationText(minutes: number): string {
  if (minutes === 0) return 'PT0S';
  const size = Math.abs(minutes);
  const hours = Math.floor(size / 60);
  const rest = size % 60;
  return `${minutes < 0 ? '-' : ''}PT${hours > 0 ? `${hours}H` : ''}${rest > 0 ? `${rest}M` : ''}`;
}

/** A zone from a request: StartTimeZone, EndTimeZone, TimeZoneDefinition. */
export function readTimeZone(element: XmlElement): TimeZoneRef {
  const id = element.attribute('Id') ?? '';
  const name = element.attribute('Name');
  if (element.child('Periods') === undefined) return { id };
  const definition: TimeZoneDefinition = {
    id,
    ...(name === undefined ? {} : { name }),
    periods: (element.child('Periods')?.all('Period') ?? []).map(readPeriod),
    groups: (element.child('TransitionsGroups')?.all('TransitionsGroup') ?? []).map((group) => ({
      id: group.attribute('Id') ?? '',
      transitions: group.children.map(readTransition),
    })),
    transitions: (element.child('Transitions')?.children ?? []).map((transition) => {
      const from = transition.childText('DateTime')?.slice(0, 19);
      const groupId = transition.childText('To') ?? '';
      return from === undefined ? { groupId } : { groupId, from };
    }),
  };
  return { id, definition };
}

function readPeriod(period: XmlElement): TimeZoneDefinition['periods'][number] {
  const name = period.attribute('Name');
  return {
    id: period.attribute('Id') ?? '',
    biasMinutes: durationMinutes(period.attribute('Bias') ?? 'PT0S'),
    ...(name === undefined ? {} : { name }),
  };
}

function readTransition(element: XmlElement): TimeZoneTransition {
  const to = element.childText('To') ?? '';
  const timeOffsetMinutes = durationMinutes(element.childText('TimeOffset') ?? 'PT0S');
  const month = Number(element.childText('Month') ?? 1);
  if (element.name === 'RecurringDayTransition') {
    const dayOfWeek = (element.childText('DayOfWeek') ?? 'Sunday').trim() as DayOfWeek;
    return {
      kind: 'recurringDay',
      to,
      timeOffsetMinutes,
      month,
      dayOfWeek,
      occurrence: Number(element.childText('Occurrence') ?? 1),
    };
  }
  if (element.name === 'RecurringDateTransition') {
    return { kind: 'recurringDate', to, timeOffsetMinutes, month, day: Number(element.childText('Day') ?? 1) };
  }
  return { kind: 'always', to };
}

const fragments = new WeakMap<TimeZoneDefinition, Map<string, XmlWriter>>();

/** Writes a definition with all its rules under the given element name. Items repeat them, so the markup is kept. */
export function writeDefinition(out: XmlWriter, element: string, definition: TimeZoneDefinition): void {
  const kept = fragments.get(definition) ?? new Map<string, XmlWriter>();
  fragments.set(definition, kept);
  const known = kept.get(element) ?? renderDefinition(new XmlWriter(), element, definition);
  kept.set(element, known);
  out.fragment(known);
}

function renderDefinition(out: XmlWriter, element: string, definition: TimeZoneDefinition): XmlWriter {
  out.open(
    element,
    definition.name === undefined ? { Id: definition.id } : { Name: definition.name, Id: definition.id },
  );
  out.open('t:Periods');
  for (const period of definition.periods) {
    out.element('t:Period', undefined, {
      Bias: durationText(period.biasMinutes),
      Name: period.name ?? period.id,
      Id: period.id,
    });
  }
  out.close();
  out.open('t:TransitionsGroups');
  for (const group of definition.groups) {
    out.open('t:TransitionsGroup', { Id: group.id });
    for (const transition of group.transitions) writeTransition(out, transition);
    out.close();
  }
  out.close();
  out.open('t:Transitions');
  for (const { groupId, from } of definition.transitions) {
    out.open(from === undefined ? 't:Transition' : 't:AbsoluteDateTransition');
    out.element('t:To', groupId, { Kind: 'Group' });
    if (from !== undefined) out.element('t:DateTime', from);
    out.close();
  }
  return out.close().close();
}

function writeTransition(out: XmlWriter, transition: TimeZoneTransition): void {
  const to = (): void => void out.element('t:To', transition.to, { Kind: 'Period' });
  switch (transition.kind) {
    case 'always':
      out.open('t:Transition');
      to();
      break;
    case 'recurringDay':
      out.open('t:RecurringDayTransition');
      to();
      out.element('t:TimeOffset', durationText(transition.timeOffsetMinutes));
      out.element('t:Month', transition.month);
      out.element('t:DayOfWeek', transition.dayOfWeek);
      out.element('t:Occurrence', transition.occurrence);
      break;
    case 'recurringDate':
      out.open('t:RecurringDateTransition');
      to();
      out.element('t:TimeOffset', durationText(transition.timeOffsetMinutes));
      out.element('t:Month', transition.month);
      out.element('t:Day', transition.day);
      break;
  }
  out.close();
}
