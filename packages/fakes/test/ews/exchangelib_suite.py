"""What exchangelib, an independent client tested against real servers, does with the fake Exchange.

Run with the EWS address and an access type: exchangelib_suite.py URL (delegate|impersonation) OWNER LOGIN.
Each check asserts; the name of every check that passed is printed, so a skipped one cannot hide.
"""

import datetime
import sys
import threading
import time

import exchangelib
from exchangelib import (
    DELEGATE,
    IMPERSONATION,
    Account,
    Attendee,
    Build,
    CalendarItem,
    Configuration,
    Credentials,
    EWSDate,
    EWSDateTime,
    EWSTimeZone,
    ExtendedProperty,
    HTMLBody,
    Mailbox,
    UTC,
    Version,
)
from exchangelib.errors import ErrorItemNotFound, ErrorNameResolutionNoResults
from exchangelib.folders import Calendar
from exchangelib.items import ITEM_CLASSES, Message
from exchangelib.properties import EWS_ID, HEX_ENTRY_ID, AlternateId
from exchangelib.protocol import BaseProtocol, NoVerifyHTTPAdapter
from exchangelib.recurrence import AbsoluteMonthlyPattern, DailyPattern, Recurrence, RelativeMonthlyPattern, WeeklyPattern
from exchangelib.services import GetRooms  # noqa: F401  (import proves the service table is complete)

URL, ACCESS, OWNER, LOGIN = sys.argv[1:5]
PASSWORD = "Passw0rd!"
DOMAIN = OWNER.split("@")[1]
BERLIN = EWSTimeZone("Europe/Berlin")
MOSCOW = EWSTimeZone("Europe/Moscow")
BaseProtocol.HTTP_ADAPTER_CLS = NoVerifyHTTPAdapter


class WriteKey(ExtendedProperty):
    property_set_id = "7f8c2c5e-3a53-4b7e-9d0a-5c1f6a2e9b41"
    property_name = "CalendarConnectorWriteKey"
    property_type = "String"


class CleanGlobalObjectId(ExtendedProperty):
    distinguished_property_set_id = "Meeting"
    property_id = 0x23
    property_type = "Binary"


class AppointmentState(ExtendedProperty):
    distinguished_property_set_id = "Appointment"
    property_id = 0x8217
    property_type = "Integer"


for name, prop in (("write_key", WriteKey), ("clean_goid", CleanGlobalObjectId), ("meeting_state", AppointmentState)):
    CalendarItem.register(name, prop)


def account_of(address, login):
    config = Configuration(
        service_endpoint=URL,
        credentials=Credentials(login, PASSWORD),
        auth_type=exchangelib.BASIC,
        max_connections=5,
    )
    return Account(
        primary_smtp_address=address,
        config=config,
        access_type=IMPERSONATION if ACCESS == "impersonation" else DELEGATE,
        default_timezone=BERLIN,
    )


account = account_of(OWNER, LOGIN)
other_address = f"user2@{DOMAIN}"
other = account_of(other_address, LOGIN if ACCESS == "impersonation" else other_address)


def at(day, hour, minute=0, zone=BERLIN):
    return EWSDateTime(2026, 9, day, hour, minute, tzinfo=zone)


def item(subject, day=1, hour=10, **kwargs):
    fields = dict(account=account, folder=account.calendar, subject=subject, start=at(day, hour), end=at(day, hour) + datetime.timedelta(hours=1))
    return CalendarItem(**{**fields, **kwargs})


def fresh(saved):
    return account.calendar.get(id=saved.id, changekey=saved.changekey)


def check_version():
    assert account.version.build.major_version == 15, account.version
    assert account.version.api_version == "Exchange2016", account.version


