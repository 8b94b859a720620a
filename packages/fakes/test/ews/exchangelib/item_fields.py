"""What an item carries: bodies, categories, reminders, extended properties of all types, attachments, MIME, ids of conversations."""

import datetime
import email
import email.policy
from decimal import Decimal

from exchangelib import CalendarItem, ExtendedProperty, FileAttachment, HTMLBody, ItemAttachment, Message, UTC
from support import account, at, fresh, item

SET = "b5f1a6a2-0d34-4b0c-9a53-6d6e64f1f001"


def own(kind, name):
    """A property class of ours of one type."""
    return type(f"Own{name}", (ExtendedProperty,), {"property_set_id": SET, "property_name": name, "property_type": kind})


class ByTag(ExtendedProperty):
    property_tag = 0x3A4D
    property_type = "Short"


class ByNumber(ExtendedProperty):
    distinguished_property_set_id = "PublicStrings"
    property_id = 0x1234
    property_type = "Integer"


class ByName(ExtendedProperty):
    distinguished_property_set_id = "PublicStrings"
    property_name = "SkypeTeamsMeetingUrl"
    property_type = "String"


NOW = datetime.datetime(2026, 10, 1, 10, 20, 30, tzinfo=datetime.timezone.utc)
SAMPLES = {
    "String": "Текст & <more>",
    "Integer": -123456,
    "Short": 12,
    "Long": 1 << 52,
    "Boolean": True,
    "Double": Decimal("0.25"),
    "Float": Decimal("1.5"),
    "Binary": b"\x00\x01\xff",
    "CLSID": "6ed8da90-450b-101b-98da-00aa003f1305",
    "StringArray": ["a", "б"],
    "IntegerArray": [1, 2, 3],
    "BinaryArray": [b"a", b"b"],
}


def check_extended_properties_of_all_types():
    from exchangelib import EWSDateTime

    samples = {**SAMPLES, "SystemTime": EWSDateTime.from_datetime(NOW)}
    classes = {name: own(name, name) for name in samples}
    classes |= {"tag": ByTag, "number": ByNumber, "named": ByName}
    values = {**samples, "tag": 2, "number": 77, "named": "https://teams.example.test/1"}
    fields = {name: f"x_{name.lower()}" for name in classes}
    for name, kind in classes.items():
        CalendarItem.register(fields[name], kind)
    try:
        saved = item("Extended", **{fields[name]: value for name, value in values.items()}).save()
        read = fresh(saved)
        for name, value in values.items():
            assert getattr(read, fields[name]) == value, (name, getattr(read, fields[name]), value)
        plain = item("Plain").save()
        assert getattr(fresh(plain), "x_string") is None
        assert [entry.subject for entry in account.calendar.filter(x_string=samples["String"])] == ["Extended"]
        assert [entry.subject for entry in account.calendar.filter(x_integer__lt=0)] == ["Extended"]
        assert [entry.subject for entry in account.calendar.filter(x_string__exists=True)] == ["Extended"]
        assert [entry.subject for entry in account.calendar.filter(x_systemtime__gt=at(1, 0, year=2025))] == ["Extended"]
        read.x_string, read.x_integer, read.x_stringarray = "Other", 5, ["c"]
        read.save(update_fields=["x_string", "x_integer", "x_stringarray"])
        again = fresh(saved)
        assert (again.x_string, again.x_integer, again.x_stringarray) == ("Other", 5, ["c"])
        again.x_binary = None
        again.save(update_fields=["x_binary"])
        assert fresh(saved).x_binary is None
        copied, _ = saved.copy(account.trash)
        assert account.trash.get(id=copied).x_string == "Other"
    finally:
        for name in classes:
            CalendarItem.deregister(fields[name])


def check_bodies_as_they_are_asked_for():
    html = item("Html", body=HTMLBody("<html><body><p>One &amp; two</p></body></html>")).save()
    read = fresh(html)
    assert isinstance(read.body, HTMLBody) and "<p>One &amp; two</p>" in read.body
    assert read.text_body.strip() == "One & two", read.text_body
    text = item("Text", body="One\n<two> & three").save()
    read = fresh(text)
    assert read.body.replace("\r", "") == "One\n<two> & three" and not isinstance(read.body, HTMLBody), read.body
    read.body = ""
    read.save(update_fields=["body"])
    assert not fresh(text).body


