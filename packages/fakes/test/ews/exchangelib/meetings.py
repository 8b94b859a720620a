"""Meetings between people: invitations as items, the three answers, changes, cancellations, proposals, rooms, delegates' eyes."""

from exchangelib import Attendee, EWSDate, Mailbox
from exchangelib.errors import (
    ErrorCalendarIsOrganizerForAccept,
    ErrorItemNotFound,
)
from exchangelib.items import (
    SEND_ONLY_TO_ALL,
    SEND_ONLY_TO_CHANGED,
    SEND_TO_ALL_AND_SAVE_COPY,
    SEND_TO_CHANGED_AND_SAVE_COPY,
    SEND_TO_NONE,
    MeetingCancellation,
    MeetingRequest,
    MeetingResponse,
)
from exchangelib.recurrence import Recurrence, WeeklyPattern
from support import DOMAIN, OTHER, THIRD, account, at, fresh, item, other, refused, third


def invite(subject="Meeting", send=SEND_TO_ALL_AND_SAVE_COPY, people=(OTHER, THIRD), **kwargs):
    attendees = [Attendee(mailbox=Mailbox(email_address=address)) for address in people[:1]]
    optional = [Attendee(mailbox=Mailbox(email_address=address)) for address in people[1:]]
    saved = item(subject, required_attendees=attendees, optional_attendees=optional, **kwargs)
    saved.save(send_meeting_invitations=send)
    return saved


def answers(saved):
    read = fresh(saved)
    return {entry.mailbox.email_address: entry.response_type for entry in [*(read.required_attendees or []), *(read.optional_attendees or [])]}


def check_invitations_are_items_of_the_inbox():
    saved = invite(body="Agenda", location="Hall")
    request = other.inbox.get(subject="Meeting")
    assert isinstance(request, MeetingRequest) and request.item_class == "IPM.Schedule.Meeting.Request"
    assert request.meeting_request_type == "NewMeetingRequest" and request.start == at(1, 10) and request.location == "Hall"
    assert request.organizer.email_address == saved.account.primary_smtp_address and request.sender.email_address == saved.account.primary_smtp_address
    assert [entry.mailbox.email_address for entry in request.required_attendees] == [OTHER]
    assert "Agenda" in request.body and request.is_read is False
    sent = account.sent.get(subject="Meeting")
    assert isinstance(sent, MeetingRequest)
    request.accept(body="With pleasure")
    assert other.calendar.get(subject="Meeting").my_response_type == "Accept"
    response = account.inbox.get(subject="Accepted: Meeting")
    assert isinstance(response, MeetingResponse) and response.response_type == "Accept" and "With pleasure" in (response.body or ""), response.body
    assert response.sender.email_address == OTHER
    assert answers(saved) == {OTHER: "Accept", THIRD: "Unknown"}, answers(saved)


def check_three_answers():
    for verb, kind, prefix, busy in (("accept", "Accept", "Accepted", "Busy"), ("tentatively_accept", "Tentative", "Tentative", "Tentative"), ("decline", "Decline", "Declined", None)):
        saved = invite(f"About {verb}")
        entry = other.calendar.get(subject=f"About {verb}")
        getattr(entry, verb)()
        assert answers(saved)[OTHER] == kind, (verb, answers(saved))
        assert account.inbox.filter(subject=f"{prefix}: About {verb}").count() == 1
        left = list(other.calendar.filter(subject=f"About {verb}"))
        assert (left[0].legacy_free_busy_status if left else None) == busy, left


def check_an_organizer_cannot_answer():
    saved = invite()
    with refused(ErrorCalendarIsOrganizerForAccept):
        fresh(saved).accept()


def check_whom_changes_are_announced_to():
    saved = invite()
    for send in (SEND_TO_NONE, SEND_ONLY_TO_ALL, SEND_TO_ALL_AND_SAVE_COPY, SEND_ONLY_TO_CHANGED, SEND_TO_CHANGED_AND_SAVE_COPY):
        before = account.sent.all().count()
        read = fresh(saved)
        read.location = f"Room {send}"
        read.save(update_fields=["location"], send_meeting_invitations=send)
        shown = other.calendar.get(subject="Meeting").location
        assert (shown == f"Room {send}") == (send in (SEND_ONLY_TO_ALL, SEND_TO_ALL_AND_SAVE_COPY)), (send, shown)
        assert (account.sent.all().count() > before) == (send == SEND_TO_ALL_AND_SAVE_COPY), (send, before, account.sent.all().count())


