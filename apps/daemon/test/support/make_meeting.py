"""A meeting made by exchangelib, an independent EWS client, with impersonation: make_meeting.py URL OWNER SUBJECT."""

import datetime
import sys

import exchangelib
from exchangelib import IMPERSONATION, UTC, Account, CalendarItem, Configuration, Credentials, EWSDateTime

URL, OWNER, SUBJECT = sys.argv[1:4]
config = Configuration(
    service_endpoint=URL,
    credentials=Credentials("svc@example.test", "Passw0rd!"),
    auth_type=exchangelib.BASIC,
)
account = Account(primary_smtp_address=OWNER, config=config, access_type=IMPERSONATION, default_timezone=UTC)
start = EWSDateTime.now(UTC) + datetime.timedelta(days=3)
CalendarItem(
    account=account,
    folder=account.calendar,
    subject=SUBJECT,
    body="made by exchangelib",
    start=start,
    end=start + datetime.timedelta(hours=1),
    required_attendees=["user3@example.test"],
).save(send_meeting_invitations="SendToAllAndSaveCopy")
