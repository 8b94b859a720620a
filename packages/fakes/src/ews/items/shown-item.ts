/**
 * An item as one answer shows it: the record, for an occurrence the merged content, ids, and the reader's rights.
 */
import type { LocalDate } from '@calendar-connector/calendar-model';
import type { ExchangeWorld } from '../../world/exchange-world.ts';
import type { Mailbox } from '../../world/mailbox.ts';
import type { CalendarContent, ItemContent, ItemRecord, MeetingMessage, SeriesState } from '../../world/model.ts';
import { type OccurrenceView, viewOf } from '../../world/series.ts';

export type CalendarItemType = 'Single' | 'Occurrence' | 'Exception' | 'RecurringMaster';

export class ShownItem {
  readonly world: ExchangeWorld;
  readonly box: Mailbox;
  readonly record: ItemRecord;
  readonly content: ItemContent;
  /** calendar content of appointments and of meeting messages */
  readonly calendar: CalendarContent | undefined;
  readonly occurrence: OccurrenceView | undefined;

  constructor(world: ExchangeWorld, box: Mailbox, record: ItemRecord, occurrence?: OccurrenceView) {
    this.world = world;
    this.box = box;
    this.record = record;
    this.occurrence = occurrence;
    this.content = occurrence?.content ?? record.content;
    this.calendar = record.kind === 'calendar' ? (occurrence?.content ?? record.content) : record.calendar?.content;
  }

  static occurrenceOf(world: ExchangeWorld, box: Mailbox, record: ItemRecord, originalStart: number): ShownItem {
    return record.kind === 'calendar'
      ? new ShownItem(world, box, record, viewOf(record, originalStart))
      : new ShownItem(world, box, record);
  }

  get id(): string {
    const { guid } = this.box.profile;
    const { folder, number } = this.record;
    return this.occurrence === undefined
      ? this.world.ids.item(guid, folder, number)
      : this.world.ids.occurrence(guid, folder, number, this.occurrence.date);
  }

  get changeKey(): string {
    return this.world.ids.changeKey(this.record.change);
  }

  occurrenceId(date: LocalDate): string {
    return this.world.ids.occurrence(this.box.profile.guid, this.record.folder, this.record.number, date);
  }

  entryId(): Buffer {
    return this.world.ids.entryId(this.record.folder, this.record.number);
  }

  /** the series of a master; occurrences have none */
  get series(): SeriesState | undefined {
    if (this.occurrence !== undefined) return undefined;
    return this.record.kind === 'calendar' ? this.record.series : this.record.calendar?.series;
  }

  get type(): CalendarItemType {
    if (this.occurrence !== undefined) return this.occurrence.kind === 'exception' ? 'Exception' : 'Occurrence';
    if (this.record.kind === 'calendar' && this.record.orphanOf !== undefined) return 'Exception';
    return this.series === undefined ? 'Single' : 'RecurringMaster';
  }

  get uid(): string | undefined {
    return this.record.kind === 'calendar' ? this.record.uid : this.record.calendar?.uid;
  }

  get globalObjectId(): string | undefined {
    return this.record.kind === 'calendar' ? this.record.globalObjectId : this.record.calendar?.globalObjectId;
  }

  get originalStart(): number | undefined {
    return this.occurrence?.originalStart ?? (this.record.kind === 'calendar' ? this.record.orphanOf : undefined);
  }

  get meeting(): MeetingMessage | undefined {
    return this.record.kind === 'message' ? this.record.meeting : undefined;
  }

  get isOrganizer(): boolean {
    return this.calendar?.myResponse === 'Organizer';
  }

  size(): number {
    const attachments = this.content.attachments.reduce((sum, attachment) => sum + attachment.size, 0);
    return 400 + this.content.subject.length * 2 + this.content.body.content.length * 2 + attachments;
  }

  /** wire element */
  get element(): string {
    return this.record.kind === 'calendar' ? 'CalendarItem' : this.record.element;
  }
}
