"""Questions to a calendar: filters, order, pages, views, what may not be asked."""

import datetime

from exchangelib import Q
from exchangelib.errors import (
    DoesNotExist,
    ErrorCalendarViewRangeTooBig,
    ErrorCannotUseFolderIdForItemId,
    ErrorInvalidIdMalformed,
    ErrorItemNotFound,
)
from support import account, at, item, missing, other, refused


def five():
    made = [
        item(
            f"Query {index}",
            day=12 + index,
            location="Hall" if index % 2 else "Зал",
            categories=["Odd"] if index % 2 else ["Even", "Common"],
            importance="High" if index == 4 else "Normal",
            sensitivity="Private" if index == 3 else "Normal",
            legacy_free_busy_status="OOF" if index == 2 else "Busy",
            reminder_minutes_before_start=index * 10,
            body=f"text number {index}",
        )
        for index in range(5)
    ]
    saved = account.calendar.bulk_create(made)
    assert len(saved) == 5 and all(entry.id and entry.changekey for entry in saved)
    return saved


def subjects(query):
    return sorted(entry.subject[-1] for entry in query)


def check_filters_of_every_kind():
    five()
    calendar = account.calendar
    for query, wanted in (
        (calendar.filter(subject="Query 3"), "3"),
        (calendar.filter(subject__iexact="QUERY 3"), "3"),
        (calendar.filter(subject__contains="ry 1"), "1"),
        (calendar.filter(subject__icontains="RY 1"), "1"),
        (calendar.filter(subject__startswith="Query"), "01234"),
        (calendar.filter(subject__istartswith="qUERY"), "01234"),
        (calendar.filter(subject__in=["Query 0", "Query 4"]), "04"),
        (calendar.filter(subject__not="Query 0", subject__startswith="Query"), "1234"),
        (calendar.filter(subject__gte="Query 3"), "34"),
        (calendar.filter(subject__range=("Query 1", "Query 2")), "12"),
        (calendar.filter(location__exists=True), "01234"),
        (calendar.filter(location="Зал"), "024"),
        (calendar.filter(categories__contains=["Odd"]), "13"),
        (calendar.filter(categories__contains=["Even", "Common"]), "024"),
        (calendar.filter(importance="High"), "4"),
        (calendar.filter(sensitivity="Private"), "3"),
        (calendar.filter(legacy_free_busy_status="OOF"), "2"),
        (calendar.filter(reminder_minutes_before_start__gt=20), "34"),
        (calendar.filter(start__gte=at(14, 0)), "234"),
        (calendar.filter(start__gte=at(14, 0), end__lte=at(15, 23)), "23"),
        (calendar.filter(start=at(13, 10)), "1"),
        (calendar.filter(body__icontains="NUMBER 2"), "2"),
        (calendar.filter(Q(subject="Query 0") | Q(subject="Query 1")), "01"),
        (calendar.filter(Q(subject="Query 0") | (Q(location="Hall") & Q(start__gt=at(14, 0)))), "03"),
        (calendar.filter(~Q(location="Hall")), "024"),
        (calendar.exclude(location="Hall"), "024"),
        (calendar.filter(is_all_day=False), "01234"),
        (calendar.filter(datetime_created__gt=at(1, 0, year=2020)), "01234"),
        (calendar.filter(last_modified_time__lt=at(1, 0, year=2020)), ""),
        (calendar.filter(has_attachments=False), "01234"),
        (calendar.filter(size__gt=10), "01234"),
        (calendar.filter("subject:Query"), "01234"),
        (calendar.filter("Hall"), "13"),
        (calendar.none(), ""),
    ):
        assert "".join(subjects(query)) == wanted, (str(query.q), subjects(query), wanted)
        assert query.count() == len(wanted)


