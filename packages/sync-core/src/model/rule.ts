/**
 * Every rule the planner can fire and every reason it can give, with the words people read. Ids are stable: timelines,
 * audit log and tests cite them. Specified in SPEC.md §4.
 */

/** Words of a rule or reason in the languages people read. */
interface Words {
  readonly en: string;
  readonly ru: string;
}

/** R0x: what to do with the pair of meeting and conference. R2x: fields. R3x: calendar and starts. R4x: guards. */
export const RULES = {
  R00: { en: 'no conference wanted', ru: 'конференция не нужна' },
  R01: { en: 'create the conference', ru: 'создать конференцию' },
  R02: { en: 'create the conference behind the link', ru: 'создать конференцию, на которую ведёт ссылка' },
  R03: { en: 'adopt the conference', ru: 'взять конференцию под управление' },
  R04: { en: 'conference follows the meeting', ru: 'конференция следует за встречей' },
  R05: { en: 'show the conference only', ru: 'только показать конференцию' },
  R06: { en: 'end the conference', ru: 'завершить и удалить конференцию' },
  R07: { en: 'nothing is left to end', ru: 'завершать нечего' },
  R08: { en: 'let go of the conference', ru: 'отвязать конференцию' },
  R09: { en: 'remove the conference nobody wants any more', ru: 'удалить ненужную конференцию' },
  R10: { en: 'hold until the removal is certain', ru: 'подождать, пока удаление подтвердится' },
  R11: { en: 'TrueConf Server out of reach', ru: 'TrueConf Server недоступен' },
  R12: { en: 'the meeting is over', ru: 'встреча закончилась' },
  R13: { en: 'the item mirrors a conference', ru: 'событие — отражение конференции' },
  R14: { en: 'a removed conference stays removed', ru: 'удалённая конференция не создаётся снова' },
  R15: { en: 'the meeting belongs to another conference now', ru: 'у встречи теперь другая конференция' },
  R16: { en: 'no synced mailbox holds the meeting', ru: 'встречи нет ни в одном ящике' },
  R17: { en: 'calendars are known by free/busy only', ru: 'известна только занятость' },
  R20: { en: 'title', ru: 'тема' },
  R21: { en: 'time', ru: 'время' },
  R22: { en: 'owner', ru: 'владелец' },
  R23: { en: 'add participants', ru: 'добавить участников' },
  R24: { en: 'remove participants', ru: 'убрать участников' },
  R25: { en: 'wait until the conference stops', ru: 'подождать окончания конференции' },
  R26: { en: 'ring participants', ru: 'позвать участников' },
  R27: { en: 'notify participants', ru: 'оповестить участников' },
  R30: { en: 'write the join link', ru: 'записать ссылку на подключение' },
  R31: { en: 'start the conference', ru: 'запустить конференцию' },
  R40: { en: 'organizer has no account', ru: 'у организатора нет учётной записи' },
  R41: { en: 'loop guard', ru: 'защита от зацикливания' },
  R42: { en: 'conference id is taken', ru: 'идентификатор конференции занят' },
  R43: { en: 'the conference is not the organizer’s', ru: 'конференция не принадлежит организатору' },
  R44: { en: 'no write: read-only access', ru: 'запись запрещена: доступ только на чтение' },
  R45: { en: 'participant limit', ru: 'предел участников' },
  R46: { en: 'attendees without an account left out', ru: 'участники без учётной записи пропущены' },
  R47: { en: 'accounts could not be looked up', ru: 'не удалось проверить учётные записи' },
} as const satisfies Record<string, Words>;

export type RuleId = keyof typeof RULES;

