"""What every group of wide checks needs: two accounts of the fake Exchange, items in a hurry, and a runner that hides nothing.

The arguments are those of the runner, wide.py: URL (delegate|impersonation) OWNER LOGIN.
"""

import datetime
import sys
import time
import traceback
from contextlib import contextmanager

import exchangelib
from exchangelib import DELEGATE, IMPERSONATION, Account, CalendarItem, Configuration, Credentials, EWSDateTime, EWSTimeZone
from exchangelib.protocol import BaseProtocol, NoVerifyHTTPAdapter

URL, ACCESS, OWNER, LOGIN = sys.argv[1:5]
PASSWORD = "Passw0rd!"
DOMAIN = OWNER.split("@")[1]
OTHER = f"user2@{DOMAIN}"
THIRD = f"user3@{DOMAIN}"
BERLIN = EWSTimeZone("Europe/Berlin")
MOSCOW = EWSTimeZone("Europe/Moscow")
BaseProtocol.HTTP_ADAPTER_CLS = NoVerifyHTTPAdapter
IS_IMPERSONATING = ACCESS == "impersonation"


def account_of(address):
    """The account of a person: their own log-in, or the service account acting for them."""
    config = Configuration(
        service_endpoint=URL,
        credentials=Credentials(LOGIN if IS_IMPERSONATING else address, PASSWORD),
        auth_type=exchangelib.BASIC,
        max_connections=5,
    )
    return Account(
        primary_smtp_address=address,
        config=config,
        access_type=IMPERSONATION if IS_IMPERSONATING else DELEGATE,
        default_timezone=BERLIN,
    )


account = account_of(OWNER)
other = account_of(OTHER)
third = account_of(THIRD)


def at(day, hour, minute=0, month=10, year=2026, zone=BERLIN):
    return EWSDateTime(year, month, day, hour, minute, tzinfo=zone)


def hours(number):
    return datetime.timedelta(hours=number)


def item(subject, day=1, hour=10, **kwargs):
    """An appointment of one hour in October 2026 that is not saved yet."""
    start = kwargs.pop("start", at(day, hour))
    fields = dict(account=account, folder=account.calendar, subject=subject, start=start, end=start + hours(1))
    return CalendarItem(**{**fields, **kwargs})


def fresh(saved, owner=account):
    return owner.calendar.get(id=saved.id)


@contextmanager
def refused(*kinds):
    """The block must be refused with one of these errors; returns what was raised in `.error`."""

    class Refusal:
        error = None

    refusal = Refusal()
    try:
        yield refusal
    except kinds as error:
        refusal.error = error
    else:
        raise AssertionError(f"should be refused with {' or '.join(kind.__name__ for kind in kinds)}")


def missing(item_id, owner=account):
    """What the server says of an id that should lead nowhere (exchangelib hands errors of single items back as values)."""
    (answer,) = owner.fetch(ids=[(item_id, None)])
    assert isinstance(answer, Exception), f"should not be found: {answer!r}"
    return answer


def tidy():
    """Every check starts with empty folders."""
    for box in (account, other, third):
        for folder in (box.calendar, box.inbox, box.sent, box.drafts, box.contacts, box.tasks, box.trash):
            folder.all().delete()


def run(checks, wanted):
    """Runs every check; prints the name of each that passed, so that a skipped one cannot hide."""
    failed = 0
    for check in checks:
        if wanted and check.__name__ not in wanted:
            continue
        began = time.monotonic()
        try:
            tidy()
            check()
        except Exception as error:  # every check is to be seen, not only the first that fails
            failed += 1
            traceback.print_exc()
            print(f"FAILED {check.__name__}: {error!r}", flush=True)
        else:
            print(f"passed {check.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
    print(f"{len(checks)} checks, {failed} failed", flush=True)
    return failed