def check_folders():
    names = {folder.name for folder in account.root.walk()}
    assert {"Calendar", "Inbox", "Deleted Items", "Sent Items"} <= names, names
    assert isinstance(account.calendar, Calendar)
    account.calendar.refresh()
    assert account.calendar.folder_class == "IPF.Appointment"
    sub = Calendar(parent=account.calendar, name="Projects").save()
    assert sub.name in {child.name for child in account.calendar.children}
    sub.name = "Old projects"
    sub.save(update_fields=["name"])
    sub.refresh()
    assert sub.name == "Old projects"
    sub.delete()
    account.calendar.root.clear_cache()


def check_create_and_read():
    subject = "Résumé & <plan> 会議 \U0001f600"
    saved = item(
        subject,
        body=HTMLBody("<html><body>Tab\tand &amp; more</body></html>"),
        location="Зал 5",
        categories=["Red", "Blue"],
        reminder_is_set=True,
        reminder_minutes_before_start=30,
        sensitivity="Private",
        importance="High",
        legacy_free_busy_status="OOF",
        write_key="key-1",
    ).save()
    assert saved.id and saved.changekey
    read = fresh(saved)
    assert read.subject == subject, read.subject
    assert read.start == at(1, 10) and read.end == at(1, 11), (read.start, read.end)
    assert read._start_timezone == BERLIN, read._start_timezone
    assert read.location == "Зал 5"
    assert sorted(read.categories) == ["Blue", "Red"]
    assert read.reminder_minutes_before_start == 30 and read.reminder_is_set is True
    assert read.sensitivity == "Private" and read.importance == "High"
    assert read.legacy_free_busy_status == "OOF"
    assert read.write_key == "key-1"
    assert read.body == "<html><body>Tab\tand &amp; more</body></html>", read.body
    assert read.type == "Single" and read.is_recurring is False and read.is_cancelled is False
    assert read.organizer.email_address.lower() == OWNER and read.my_response_type == "Organizer"
    assert read.uid and read.clean_goid.hex().upper() == read.uid.upper(), (read.uid, read.clean_goid)
    assert read.meeting_state == 0
    assert read.has_attachments is False and read.culture
    assert len(read.changekey) == 40 and len(read.id) == 152
    saved.delete()


def check_update():
    saved = item("Before", body="one").save()
    before = saved.changekey
    saved.subject = "After"
    saved.location = "Hall"
    saved.start = at(2, 9, zone=MOSCOW)
    saved.end = at(2, 10, zone=MOSCOW)
    saved._start_timezone = MOSCOW
    saved._end_timezone = MOSCOW
    saved.write_key = "key-2"
    saved.save()
    assert saved.changekey != before
    read = fresh(saved)
    assert (read.subject, read.location, read.write_key) == ("After", "Hall", "key-2")
    assert read.start == at(2, 9, zone=MOSCOW) and read._start_timezone == MOSCOW, (read.start, read._start_timezone)
    read.location = None
    read.save(update_fields=["location"])
    assert not fresh(read).location
    read.write_key = None
    read.save(update_fields=["write_key"])
    assert fresh(read).write_key is None
    read.delete()


def check_delete_and_move():
    saved = item("To go").save()
    old_id = saved.id
    saved.move_to_trash()
    assert isinstance(account.calendar.get(id=old_id), ErrorItemNotFound), "moved item still found under its old id"
    trashed = account.trash.filter(subject="To go")
    assert trashed.count() == 1 and trashed[0].id != old_id
    moved = trashed[0]
    moved.move(account.calendar)
    assert account.calendar.filter(subject="To go").count() == 1
    again = account.calendar.get(subject="To go")
    copy_id, _ = again.copy(account.trash)
    assert copy_id != again.id
    again.delete()
    account.trash.filter(subject="To go").delete()
    soft = item("Softly").save()
    soft.soft_delete()
    assert account.calendar.filter(subject="Softly").count() == 0


def check_view():
    inside = item("Inside", day=10).save()
    border = item("Border", day=9, hour=23).save()
    found = list(account.calendar.view(start=at(10, 0), end=at(11, 0)))
    assert [entry.subject for entry in found] == ["Border", "Inside"], found  # end == start is in, as on real servers
    assert list(account.calendar.view(start=at(10, 11, 1), end=at(11, 0))) == []
    assert list(account.calendar.view(start=at(9, 0), end=at(10, 10))) == [border]
    assert len(list(account.calendar.view(start=at(9, 0), end=at(11, 0), max_items=1))) == 1
    for entry in (inside, border):
        entry.delete()


