/** The appointment of the README's example. */
import { changeKey, itemId, type SingleItem } from '@calendar-connector/calendar-model';

export function appointment({
  subject,
  isOrganizer,
}: {
  readonly subject: string;
  readonly isOrganizer: boolean;
}): SingleItem {
  return {
    kind: 'single',
    itemId: itemId(isOrganizer ? 'a' : 'b'),
    changeKey: changeKey('1'),
    uid: 'uid-1',
    subject,
    start: Date.UTC(2026, 0, 6, 9),
    end: Date.UTC(2026, 0, 6, 10),
    allDay: false,
    location: 'https://server.example.test/c/100500',
    body: { type: 'text', content: '' },
    organizer: { name: 'Anna', address: 'anna@example.test' },
    attendees: [{ name: 'Boris', address: 'boris@example.test', role: 'required', response: 'none' }],
    isOrganizer,
    isMeeting: true,
    isCancelled: false,
    myResponse: isOrganizer ? 'organizer' : 'none',
    sensitivity: 'normal',
    freeBusy: 'busy',
    links: [],
    marker: {},
    hasAttachments: false,
  };
}