def check_order_and_parts_of_answers():
    five()
    calendar = account.calendar
    assert list(calendar.all().order_by("subject").values_list("subject", flat=True)) == [f"Query {index}" for index in range(5)]
    assert list(calendar.all().order_by("-start").values_list("subject", flat=True))[0] == "Query 4"
    pairs = list(calendar.all().order_by("location", "-subject").values_list("location", "subject"))
    assert pairs == [("Hall", "Query 3"), ("Hall", "Query 1"), ("Зал", "Query 4"), ("Зал", "Query 2"), ("Зал", "Query 0")], pairs
    assert list(calendar.all().order_by("subject").reverse().values_list("subject", flat=True))[0] == "Query 4"
    assert calendar.all().order_by("subject")[1].subject == "Query 1"
    assert [entry.subject for entry in calendar.all().order_by("subject")[1:3]] == ["Query 1", "Query 2"]
    (only,) = calendar.filter(subject="Query 2").only("subject")
    assert only.subject == "Query 2" and only.start is None and only.id
    row = next(iter(calendar.filter(subject="Query 2").values("subject", "start", "body", "categories")))
    assert row["start"] == at(14, 10) and "text number 2" in row["body"] and sorted(row["categories"]) == ["Common", "Even"], row
    assert calendar.all().exists() and not calendar.filter(subject="Nothing").exists()
    assert calendar.get(subject="Query 1").location == "Hall"
    with refused(DoesNotExist):
        calendar.get(subject="Nothing")
    assert list(calendar.all().order_by("subject").depth("Shallow").values_list("subject", flat=True)) == [f"Query {index}" for index in range(5)]


def check_pages_of_every_size():
    account.calendar.bulk_create([item(f"Page {index:03}", day=1 + index % 28) for index in range(120)])
    for size in (1, 7, 50, 120, 1000):
        paged = account.calendar.all().order_by("subject").values_list("subject", flat=True)
        paged.page_size = size
        assert list(paged) == [f"Page {index:03}" for index in range(120)], size
    assert account.calendar.all().count() == 120
    assert len(list(account.calendar.all().order_by("subject")[100:113])) == 13
    fetched = list(account.fetch(ids=account.calendar.all().only("id", "changekey"), chunk_size=50))
    assert len(fetched) == 120 and all(entry.start for entry in fetched)
    answers = account.bulk_delete(ids=fetched, chunk_size=100)
    assert answers == [True] * 120


def check_views():
    five()
    assert [entry.subject for entry in account.calendar.view(start=at(13, 0), end=at(15, 0))] == ["Query 1", "Query 2"]
    assert list(account.calendar.view(start=at(13, 0), end=at(15, 0)).only("subject").values_list("subject", flat=True)) == ["Query 1", "Query 2"]
    assert account.calendar.view(start=at(13, 0), end=at(15, 0)).count() == 2
    assert list(account.calendar.view(start=at(13, 10, 30), end=at(13, 10, 31)))[0].subject == "Query 1", "an item that lasts across the window is in it"
    view = account.calendar.view(start=at(13, 0), end=at(15, 0)).order_by("-start")
    assert [entry.subject for entry in view] == ["Query 2", "Query 1"]
    with refused(ErrorCalendarViewRangeTooBig):
        list(account.calendar.view(start=at(1, 0), end=at(1, 0) + datetime.timedelta(days=733)))
    assert len(list(account.calendar.view(start=at(1, 0), end=at(1, 0) + datetime.timedelta(days=730)))) == 5
    many = account.calendar.view(start=at(1, 0), end=at(30, 0), max_items=2)
    assert len(list(many)) == 2


def check_several_folders_at_once():
    from exchangelib.folders import Calendar, FolderCollection

    second = Calendar(parent=account.calendar, name="Second").save()
    item("Here").save()
    item("There", folder=second).save()
    both = FolderCollection(account=account, folders=[account.calendar, second])
    assert sorted(entry.subject for entry in both.all()) == ["Here", "There"]
    assert [entry.subject for entry in both.filter(subject__startswith="T")] == ["There"]
    assert sorted(entry.subject for entry in both.view(start=at(1, 0), end=at(2, 0))) == ["Here", "There"]
    second.delete()
    account.root.clear_cache()


def check_wrong_ids_are_told_apart():
    saved = item("Mine").save()
    assert isinstance(missing("AAMk"), ErrorInvalidIdMalformed)
    with refused(ErrorCannotUseFolderIdForItemId):
        missing(account.calendar.id)
    gone = saved.id
    saved.delete()
    assert isinstance(missing(gone), ErrorItemNotFound)
    theirs = item("Theirs", account=other, folder=other.calendar).save()
    assert isinstance(missing(theirs.id), ErrorItemNotFound)