def check_queries():
    items = [item(f"Query {index}", day=12 + index, location="Here" if index % 2 else "There") for index in range(5)]
    account.calendar.bulk_create(items)
    assert account.calendar.filter(subject__startswith="Query ").count() == 5
    assert account.calendar.filter(subject__icontains="QUERY", location="Here").count() == 2
    ordered = list(account.calendar.filter(subject__startswith="Query ").order_by("-start").values_list("subject", flat=True))
    assert ordered == [f"Query {index}" for index in reversed(range(5))], ordered
    paged = account.calendar.filter(subject__startswith="Query ")
    paged.page_size = 2
    assert len(list(paged)) == 5
    assert account.calendar.filter(start__lt=at(14, 0), subject__startswith="Query ").count() == 2
    goid = list(account.calendar.filter(subject="Query 3"))[0].clean_goid
    assert [entry.subject for entry in account.calendar.filter(clean_goid=goid)] == ["Query 3"]
    bulk = list(account.fetch(ids=account.calendar.filter(subject__startswith="Query ").only("id", "changekey")))
    assert len(bulk) == 5
    result = account.bulk_delete(ids=bulk)
    assert all(entry is True for entry in result), result


def check_all_day():
    saved = CalendarItem(
        account=account, folder=account.calendar, subject="Holiday", start=EWSDate(2026, 9, 7), end=EWSDate(2026, 9, 8), is_all_day=True
    ).save()
    read = fresh(saved)
    assert read.is_all_day and read.start == EWSDate(2026, 9, 7) and read.end == EWSDate(2026, 9, 8), (read.start, read.end)
    raw = list(account.calendar.view(start=at(7, 12), end=at(7, 13)))
    assert len(raw) == 1
    saved.delete()


def check_series():
    recurrence = Recurrence(
        pattern=WeeklyPattern(interval=1, weekdays=["Monday", "Wednesday"], first_day_of_week="Monday"),
        start=EWSDate(2026, 9, 7),
        number=6,
    )
    master = item("Series", day=7, recurrence=recurrence).save()
    read = fresh(master)
    assert read.type == "RecurringMaster" and read.is_recurring is False
    assert read.recurrence.pattern.interval == 1 and read.recurrence.boundary.number == 6
    assert read.recurrence.boundary.start == EWSDate(2026, 9, 7), read.recurrence.boundary
    assert read.first_occurrence.start == at(7, 10) and read.last_occurrence.start == at(23, 10)
    assert not read.modified_occurrences and not read.deleted_occurrences
    occurrences = list(account.calendar.view(start=at(6, 0), end=at(30, 0)))
    assert [entry.start.day for entry in occurrences] == [7, 9, 14, 16, 21, 23], occurrences
    assert all(entry.type == "Occurrence" and entry.is_recurring for entry in occurrences)
    assert len({entry.uid for entry in occurrences}) == 1
    assert occurrences[0].id == read.first_occurrence.id and len(occurrences[0].id) == 168
    assert account.calendar.filter(subject="Series").count() == 1, "a page shows the master only"

    third = master.occurrence(index=3)
    third.refresh()
    assert third.start == at(14, 10), third.start
    third.start, third.end, third.subject = at(15, 12), at(15, 13), "Series moved"
    third.save(update_fields=["start", "end", "subject"])
    third.refresh()
    assert third.type == "Exception" and third.original_start == at(14, 10), (third.type, third.original_start)
    assert third.id == occurrences[2].id, "an exception keeps the id of its occurrence"
    owner = third.recurring_master()
    owner.refresh()
    assert owner.id == master.id

    fifth = master.occurrence(index=5)
    fifth.refresh()
    fifth.delete()
    read = account.calendar.get(id=master.id)
    assert read.changekey != master.changekey
    assert [entry.original_start for entry in read.modified_occurrences] == [at(14, 10)]
    assert read.modified_occurrences[0].start == at(15, 12)
    assert [entry.start for entry in read.deleted_occurrences] == [at(21, 10)]
    occurrences = list(account.calendar.view(start=at(6, 0), end=at(30, 0)))
    assert [entry.start.day for entry in occurrences] == [7, 9, 15, 16, 23]
    assert [entry.subject for entry in occurrences if entry.type == "Exception"] == ["Series moved"]
    for wrong, message in ((5, "IsDeletedFromRecurrence"), (99, "IndexIsOutOfRecurrenceRange")):
        try:
            master.occurrence(index=wrong).refresh()
        except exchangelib.errors.EWSError as error:
            assert message in type(error).__name__, error
        else:
            raise AssertionError(f"occurrence {wrong} should be refused")

    read.recurrence = Recurrence(pattern=DailyPattern(interval=2), start=EWSDate(2026, 9, 7), end=EWSDate(2026, 9, 13))
    read.save(update_fields=["recurrence"])
    read = account.calendar.get(id=master.id)
    assert not read.modified_occurrences and not read.deleted_occurrences, "another pattern drops all exceptions"
    occurrences = list(account.calendar.view(start=at(6, 0), end=at(30, 0)))
    assert [entry.start.day for entry in occurrences] == [7, 9, 11, 13], occurrences
    read.delete()
    assert list(account.calendar.view(start=at(6, 0), end=at(30, 0))) == []