def check_categories_reminders_and_marks():
    saved = item("Marks", categories=["a", "b"], reminder_is_set=False, importance="Low", sensitivity="Confidential", is_response_requested=False, allow_new_time_proposal=False, legacy_free_busy_status="WorkingElsewhere").save()
    read = fresh(saved)
    assert read.categories == ["a", "b"] and read.reminder_is_set is False and read.sensitivity == "Confidential"
    assert read.importance == "Low" and read.legacy_free_busy_status == "WorkingElsewhere"
    assert read.is_response_requested is False and read.allow_new_time_proposal is False
    read.categories, read.reminder_is_set, read.reminder_minutes_before_start = None, True, 45
    read.save(update_fields=["categories", "reminder_is_set", "reminder_minutes_before_start"])
    read = fresh(saved)
    assert not read.categories and read.reminder_is_set and read.reminder_minutes_before_start == 45
    assert read.reminder_due_by == read.start, (read.reminder_due_by, read.start)
    assert read.conversation_id.id and read.web_client_read_form_query_string.startswith("https://")
    assert read.effective_rights.modify and read.parent_folder_id.id == account.calendar.id
    assert read.datetime_created <= read.last_modified_time and read.last_modified_name
    assert read.size > 0 and read.is_draft is False and read.is_unmodified is False


def check_attachments_of_files_and_items():
    inner = Message(subject="Inner message", body="inside", to_recipients=["a@example.test"])
    letter = ItemAttachment(name="letter", item=inner)
    saved = item("Attachments", attachments=[FileAttachment(name="a.bin", content=b"\x00\x01\x02" * 1000, content_type="application/x-own")]).save()
    saved.attach(letter)
    saved.attach(FileAttachment(name="logo.png", content=b"png", is_inline=True, content_id="logo@1"))
    read = fresh(saved)
    assert read.has_attachments and sorted(entry.name for entry in read.attachments) == ["a.bin", "letter", "logo.png"]
    by_name = {entry.name: entry for entry in read.attachments}
    assert by_name["a.bin"].content == b"\x00\x01\x02" * 1000 and by_name["a.bin"].size >= 3000 and by_name["a.bin"].content_type == "application/x-own"
    assert by_name["logo.png"].is_inline and by_name["logo.png"].content_id == "logo@1"
    assert by_name["letter"].item.subject == "Inner message" and "inside" in by_name["letter"].item.body
    with by_name["a.bin"].fp as stream:
        assert stream.read() == b"\x00\x01\x02" * 1000
    read.detach(by_name["a.bin"])
    read.detach(by_name["letter"])
    assert [entry.name for entry in fresh(saved).attachments] == ["logo.png"]
    read = fresh(saved)
    attached_event = ItemAttachment(name="event", item=item("Inner event", folder=None))
    read.attach(attached_event)
    event = [entry for entry in fresh(saved).attachments if entry.name == "event"][0]
    assert event.item.subject == "Inner event" and event.item.start == at(1, 10), event.item


def check_mime_content():
    saved = item("Résumé, 会议", location="Зал; 5", body="A body").save()
    mime = list(account.fetch([saved], only_fields=["mime_content"]))[0].mime_content
    assert all(len(line) <= 998 for line in mime.split(b"\r\n"))
    parsed = email.message_from_bytes(mime, policy=email.policy.default)
    assert parsed["Subject"] == "Résumé, 会议", parsed["Subject"]
    text = parsed.get_content().replace("\r\n", "\n").replace("\n ", "")
    assert text.startswith("BEGIN:VCALENDAR") and f"\nUID:{fresh(saved).uid}\n" in text and "\nLOCATION:Зал\\; 5\n" in text, text


def check_long_texts_and_odd_characters():
    subject = "Ä" * 255
    body = "х" * 300_000
    saved = item(subject, body=body, location="\U0001f600 ‮ \t tab").save()
    read = fresh(saved)
    assert read.subject == subject and read.body.strip() == body and read.location.startswith("\U0001f600")
