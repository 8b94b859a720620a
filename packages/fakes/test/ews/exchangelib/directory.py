"""What the server knows about people and itself: names, lists, rooms, free and busy times, zones, absences, delegates, tips."""

import datetime

from exchangelib import Account, DLMailbox, Mailbox, OofSettings
from exchangelib.errors import (
    ErrorAccessDenied,
    ErrorInvalidOperation,
    ErrorMailRecipientNotFound,
    ErrorNameResolutionNoResults,
    ErrorNonExistentMailbox,
)
from exchangelib.properties import EWS_ID, AlternateId, SendingAs
from exchangelib.services import GetMailTips, GetSearchableMailboxes
from support import BERLIN, DOMAIN, IS_IMPERSONATING, OTHER, OWNER, THIRD, account, at, item, other, refused


def check_names_with_all_their_data():
    ((mailbox, contact),) = account.protocol.resolve_names([OTHER], return_full_contact_data=True)
    assert mailbox.email_address == OTHER and mailbox.mailbox_type == "Mailbox" and mailbox.routing_type == "SMTP"
    assert contact.display_name == "User 2" and contact.email_addresses[0].email.lower().endswith(OTHER), contact.email_addresses
    for scope in ("ActiveDirectory", "ActiveDirectoryContacts", "Contacts", "ContactsActiveDirectory"):
        found = account.protocol.resolve_names([OTHER], search_scope=scope)
        assert len(found) == 1, (scope, found)
    shaped = account.protocol.resolve_names([OTHER], return_full_contact_data=True, shape="AllProperties")
    assert shaped[0][0].email_address == OTHER
    (nobody,) = account.protocol.resolve_names(["no such person"])
    assert isinstance(nobody, ErrorNameResolutionNoResults)
    (lists,) = account.protocol.resolve_names([f"all-staff@{DOMAIN}"])
    assert lists.mailbox_type == "PublicDL"


def check_lists_and_rooms():
    assert sorted(entry.email_address for entry in account.protocol.expand_dl(DLMailbox(email_address=f"all-staff@{DOMAIN}"))) == [OWNER, OTHER]
    with refused(ErrorNameResolutionNoResults):
        account.protocol.expand_dl("nobody@" + DOMAIN)
    lists = list(account.protocol.get_roomlists())
    assert lists and lists[0].email_address
    rooms = list(account.protocol.get_rooms(lists[0].email_address))
    assert [room.email_address for room in rooms] == [f"room1@{DOMAIN}"]
    with refused(ErrorNameResolutionNoResults):
        list(account.protocol.get_rooms("no-list@" + DOMAIN))


def check_free_and_busy():
    item("Busy", day=8, hour=9).save()
    item("Away", day=8, hour=12, legacy_free_busy_status="OOF").save()
    item("Free", day=8, hour=14, legacy_free_busy_status="Free").save()
    for view in ("MergedOnly", "FreeBusy", "FreeBusyMerged", "Detailed", "DetailedMerged"):
        found = list(account.protocol.get_free_busy_info(accounts=[(account, "Organizer", False), (OTHER, "Required", False), ("room1@" + DOMAIN, "Room", False)], start=at(8, 8), end=at(8, 18), merged_free_busy_interval=30, requested_view=view))
        assert len(found) == 3
        mine = found[0]
        if view == "MergedOnly":
            assert not mine.calendar_events
        else:
            assert [entry.busy_type for entry in mine.calendar_events] == ["Busy", "OOF", "Free"], (view, mine.calendar_events)
            assert mine.calendar_events[0].start in (at(8, 9), at(8, 9).replace(tzinfo=None)), mine.calendar_events[0].start
        if view in ("MergedOnly", "FreeBusyMerged", "DetailedMerged"):
            assert mine.merged == "00220000330000000000", mine.merged
        if view != "MergedOnly":
            assert mine.working_hours_timezone is not None
    (nobody,) = list(account.protocol.get_free_busy_info(accounts=[("nobody@" + DOMAIN, "Required", False)], start=at(8, 8), end=at(8, 18)))
    assert isinstance(nobody, ErrorMailRecipientNotFound), nobody
    with refused(Exception):
        list(account.protocol.get_free_busy_info(accounts=[(account, "Required", False)], start=at(8, 8), end=at(8, 8) + datetime.timedelta(days=90)))