def check_patterns():
    patterns = (
        AbsoluteMonthlyPattern(interval=1, day_of_month=31),
        RelativeMonthlyPattern(interval=1, weekday="Weekday", week_number="Last"),
        exchangelib.recurrence.AbsoluteYearlyPattern(day_of_month=29, month="February"),
        exchangelib.recurrence.RelativeYearlyPattern(weekday="Sunday", week_number="Second", month="May"),
    )
    for pattern in patterns:
        boundary = dict(start=EWSDate(2026, 1, 31), number=4)
        start = EWSDateTime(2026, 1, 31, 10, tzinfo=BERLIN)
        saved = item("Pattern", start=start, end=start + datetime.timedelta(hours=1), recurrence=Recurrence(pattern=pattern, **boundary)).save()
        read = fresh(saved)
        assert read.recurrence.pattern == pattern, (read.recurrence.pattern, pattern)
        saved.delete()


def check_meeting():
    attendee = Attendee(mailbox=Mailbox(email_address=other_address), response_type="Unknown")
    saved = item("Meeting", day=3, required_attendees=[attendee])
    saved.save(send_meeting_invitations="SendToAllAndSaveCopy")
    invitation = other.calendar.get(subject="Meeting")
    assert invitation.my_response_type == "NoResponseReceived" and invitation.legacy_free_busy_status == "Tentative"
    assert invitation.meeting_state == 3 and invitation.is_meeting and invitation.meeting_request_was_sent is False
    mine = fresh(saved)
    assert mine.meeting_state == 1 and mine.uid == invitation.uid and mine.id != invitation.id
    request = other.inbox.get(subject="Meeting")
    assert request.item_class == "IPM.Schedule.Meeting.Request"
    assert request.associated_calendar_item_id.id == invitation.id
    assert account.sent.filter(subject="Meeting").count() == 1
    invitation.accept()
    answered = other.calendar.get(subject="Meeting")
    assert answered.my_response_type == "Accept" and answered.legacy_free_busy_status == "Busy"
    tracked = account.calendar.get(id=saved.id)
    assert tracked.changekey != mine.changekey
    assert tracked.required_attendees[0].response_type == "Accept" and tracked.required_attendees[0].last_response_time
    assert account.inbox.filter(subject="Accepted: Meeting").count() == 1
    tracked.start, tracked.end = at(4, 10), at(4, 11)
    tracked.save(update_fields=["start", "end"], send_meeting_invitations="SendToAllAndSaveCopy")
    moved = other.calendar.get(subject="Meeting")
    assert moved.start == at(4, 10) and moved.my_response_type == "NoResponseReceived"
    moved.tentatively_accept()
    account.calendar.get(id=saved.id).cancel()
    cancelled = other.calendar.get(subject="Canceled: Meeting")
    assert cancelled.is_cancelled and cancelled.meeting_state == 7
    assert account.calendar.filter(subject="Meeting").count() == 0
    assert account.trash.filter(subject="Meeting").count() >= 1
    declined = item("Second", day=5, required_attendees=[attendee])
    declined.save(send_meeting_invitations="SendOnlyToAll")
    other.calendar.get(subject="Second").decline()
    assert other.calendar.filter(subject="Second").count() == 0
    assert account.calendar.get(id=declined.id).required_attendees[0].response_type == "Decline"
    for box in (account, other):
        box.calendar.all().delete()
        box.inbox.all().delete()
        box.trash.all().delete()