/** Why a rule fired or why nothing is done. Also the codes in `Baseline.blocked.reason`. */
export const REASONS = {
  noLink: { en: 'the event names no conference', ru: 'в событии нет конференции' },
  keyword: { en: 'the location holds the keyword', ru: 'в месте проведения есть ключевое слово' },
  linkFound: { en: 'the event links to it', ru: 'событие ссылается на неё' },
  linkBound: { en: 'it was bound before', ru: 'она была привязана раньше' },
  conferenceAbsent: { en: 'the server does not have it', ru: 'на сервере её нет' },
  conferenceDiffers: { en: 'it differs from the event', ru: 'она отличается от события' },
  agreed: { en: 'both sides agree', ru: 'обе стороны совпадают' },
  organizerNotSynced: { en: 'the organizer’s mailbox is not synced', ru: 'ящик организатора не синхронизируется' },
  notOrganizersConference: {
    en: 'it belongs to somebody else; the organizer must own it or own it through a delegate',
    ru: 'она принадлежит другому человеку; владельцем должен быть организатор или его делегат',
  },
  boundToOtherMeeting: { en: 'another meeting owns it', ru: 'ею управляет другая встреча' },
  cancelled: { en: 'the meeting was cancelled', ru: 'встреча отменена' },
  deleted: { en: 'the organizer deleted the meeting', ru: 'организатор удалил встречу' },
  linkRemoved: { en: 'the link was taken out of the event', ru: 'ссылку убрали из события' },
  linkChanged: { en: 'the event links to another conference', ru: 'событие ссылается на другую конференцию' },
  itemVanished: { en: 'the organizer’s item vanished a moment ago', ru: 'событие организатора только что исчезло' },
  removalUnconfirmed: {
    en: 'the mailbox could not be read again since',
    ru: 'ящик с тех пор не удалось прочитать ещё раз',
  },
  noCopyLeft: { en: 'no copy is left', ru: 'не осталось ни одной копии' },
  over: { en: 'its last occurrence has passed', ru: 'последнее повторение прошло' },
  mirror: { en: 'it was written from the conference', ru: 'оно записано по конференции' },
  removedByUs: { en: 'it was removed when the meeting ended', ru: 'она удалена вместе со встречей' },
  freeBusyAccess: { en: 'the access level is freeBusy', ru: 'уровень доступа freeBusy' },
  readAccess: { en: 'the access level is read', ru: 'уровень доступа read' },
  serverUnreachable: { en: 'the server does not answer', ru: 'сервер не отвечает' },
  serverReadOnly: { en: 'this server is read-only by configuration', ru: 'сервер настроен только на чтение' },
  conferenceRunning: { en: 'it cannot be edited while it runs', ru: 'во время конференции её нельзя менять' },
  organizerWithoutAccount: {
    en: 'the organizer has no TrueConf account with this e-mail',
    ru: 'у организатора нет учётной записи TrueConf с таким адресом',
  },
  idTaken: {
    en: 'a foreign conference has the id ours would have',
    ru: 'у чужой конференции тот же идентификатор',
  },
  tooManyWrites: { en: 'it was written too often in a short time', ru: 'слишком много изменений за короткое время' },
  tooManyParticipants: { en: 'more attendees than the limit', ru: 'участников больше предела' },
  attendeesWithoutAccount: { en: 'some attendees have no account', ru: 'у части участников нет учётной записи' },
  accountsUnknown: { en: 'some accounts are not known yet', ru: 'часть учётных записей пока неизвестна' },
  attendeeJoined: { en: 'an attendee was added', ru: 'добавлен участник' },
  attendeeLeft: { en: 'an attendee was taken out', ru: 'участник убран' },
  occurrenceDue: { en: 'the occurrence begins', ru: 'наступило время встречи' },
  occurrenceInProgress: { en: 'the occurrence has begun already', ru: 'встреча уже идёт' },
  occurrenceOver: { en: 'the occurrence is over', ru: 'встреча уже закончилась' },
  occurrenceGone: { en: 'the occurrence is not there any more', ru: 'этого повторения больше нет' },
  startedAlready: { en: 'it was started already', ru: 'она уже запущена' },
  launchOff: { en: 'launchConference is off', ru: 'launchConference выключен' },
  tooEarly: { en: 'it is not due yet', ru: 'время ещё не наступило' },
  recurrenceUnreadable: { en: 'the recurrence cannot be understood', ru: 'повторение не удалось разобрать' },
  refusedByServer: { en: 'the server refused', ru: 'сервер отказал' },
} as const satisfies Record<string, Words>;

export type ReasonCode = keyof typeof REASONS;
