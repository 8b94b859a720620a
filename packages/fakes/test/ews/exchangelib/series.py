"""Series: all six patterns with all ranges, occurrences by index and by id, changes and deletions of single ones, whole series."""

import datetime

from exchangelib import EWSDate, EWSDateTime
from exchangelib.errors import (
    ErrorCalendarCannotUseIdForOccurrenceId,
    ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange,
    ErrorCalendarOccurrenceIsDeletedFromRecurrence,
    ErrorItemNotFound,
)
from exchangelib.recurrence import (
    AbsoluteMonthlyPattern,
    AbsoluteYearlyPattern,
    DailyPattern,
    Recurrence,
    RelativeMonthlyPattern,
    RelativeYearlyPattern,
    WeeklyPattern,
)
from support import BERLIN, account, at, fresh, item, missing, refused

PATTERNS = (
    (DailyPattern(interval=3), ["2026-10-01", "2026-10-04", "2026-10-07", "2026-10-10"]),
    (WeeklyPattern(interval=2, weekdays=["Thursday", "Sunday"], first_day_of_week="Monday"), ["2026-10-01", "2026-10-04", "2026-10-15", "2026-10-18"]),
    (WeeklyPattern(interval=2, weekdays=["Thursday", "Sunday"], first_day_of_week="Sunday"), ["2026-10-01", "2026-10-11", "2026-10-15", "2026-10-25"]),
    (AbsoluteMonthlyPattern(interval=1, day_of_month=1), ["2026-10-01", "2026-11-01", "2026-12-01", "2027-01-01"]),
    (AbsoluteMonthlyPattern(interval=1, day_of_month=31), ["2026-10-31", "2026-11-30", "2026-12-31", "2027-01-31"]),
    (RelativeMonthlyPattern(interval=1, weekday="Thursday", week_number="First"), ["2026-10-01", "2026-11-05", "2026-12-03", "2027-01-07"]),
    (RelativeMonthlyPattern(interval=2, weekday="Weekday", week_number="Last"), ["2026-10-30", "2026-12-31", "2027-02-26", "2027-04-30"]),
    (AbsoluteYearlyPattern(day_of_month=1, month="October"), ["2026-10-01", "2027-10-01", "2028-10-01", "2029-10-01"]),
    (RelativeYearlyPattern(weekday="Thursday", week_number="First", month="October"), ["2026-10-01", "2027-10-07", "2028-10-05", "2029-10-04"]),
)


def days(found):
    return [entry.start.astimezone(BERLIN).date().isoformat() for entry in found]


def occurrences(start, years):
    found = []
    for year in range(years):
        begin = start.replace(year=start.year + year)
        for entry in account.calendar.view(start=begin, end=begin.replace(year=begin.year + 1) - datetime.timedelta(minutes=1)):
            found.append(entry)
    return found


def check_all_patterns_with_all_ranges():
    for pattern, wanted in PATTERNS:
        last = EWSDate.fromisoformat(wanted[-1])
        for boundary in (dict(number=4), dict(end=last), dict()):
            master = item("Pattern", recurrence=Recurrence(pattern=pattern, start=EWSDate(2026, 10, 1), **boundary)).save()
            read = fresh(master)
            assert read.type == "RecurringMaster" and read.recurrence.pattern == pattern, (read.recurrence, pattern)
            kind = type(read.recurrence.boundary).__name__
            assert kind == {"number": "NumberedPattern", "end": "EndDatePattern"}.get(next(iter(boundary), ""), "NoEndPattern"), kind
            found = days(occurrences(at(1, 0), 4))
            assert found[:4] == wanted, (pattern, boundary, found[:6], wanted)
            assert len(found) == 4 or not boundary, (pattern, boundary, len(found))
            assert read.first_occurrence.start.date().isoformat() == wanted[0]
            if boundary:
                assert days([read.last_occurrence]) == [wanted[-1]]
            read.delete()
            assert occurrences(at(1, 0), 1) == []


def weekly(number=6, **kwargs):
    recurrence = Recurrence(pattern=WeeklyPattern(interval=1, weekdays=["Thursday"]), start=EWSDate(2026, 10, 1), number=number)
    return item("Series", recurrence=recurrence, **kwargs).save()


def check_the_clock_change_leaves_the_hour():
    weekly()
    found = list(account.calendar.view(start=at(1, 0), end=at(30, 0, month=11)))
    assert [entry.start.astimezone(BERLIN).hour for entry in found] == [10] * 6


