/**
 * GetUserAvailability: free/busy of many people with merged view and details, and suggestions of meeting times.
 * Sources: Microsoft reference page; goals §4 (100 identities). Times are wall time of the request's own time zone.
 */
import type { TimeZoneDefinition } from '@calendar-connector/calendar-model';
import { TimeZone } from '@calendar-connector/recurrence';
import type { Mailbox } from '../../world/mailbox.ts';
import type { CalendarContent } from '../../world/model.ts';
import { DAY_MS, zoneOf } from '../../world/zones.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import type { ShownItem } from '../items/shown-item.ts';
import { windowsDefinition } from '../items/windows-rules.ts';
import type { RequestContext } from '../request-context.ts';
import { readTime } from '../wire/date-time.ts';
import { openResponse } from '../wire/envelope.ts';
import { EwsError, EwsFault } from '../wire/ews-error.ts';
import { toEwsError, writeErrorFields } from '../wire/response-messages.ts';
import type { Asked, Window } from './availability-question.ts';
import { itemsInView } from './find-item.ts';
import { writeSuggestions } from './meeting-suggestions.ts';
import { wallText } from './wall-text.ts';

const MOST_IDENTITIES = 100;
const LONGEST_WINDOW_MS = 62 * DAY_MS;
const BUSY_DIGITS: Readonly<Record<string, number>> = {
  Free: 0,
  WorkingElsewhere: 0,
  Tentative: 1,
  Busy: 2,
  OOF: 3,
  NoData: 4,
};
const WORK_DAYS = 'Monday Tuesday Wednesday Thursday Friday';

export function getUserAvailability(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  const data = request.child('MailboxDataArray')?.children ?? [];
  if (data.length > MOST_IDENTITIES)
    throw new EwsFault(
      'ErrorExceededFindCountLimit',
      `Availability can be asked for ${MOST_IDENTITIES} identities at a time.`,
    );
  const zone = readZone(request.child('TimeZone'), context);
  const window = readWindow(request, zone);
  const asked = data.map((entry) => ask(context, entry, window));
  openResponse(out, 'GetUserAvailabilityResponse');
  if (request.child('FreeBusyViewOptions') !== undefined) {
    out.open('m:FreeBusyResponseArray');
    for (const one of asked) writeResponse(context, out, one, window);
    out.close();
  }
  const options = request.child('SuggestionsViewOptions');
  if (options !== undefined) writeSuggestions(out, options, asked, window);
  out.close();
}

function readWindow(request: XmlElement, zone: TimeZone): Window {
  const options = request.child('FreeBusyViewOptions');
  const suggestions = request.child('SuggestionsViewOptions');
  const span = options?.child('TimeWindow') ?? suggestions?.child('DetailedSuggestionsWindow');
  if (span === undefined)
    throw new EwsFault('ErrorInvalidFreeBusyViewType', 'Neither free/busy view nor suggestions are asked for.');
  const from = readTime(span.childText('StartTime') ?? '', zone);
  const to = readTime(span.childText('EndTime') ?? '', zone);
  if (to <= from || to - from > LONGEST_WINDOW_MS) {
    throw new EwsFault('ErrorInvalidTimeInterval', 'The time window is empty, turned round or longer than 62 days.');
  }
  const minutes = Number(options?.childText('MergedFreeBusyIntervalInMinutes') ?? 30);
  if (minutes < 5 || minutes > 1440)
    throw new EwsFault('ErrorInvalidMergedFreeBusyInterval', 'The interval must lie between 5 and 1440 minutes.');
  return { from, to, stepMs: minutes * 60_000, view: options?.childText('RequestedView')?.trim() ?? 'FreeBusy', zone };
}

function ask(context: RequestContext, entry: XmlElement, window: Window): Asked {
  const address = entry.at('Email')?.childText('Address')?.trim() ?? '';
  const box = context.world.findMailbox(address);
  if (box === undefined) {
    return {
      error: new EwsError(
        'ErrorMailRecipientNotFound',
        `Unable to resolve e-mail address ${address} to an Active Directory object.`,
      ),
    };
  }
  const calendar = box.findDistinguished('calendar')?.number ?? 0;
  const items = itemsInView(context, box, calendar, window.from, window.to).filter(
    (item) => (item.calendar?.end ?? 0) > window.from,
  );
  return { box, items };
}

