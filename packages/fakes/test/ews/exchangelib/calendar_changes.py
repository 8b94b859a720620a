"""Changes of appointments: one by one and in bulk, all-day events, zones, moves, copies, deletions, conflicts."""

import datetime

from exchangelib import CalendarItem, EWSDate, EWSDateTime, EWSTimeZone, UTC
from exchangelib.errors import ErrorIrresolvableConflict, ErrorItemNotFound
from exchangelib.items import HARD_DELETE, MOVE_TO_DELETED_ITEMS, SOFT_DELETE
from support import MOSCOW, account, at, fresh, hours, item, refused


def check_bulk_create_update_delete():
    made = account.calendar.bulk_create([item(f"Bulk {index}", day=index + 1) for index in range(10)])
    assert len({entry.id for entry in made}) == 10
    read = list(account.fetch(made))
    for index, entry in enumerate(read):
        entry.subject = f"Bulk changed {index}"
        entry.location = f"Room {index}"
    answers = account.bulk_update([(entry, ("subject", "location")) for entry in read])
    assert [answer[0] for answer in answers] == [entry.id for entry in made]
    assert all(answer[1] != entry.changekey for answer, entry in zip(answers, made))
    assert sorted(entry.location for entry in account.calendar.all()) == [f"Room {index}" for index in range(10)]
    copied = account.bulk_copy(ids=answers[:3], to_folder=account.trash)
    assert len(copied) == 3 and account.trash.all().count() == 3
    moved = account.bulk_move(ids=answers[:2], to_folder=account.trash)
    assert len(moved) == 2 and account.calendar.all().count() == 8
    mixed = account.bulk_delete(ids=[answers[0], answers[5]])
    assert isinstance(mixed[0], ErrorItemNotFound) and mixed[1] is True, mixed
    for how in (HARD_DELETE, SOFT_DELETE, MOVE_TO_DELETED_ITEMS):
        (one,) = account.calendar.bulk_create([item(f"How {how}")])
        assert account.bulk_delete(ids=[one], delete_type=how) == [True]
    assert account.trash.filter(subject=f"How {MOVE_TO_DELETED_ITEMS}").count() == 1
    assert account.recoverable_items_deletions.filter(subject=f"How {SOFT_DELETE}").count() == 1
    assert account.recoverable_items_deletions.filter(subject=f"How {HARD_DELETE}").count() == 0


def check_all_day_events():
    one = CalendarItem(account=account, folder=account.calendar, subject="One day", start=EWSDate(2026, 10, 24), end=EWSDate(2026, 10, 24), is_all_day=True).save()
    read = fresh(one)
    assert (read.start, read.end) == (EWSDate(2026, 10, 24), EWSDate(2026, 10, 24)), (read.start, read.end)
    across = CalendarItem(account=account, folder=account.calendar, subject="Across the clock change", start=EWSDate(2026, 10, 24), end=EWSDate(2026, 10, 27), is_all_day=True).save()
    read = fresh(across)
    assert read.is_all_day and read.start == EWSDate(2026, 10, 24), read.start
    across.is_all_day = False
    across.start, across.end = at(24, 10), at(24, 11)
    across.save(update_fields=["is_all_day", "start", "end"])
    read = fresh(across)
    assert read.is_all_day is False and read.start == at(24, 10), (read.is_all_day, read.start)


ZONES = (
    "America/New_York",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Australia/Eucla",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Africa/Casablanca",
    "Europe/Kyiv",
    "Europe/Samara",
    "Asia/Yekaterinburg",
    "America/Sao_Paulo",
    "UTC",
)


def check_zones_all_over_the_world():
    for name, month in [(name, month) for name in ZONES for month in (1, 7)]:
        zone = EWSTimeZone(name) if name != "UTC" else UTC
        start = EWSDateTime(2026, month, 29, 2, 30, tzinfo=zone)
        saved = item(name, start=start).save()
        read = fresh(saved)
        assert read.start == start, (name, read.start, start)
        saved = read
        assert read._start_timezone is not None and read._start_timezone.ms_id == zone.ms_id, (name, read._start_timezone)
        read.end = read.start + hours(2)
        read.save(update_fields=["end"])
        assert fresh(saved).end == start + hours(2), name


def check_moving_across_zones():
    saved = item("Travels").save()
    saved.start, saved.end = saved.start.astimezone(MOSCOW), saved.end.astimezone(MOSCOW)
    saved._start_timezone = saved._end_timezone = MOSCOW
    saved.save(update_fields=["start", "end", "_start_timezone", "_end_timezone"])
    read = fresh(saved)
    assert read.start == at(1, 10) and read._start_timezone == MOSCOW


def check_moves_and_copies():
    saved = item("Wanders", categories=["Kept"], location="There").save()
    first = saved.id
    saved.move(account.trash)
    assert saved.id != first and account.trash.get(subject="Wanders").location == "There"
    saved.move(account.calendar)
    copy_id, _ = saved.copy(account.trash)
    assert copy_id != saved.id and account.trash.get(id=copy_id).categories == ["Kept"]
    saved.soft_delete()
    kept = account.recoverable_items_deletions.filter(subject="Wanders")
    assert kept.count() >= 1
    kept[0].move(account.calendar)
    assert account.calendar.get(subject="Wanders").location == "There", "what is recovered is as it was"
    account.calendar.get(subject="Wanders").move_to_trash()
    assert account.trash.filter(subject="Wanders").count() == 2


def check_changes_of_two_people_at_once():
    saved = item("Shared").save()
    mine, theirs = fresh(saved), fresh(saved)
    theirs.location = "Theirs"
    theirs.save(update_fields=["location"])
    mine.subject = "Mine"
    mine.save(update_fields=["subject"], conflict_resolution="AutoResolve")
    read = fresh(saved)
    assert (read.subject, read.location) == ("Mine", "Theirs"), "changes of different properties are merged"
    stale = fresh(saved)
    theirs = fresh(saved)
    theirs.subject = "Theirs"
    theirs.save(update_fields=["subject"])
    stale.subject = "Stale"
    with refused(ErrorIrresolvableConflict):
        stale.save(update_fields=["subject"], conflict_resolution="AutoResolve")
    stale.location = "Stale"
    with refused(ErrorIrresolvableConflict):
        stale.save(update_fields=["location"], conflict_resolution="NeverOverwrite")
    stale.save(update_fields=["subject"], conflict_resolution="AlwaysOverwrite")
    assert fresh(saved).subject == "Stale"


def check_impossible_times():
    saved = item("Zero", end=at(1, 10)).save()
    assert fresh(saved).start == fresh(saved).end
    long = item("Years", end=at(1, 10) + datetime.timedelta(days=366 * 4)).save()
    assert fresh(long).end == at(1, 10) + datetime.timedelta(days=366 * 4)