def check_sync():
    for index in range(7):
        item(f"Sync {index}", day=20).save()
    folder = account.calendar
    folder.item_sync_state = None
    changes = list(folder.sync_items(only_fields=["subject"], max_changes_returned=3))
    assert [kind for kind, _ in changes] == ["create"] * 7, changes
    assert folder.item_sync_state
    assert list(folder.sync_items()) == []
    first = account.calendar.get(subject="Sync 0")
    first.subject = "Sync zero"
    first.save(update_fields=["subject"])
    account.calendar.get(subject="Sync 1").delete()
    fresh_item = item("Sync 7", day=21).save()
    changes = {kind: entry for kind, entry in folder.sync_items()}
    assert set(changes) == {"create", "update", "delete"}, changes
    assert changes["create"].id == fresh_item.id and changes["update"].id == first.id
    list(account.root.sync_hierarchy())
    added = Calendar(parent=account.calendar, name="Added").save()
    hierarchy = list(account.root.sync_hierarchy())
    assert ("create", added.id) in [(kind, entry.id) for kind, entry in hierarchy], hierarchy
    added.delete()
    folder.item_sync_state = "H4sIAAAAAAAEAGNgGAWjYBSMglEwCkbBKBgF"
    try:
        list(folder.sync_items())
    except exchangelib.errors.ErrorInvalidSyncStateData:
        pass
    else:
        raise AssertionError("a damaged sync state should be refused")
    account.calendar.all().delete()


def check_streaming():
    seen = []
    with account.calendar.streaming_subscription() as subscription_id:
        ready = threading.Event()

        def listen():
            ready.set()
            for notification in account.calendar.get_streaming_events(subscription_id, connection_timeout=1, max_notifications_returned=1):
                seen.extend(notification.events)

        thread = threading.Thread(target=listen)
        thread.start()
        ready.wait()
        saved = item("Streamed").save()
        thread.join(timeout=30)
        assert not thread.is_alive(), "no notification came"
    kinds = [type(event).__name__ for event in seen]
    assert "CreatedEvent" in kinds, kinds
    created = [event for event in seen if type(event).__name__ == "CreatedEvent"][0]
    assert created.item_id.id == saved.id and created.item_id.changekey == "DwAAAA=="
    saved.delete()
    with account.calendar.pull_subscription() as (subscription_id, watermark):
        saved = item("Pulled").save()
        notifications = list(account.calendar.get_events(subscription_id, watermark))
        kinds = [type(event).__name__ for notification in notifications for event in notification.events]
        assert "CreatedEvent" in kinds and all(event.watermark for n in notifications for event in n.events), kinds
        saved.delete()


def check_availability():
    saved = item("Busy now", day=8, hour=10).save()
    start, end = at(8, 8), at(8, 18)
    for info in account.protocol.get_free_busy_info(accounts=[(account, "Required", False)], start=start, end=end):
        events = [(event.start, event.end, event.busy_type) for event in info.calendar_events]
        assert [busy for _, _, busy in events] == ["Busy"], events
        zone = info.working_hours_timezone
        assert zone is not None
        assert info.view_type == ("FreeBusyMerged" if ACCESS == "impersonation" else "DetailedMerged"), info.view_type
    saved.delete()