function writeResponse(context: RequestContext, out: XmlWriter, asked: Asked, window: Window): void {
  out.open('m:FreeBusyResponse');
  if ('error' in asked) {
    context.noteCode(asked.error.code);
    out.open('m:ResponseMessage', { ResponseClass: 'Error' });
    writeErrorFields(out, toEwsError(asked.error));
    out.close();
    out.open('m:FreeBusyView').element('t:FreeBusyViewType', 'None').close();
  } else {
    context.noteCode('NoError');
    out.open('m:ResponseMessage', { ResponseClass: 'Success' }).element('m:ResponseCode', 'NoError').close();
    writeView(context, out, asked, window);
  }
  out.close();
}

function writeView(
  context: RequestContext,
  out: XmlWriter,
  { box, items }: Exclude<Asked, { readonly error: EwsError }>,
  window: Window,
): void {
  const { view } = window;
  const seesDetails =
    box === context.caller.mailbox ||
    context.world.directory.findDelegate(box.address, context.caller.mailbox?.address ?? '') !== undefined;
  out
    .open('m:FreeBusyView')
    .element(
      't:FreeBusyViewType',
      seesDetails ? view : view.replace('Detailed', 'FreeBusy').replace('FreeBusyMerged', 'FreeBusyMerged'),
    );
  if (view.includes('Merged')) out.element('t:MergedFreeBusy', mergedText(items, window));
  if (view !== 'MergedOnly' && view !== 'None' && items.length > 0) {
    out.open('t:CalendarEventArray');
    for (const item of items) writeEvent(out, item, window, seesDetails && view.startsWith('Detailed'));
    out.close();
  }
  if (view !== 'MergedOnly' && view !== 'None') writeWorkingHours(out, box);
  out.close();
}

/** One digit per interval: the strongest of what lies in it. */
export function mergedText(items: readonly ShownItem[], { from, to, stepMs }: Window): string {
  const length = Math.ceil((to - from) / stepMs);
  const digits = new Array<number>(length).fill(0);
  for (const { calendar } of items) {
    if (calendar === undefined) continue;
    const strength = BUSY_DIGITS[calendar.freeBusy] ?? 0;
    const first = Math.max(0, Math.floor((calendar.start - from) / stepMs));
    const last = Math.min(length, Math.ceil((calendar.end - from) / stepMs));
    for (let index = first; index < last; index += 1) digits[index] = Math.max(digits[index] ?? 0, strength);
  }
  return digits.join('');
}

function writeEvent(out: XmlWriter, item: ShownItem, window: Window, withDetails: boolean): void {
  const calendar = item.calendar as CalendarContent;
  out.open('t:CalendarEvent');
  out
    .element('t:StartTime', wallText(calendar.start, window.zone))
    .element('t:EndTime', wallText(calendar.end, window.zone));
  out.element('t:BusyType', calendar.freeBusy);
  if (withDetails) {
    const isPrivate = calendar.sensitivity === 'Private' || calendar.sensitivity === 'Confidential';
    out.open('t:CalendarEventDetails').element('t:ID', item.entryId().toString('hex').toUpperCase());
    if (!isPrivate) out.element('t:Subject', calendar.subject).element('t:Location', calendar.location);
    out.element('t:IsMeeting', (calendar.state & 1) !== 0).element('t:IsRecurring', item.occurrence !== undefined);
    out
      .element('t:IsException', item.occurrence?.kind === 'exception')
      .element('t:IsReminderSet', calendar.reminderSet)
      .element('t:IsPrivate', isPrivate);
    out.close();
  }
  out.close();
}

const WORK_START = 480;
const WORK_END = 1020;