def check_zones_of_the_server():
    every = list(account.protocol.get_timezones())
    assert len(every) > 130
    few = list(account.protocol.get_timezones(timezones=[BERLIN]))
    assert [zone.id for zone in few] == ["W. Europe Standard Time"], few
    full = list(account.protocol.get_timezones(timezones=[BERLIN], return_full_timezone_data=True))
    standard, daylight, _period = full[0].get_std_and_dst(for_year=2026)
    assert (standard.iso_month, daylight.iso_month) == (10, 3), (standard, daylight)


def check_absences():
    assert account.oof_settings.state == "Disabled"
    account.oof_settings = OofSettings(state="Scheduled", external_audience="Known", internal_reply="<p>Away</p>", external_reply="Away", start=at(1, 0, year=2030), end=at(10, 0, year=2030))
    read = account.oof_settings
    assert read.state == "Scheduled" and read.external_audience == "Known" and "Away" in read.internal_reply, read
    assert read.start == at(1, 0, year=2030) and read.end == at(10, 0, year=2030)
    account.oof_settings = OofSettings(state="Enabled", external_audience="None", internal_reply="In", external_reply="Out")
    assert account.oof_settings.state == "Enabled" and account.oof_settings.internal_reply == "In"
    account.oof_settings = OofSettings(state="Disabled", external_audience="All", internal_reply="", external_reply="")
    assert account.oof_settings.state == "Disabled"


def check_delegates():
    from exchangelib.services import GetDelegate

    assert account.delegates == []
    assert list(GetDelegate(account=account).call(user_ids=None, include_permissions=True)) == []


def check_tips():
    account.oof_settings = OofSettings(state="Enabled", external_audience="All", internal_reply="I am away", external_reply="Away")
    tips = account.mail_tips
    assert tips.recipient_address.email_address == OWNER, tips
    account.oof_settings = OofSettings(state="Disabled", external_audience="All", internal_reply="", external_reply="")
    (unknown,) = list(GetMailTips(protocol=account.protocol).call(sending_as=SendingAs(email_address=OWNER), recipients=[Mailbox(email_address=f"nobody@{DOMAIN}")], mail_tips_requested="All"))
    assert unknown.recipient_address.email_address == f"nobody@{DOMAIN}"


def check_what_needs_other_roles():
    with refused(ErrorAccessDenied):
        list(account.protocol.get_searchable_mailboxes("user", expand_group_membership=False))


def check_people_search_in_the_directory():
    found = list(account.contacts.people().filter(display_name="no such"))
    assert found == []
    from exchangelib import Contact
    from exchangelib.indexed_properties import EmailAddress

    Contact(account=account, folder=account.contacts, given_name="Anna", surname="Petrova", display_name="Anna Petrova", email_addresses=[EmailAddress(label="EmailAddress1", email="anna@example.test")]).save()
    people = list(account.contacts.people())
    assert [entry.display_name for entry in people] == ["Anna Petrova"], people
    (persona,) = account.fetch_personas(people)
    assert persona.display_name == "Anna Petrova", persona


def check_ids_in_all_formats():
    from exchangelib.properties import ENTRY_ID, EWS_LEGACY_ID, HEX_ENTRY_ID, OWA_ID, STORE_ID

    saved = item("Ids").save()
    for form in (ENTRY_ID, HEX_ENTRY_ID, OWA_ID, STORE_ID):
        (there,) = account.protocol.convert_ids([AlternateId(id=saved.id, format=EWS_ID, mailbox=OWNER)], destination_format=form)
        (back,) = account.protocol.convert_ids([there], destination_format=EWS_ID)
        assert back.id == saved.id, (form, there, back)
    (wrong,) = account.protocol.convert_ids([AlternateId(id="DUMMY", format=EWS_ID, mailbox=OWNER)], destination_format=HEX_ENTRY_ID)
    assert isinstance(wrong, Exception)


def check_an_unknown_mailbox():
    config = account.protocol.config
    stranger = Account(primary_smtp_address=f"nobody@{DOMAIN}", config=config, access_type="impersonation" if IS_IMPERSONATING else "delegate")
    with refused(ErrorNonExistentMailbox):
        list(stranger.calendar.all())