def check_time_zones():
    zones = {ms_id for _, ms_id, _ in [(z.name, z.id, z) for z in account.protocol.get_timezones(return_full_timezone_data=True)]}
    assert {"UTC", "W. Europe Standard Time", "Russian Standard Time", "Saratov Standard Time"} <= zones, zones


def check_names():
    for entry in (other_address, "User 2"):
        found = account.protocol.resolve_names([entry], return_full_contact_data=False)
        assert [mailbox.email_address for mailbox in found] == [other_address], found
    assert len(account.protocol.resolve_names(["User"])) > 2
    full = account.protocol.resolve_names([other_address], return_full_contact_data=True)
    assert full[0][0].email_address == other_address and full[0][1].display_name == "User 2"
    nobody = account.protocol.resolve_names(["nobody-at-all"])
    assert nobody == [] or isinstance(nobody[0], ErrorNameResolutionNoResults), nobody
    assert len(account.protocol.expand_dl("all-staff@" + DOMAIN)) == 2
    assert [room.email_address for room in account.protocol.get_rooms("rooms@" + DOMAIN)] == ["room1@" + DOMAIN]
    assert account.protocol.get_roomlists()


def check_convert_id():
    saved = item("Convert").save()
    hexed = list(account.protocol.convert_ids([AlternateId(id=saved.id, format=EWS_ID, mailbox=OWNER)], destination_format=HEX_ENTRY_ID))
    assert len(hexed) == 1 and len(hexed[0].id) == 140, hexed
    back = list(account.protocol.convert_ids([AlternateId(id=hexed[0].id, format=HEX_ENTRY_ID, mailbox=OWNER)], destination_format=EWS_ID))
    assert back[0].id == saved.id
    saved.delete()


def check_attachments():
    attachment = exchangelib.FileAttachment(name="notes.txt", content=b"\x00\x01 notes")
    saved = item("With file").save()
    saved.attach(attachment)
    read = account.calendar.get(id=saved.id)
    assert read.has_attachments and [entry.name for entry in read.attachments] == ["notes.txt"]
    assert read.attachments[0].content == b"\x00\x01 notes" and read.attachments[0].size == 8
    read.detach(read.attachments[0])
    assert not account.calendar.get(id=saved.id).attachments
    account.calendar.get(id=saved.id).delete()


def check_user_configuration():
    config = account.calendar.get_user_configuration(name="CategoryList")
    assert config.xml_data and b"categories" in config.xml_data
    account.calendar.create_user_configuration("Own", dictionary={"a": 1, "b": "two", "c": True})
    assert account.calendar.get_user_configuration(name="Own").dictionary == {"a": 1, "b": "two", "c": True}
    account.calendar.delete_user_configuration("Own")


def check_delegates():
    assert isinstance(account.delegates, list)


def check_mail():
    message = Message(account=account, folder=account.sent, subject="Note", body="text", to_recipients=[other_address])
    message.send_and_save()
    received = other.inbox.get(subject="Note")
    assert received.sender.email_address.lower() == OWNER and received.is_read is False
    received.is_read = True
    received.save(update_fields=["is_read"])
    assert other.inbox.get(subject="Note").is_read is True
    received.delete()
    account.sent.filter(subject="Note").delete()


def main():
    checks = [value for name, value in globals().items() if name.startswith("check_")]
    wanted = sys.argv[5:]
    failed = 0
    for check in checks:
        if wanted and check.__name__ not in wanted:
            continue
        try:
            check()
        except Exception as error:  # every check is to be seen, not only the first that fails
            failed += 1
            import traceback

            traceback.print_exc()
            print(f"FAILED {check.__name__}: {error!r}", flush=True)
        else:
            print(f"passed {check.__name__}", flush=True)
    print(f"{len(checks)} checks, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


main()