function writeWorkingHours(out: XmlWriter, box: Mailbox): void {
  out.open('t:WorkingHours');
  writeSerializableZone(out, box.profile.timeZone);
  out.open('t:WorkingPeriodArray').open('t:WorkingPeriod').element('t:DayOfWeek', WORK_DAYS);
  out.element('t:StartTimeInMinutes', WORK_START).element('t:EndTimeInMinutes', WORK_END);
  out.close().close().close();
}

/** The zone as of its newest rules, in the form free/busy uses. */
function writeSerializableZone(out: XmlWriter, id: string): void {
  const definition = windowsDefinition(id);
  const group = definition?.groups.at(-1);
  const bias = (period: string): number =>
    definition?.periods.find((candidate) => candidate.id === period)?.biasMinutes ?? 0;
  const yearly = (group?.transitions ?? []).flatMap((transition) =>
    transition.kind === 'recurringDay' ? [transition] : [],
  );
  const biases = (group?.transitions ?? []).map((transition) => bias(transition.to));
  const standard = Math.max(...biases, Number.NEGATIVE_INFINITY);
  const base = Number.isFinite(standard) ? standard : -zoneOf({ id }).offsetAt(0);
  out.open('t:TimeZone').element('t:Bias', base);
  for (const [element, isDaylight] of [
    ['t:StandardTime', false],
    ['t:DaylightTime', true],
  ] as const) {
    const change = yearly.find((candidate) => bias(candidate.to) < base === isDaylight);
    const minutes = change?.timeOffsetMinutes ?? 0;
    const time = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}:00`;
    out
      .open(element)
      .element('t:Bias', change === undefined ? 0 : bias(change.to) - base)
      .element('t:Time', time);
    out.element('t:DayOrder', change === undefined ? 0 : change.occurrence < 0 ? 5 : change.occurrence);
    out
      .element('t:Month', change?.month ?? 0)
      .element('t:DayOfWeek', change?.dayOfWeek ?? 'Sunday')
      .close();
  }
  out.close();
}

/** `t:TimeZone` of the request as arithmetic. */
function readZone(element: XmlElement | undefined, context: RequestContext): TimeZone {
  if (element === undefined) return context.zone ?? zoneOf({ id: 'UTC' });
  const number = (parent: XmlElement | undefined, name: string): number => Number(parent?.childText(name)?.trim() ?? 0);
  const base = number(element, 'Bias');
  const [standard, daylight] = [element.child('StandardTime'), element.child('DaylightTime')];
  const biasOf = (time: XmlElement | undefined): number => base + number(time, 'Bias');
  const hasRules =
    number(standard, 'Month') > 0 && number(daylight, 'Month') > 0 && biasOf(standard) !== biasOf(daylight);
  const rule = (
    to: string,
    time: XmlElement | undefined,
  ): TimeZoneDefinition['groups'][number]['transitions'][number] => {
    const [hours = 0, minutes = 0] = (time?.childText('Time') ?? '0:0').split(':').map(Number);
    const order = number(time, 'DayOrder');
    const dayOfWeek = (time?.childText('DayOfWeek')?.trim() ?? 'Sunday') as 'Sunday';
    return {
      kind: 'recurringDay',
      to,
      timeOffsetMinutes: hours * 60 + minutes,
      month: number(time, 'Month'),
      dayOfWeek,
      occurrence: order >= 5 ? -1 : Math.max(1, order),
    };
  };
  const definition: TimeZoneDefinition = {
    id: '',
    periods: [
      { id: 'Standard', biasMinutes: biasOf(standard) },
      { id: 'Daylight', biasMinutes: biasOf(daylight) },
    ],
    groups: [
      {
        id: '0',
        transitions: hasRules
          ? [rule('Daylight', daylight), rule('Standard', standard)]
          : [{ kind: 'always', to: 'Standard' }],
      },
    ],
    transitions: [{ groupId: '0' }],
  };
  try {
    return TimeZone.fromDefinition(definition);
  } catch {
    throw new EwsFault('ErrorTimeZone', 'The time zone of the request is invalid.');
  }
}