def check_occurrences_by_index():
    master = weekly()
    for index, day in ((1, "2026-10-01"), (4, "2026-10-22"), (6, "2026-11-05")):
        occurrence = master.occurrence(index=index)
        occurrence.refresh()
        assert days([occurrence]) == [day] and occurrence.type == "Occurrence"
    for index in (0, 7, 100_000):
        with refused(ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange, ValueError):
            master.occurrence(index=index).refresh()
    second = master.occurrence(index=2)
    second.refresh()
    second.delete()
    with refused(ErrorCalendarOccurrenceIsDeletedFromRecurrence):
        master.occurrence(index=2).refresh()
    third = master.occurrence(index=3)
    third.refresh()
    assert days([third]) == ["2026-10-15"], "deleted occurrences keep their number"


def check_single_occurrences_change_and_go():
    master = weekly(categories=["All"], body="Body of all")
    read = fresh(master)
    found = list(account.calendar.view(start=at(1, 0), end=at(30, 0)))
    assert read.first_occurrence.id == found[0].id
    second = account.calendar.get(id=found[1].id)
    second.subject, second.location, second.body = "Changed", "Elsewhere", "Own body"
    second.start, second.end = at(9, 15), at(9, 17)
    second.save(update_fields=["subject", "location", "body", "start", "end"])
    second = account.calendar.get(id=found[1].id)
    assert (second.type, second.subject, second.location) == ("Exception", "Changed", "Elsewhere")
    assert second.original_start == at(8, 10) and second.categories == ["All"] and "Own body" in second.body
    account.calendar.get(id=found[3].id).delete()
    assert isinstance(missing(found[3].id), ErrorItemNotFound)
    read = fresh(master)
    assert [entry.original_start for entry in read.modified_occurrences] == [at(8, 10)]
    assert [entry.start for entry in read.deleted_occurrences] == [at(22, 10)]
    read.subject = "All changed"
    read.save(update_fields=["subject"])
    shown = [entry.subject for entry in account.calendar.view(start=at(1, 0), end=at(30, 0))]
    assert shown == ["All changed", "Changed", "All changed", "All changed"], shown
    third = account.calendar.get(id=found[2].id)
    back = third.recurring_master()
    back.refresh()
    assert back.id == master.id and back.type == "RecurringMaster"
    with refused(ErrorCalendarCannotUseIdForOccurrenceId):
        wrong = third.recurring_master()
        wrong._id.id = master.id
        wrong.refresh()


def check_the_last_occurrence_may_go_too():
    master = weekly(number=2)
    read = fresh(master)
    assert days([read.last_occurrence]) == ["2026-10-08"]
    last = account.calendar.get(id=read.last_occurrence.id)
    last.delete()
    read = fresh(master)
    assert days([read.last_occurrence]) == ["2026-10-01"] and days([read.first_occurrence]) == ["2026-10-01"]
    read.delete()
    assert isinstance(missing(read.first_occurrence.id), ErrorItemNotFound)


def check_a_series_becomes_single_and_back():
    master = weekly()
    read = fresh(master)
    read.recurrence = None
    read.save(update_fields=["recurrence"])
    read = fresh(master)
    assert read.type == "Single" and read.recurrence is None
    read.recurrence = Recurrence(pattern=DailyPattern(interval=1), start=EWSDate(2026, 10, 1), number=3)
    read.save(update_fields=["recurrence"])
    assert fresh(master).type == "RecurringMaster"
    assert len(list(account.calendar.view(start=at(1, 0), end=at(30, 0)))) == 3


def check_all_day_series():
    from exchangelib import CalendarItem

    recurrence = Recurrence(pattern=AbsoluteYearlyPattern(day_of_month=3, month="October"), start=EWSDate(2026, 10, 3))
    saved = CalendarItem(account=account, folder=account.calendar, subject="Holiday", start=EWSDate(2026, 10, 3), end=EWSDate(2026, 10, 3), is_all_day=True, recurrence=recurrence).save()
    read = fresh(saved)
    assert read.is_all_day and read.start == EWSDate(2026, 10, 3)
    found = list(account.calendar.view(start=at(1, 0, year=2027), end=at(30, 0, year=2027)))
    assert [entry.start for entry in found] == [EWSDate(2027, 10, 3)], found