def check_people_come_and_go():
    saved = invite(people=(OTHER,))
    read = fresh(saved)
    read.required_attendees = [Attendee(mailbox=Mailbox(email_address=THIRD))]
    read.save(update_fields=["required_attendees"], send_meeting_invitations=SEND_ONLY_TO_CHANGED)
    assert third.calendar.filter(subject="Meeting").count() == 1
    gone = other.calendar.get(subject="Canceled: Meeting")
    assert gone.is_cancelled
    assert isinstance(other.inbox.get(subject="Canceled: Meeting"), MeetingCancellation)


def check_cancellations():
    saved = invite()
    fresh(saved).cancel(new_body="Sorry for that")
    assert "Sorry for that" in other.inbox.get(subject="Canceled: Meeting").body
    assert other.calendar.get(subject="Canceled: Meeting").is_cancelled
    with refused(ErrorItemNotFound):
        saved.cancel()
    for send, told in ((SEND_TO_NONE, False), (SEND_ONLY_TO_ALL, True), (SEND_TO_ALL_AND_SAVE_COPY, True)):
        saved = invite(f"Gone {send}")
        fresh(saved).delete(send_meeting_cancellations=send)
        assert other.calendar.filter(subject=f"Canceled: Gone {send}").exists() == told, send
        assert account.sent.filter(subject=f"Canceled: Gone {send}").exists() == (send == SEND_TO_ALL_AND_SAVE_COPY), send


def check_meetings_in_series():
    recurrence = Recurrence(pattern=WeeklyPattern(interval=1, weekdays=["Thursday"]), start=EWSDate(2026, 10, 1), number=4)
    master = invite("Weekly", recurrence=recurrence)
    theirs = list(other.calendar.view(start=at(1, 0), end=at(30, 0)))
    assert [entry.start.day for entry in theirs] == [1, 8, 15, 22]
    theirs[1].accept()
    assert [entry.my_response_type for entry in other.calendar.view(start=at(1, 0), end=at(30, 0))] == ["NoResponseReceived", "Accept", "NoResponseReceived", "NoResponseReceived"]
    theirs[2].decline()
    assert [entry.start.day for entry in other.calendar.view(start=at(1, 0), end=at(30, 0))] == [1, 8, 22]
    mine = list(account.calendar.view(start=at(1, 0), end=at(30, 0)))
    moved = account.calendar.get(id=mine[3].id)
    moved.start, moved.end = at(23, 12), at(23, 13)
    moved.save(update_fields=["start", "end"], send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)
    assert [entry.start.day for entry in other.calendar.view(start=at(1, 0), end=at(30, 0))] == [1, 8, 23]
    account.calendar.get(id=mine[0].id).cancel()
    assert [entry.start.day for entry in account.calendar.view(start=at(1, 0), end=at(30, 0))] == [8, 15, 23]
    other.calendar.get(subject="Weekly").accept()
    assert {entry.my_response_type for entry in other.calendar.view(start=at(8, 0), end=at(30, 0)) if not entry.is_cancelled} == {"Accept"}
    fresh(master).cancel()
    assert all(entry.is_cancelled for entry in other.calendar.view(start=at(1, 0), end=at(30, 0)))


def check_a_new_time_is_proposed():
    saved = invite("Proposal")
    entry = other.calendar.get(subject="Proposal")
    entry.tentatively_accept(proposed_start=at(2, 14), proposed_end=at(2, 15))
    assert answers(saved)[OTHER] == "Tentative"
    response = account.inbox.filter(subject__contains="Proposal")[0]
    assert response.proposed_start == at(2, 14) and response.proposed_end == at(2, 15)


def check_rooms_answer_by_themselves():
    room = Attendee(mailbox=Mailbox(email_address=f"room1@{DOMAIN}"))
    first = item("First", resources=[room])
    first.save(send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)
    second = item("Second", resources=[Attendee(mailbox=Mailbox(email_address=f"room1@{DOMAIN}"))])
    second.save(send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)
    assert fresh(first).resources[0].response_type == "Accept"
    assert fresh(second).resources[0].response_type == "Decline"
    for saved in (first, second):
        fresh(saved).cancel()
