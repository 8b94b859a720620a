"""Contacts, groups and tasks: made, found, read, changed, deleted."""

from decimal import Decimal

from exchangelib import Contact, DistributionList, EWSDate, Task
from exchangelib.indexed_properties import EmailAddress, PhoneNumber, PhysicalAddress
from exchangelib.items import PostItem
from exchangelib.properties import Member, Mailbox
from exchangelib.recurrence import DailyPattern
from support import OTHER, account


def check_contacts():
    saved = Contact(
        account=account,
        folder=account.contacts,
        given_name="Анна",
        surname="Petrova",
        display_name="Анна Petrova",
        company_name="Example & Co",
        job_title="Engineer",
        birthday=EWSDate(1990, 10, 1),
        email_addresses=[EmailAddress(label="EmailAddress1", email="anna@example.test")],
        phone_numbers=[PhoneNumber(label="MobilePhone", phone_number="+7 900 000-00-00"), PhoneNumber(label="BusinessPhone", phone_number="1")],
        physical_addresses=[PhysicalAddress(label="Business", street="Street 1", city="Moscow", country="Russia", zipcode="101000")],
        categories=["People"],
    ).save()
    read = account.contacts.get(id=saved.id)
    assert (read.given_name, read.surname, read.company_name) == ("Анна", "Petrova", "Example & Co")
    assert [entry.email for entry in read.email_addresses] == ["anna@example.test"]
    assert {entry.label: entry.phone_number for entry in read.phone_numbers}["MobilePhone"] == "+7 900 000-00-00"
    assert read.physical_addresses[0].city == "Moscow" and read.birthday.year == 1990 and read.file_as, (read.physical_addresses, read.birthday, read.file_as)
    assert [entry.display_name for entry in account.contacts.filter(surname="Petrova")] == ["Анна Petrova"]
    assert [entry.display_name for entry in account.contacts.all().order_by("display_name").only("display_name")] == ["Анна Petrova"]
    read.job_title = "Director"
    read.phone_numbers = [PhoneNumber(label="MobilePhone", phone_number="2")]
    read.save(update_fields=["job_title", "phone_numbers"])
    read = account.contacts.get(id=saved.id)
    phones = {entry.label: entry.phone_number for entry in read.phone_numbers if entry.phone_number}
    assert read.job_title == "Director" and phones == {"MobilePhone": "2"}, phones
    read.company_name = None
    read.save(update_fields=["company_name"])
    assert account.contacts.get(id=saved.id).company_name is None
    read.delete()
    assert account.contacts.all().count() == 0


def check_groups_of_contacts():
    saved = DistributionList(
        account=account,
        folder=account.contacts,
        display_name="Team",
        members=[Member(mailbox=Mailbox(name="User 2", email_address=OTHER, mailbox_type="Mailbox", routing_type="SMTP"))],
    ).save()
    read = account.contacts.get(id=saved.id)
    assert read.display_name == "Team" and [entry.mailbox.email_address for entry in read.members] == [OTHER], read.members
    read.delete()


def check_tasks():
    saved = Task(account=account, folder=account.tasks, subject="Work", start_date=EWSDate(2026, 10, 1), due_date=EWSDate(2026, 10, 5), body="To do", percent_complete=Decimal(10), status="InProgress", importance="High").save()
    read = account.tasks.get(id=saved.id)
    assert read.subject == "Work" and read.due_date == EWSDate(2026, 10, 5) and read.percent_complete == 10, (read.due_date, read.percent_complete)
    assert read.is_complete is False, read.is_complete
    read.status = "InProgress"
    read.percent_complete = Decimal(50)
    read.save(update_fields=["status", "percent_complete"])
    assert account.tasks.get(id=saved.id).percent_complete == 50
    read = account.tasks.get(id=saved.id)
    read.complete()
    read = account.tasks.get(id=saved.id)
    assert read.status == "Completed" and read.percent_complete == 100 and read.is_complete is True, (read.status, read.percent_complete, read.is_complete)
    assert read.complete_date is not None
    assert account.tasks.filter(importance="High").count() == 1
    assert account.tasks.filter(due_date__lt=EWSDate(2026, 11, 1)).count() == 1
    read.delete()
    assert account.tasks.all().count() == 0


def check_recurring_tasks():
    from exchangelib.recurrence import TaskRecurrence

    saved = Task(account=account, folder=account.tasks, subject="Again", start_date=EWSDate(2026, 10, 1), due_date=EWSDate(2026, 10, 1), recurrence=TaskRecurrence(pattern=DailyPattern(interval=2), start=EWSDate(2026, 10, 1), number=3)).save()
    read = account.tasks.get(id=saved.id)
    assert read.recurrence.pattern == DailyPattern(interval=2) and read.recurrence.boundary.number == 3, read.recurrence
    read.delete()


def check_posts_and_notes():
    saved = PostItem(account=account, folder=account.inbox, subject="Post", body="Text").save()
    read = account.inbox.get(id=saved.id)
    assert read.subject == "Post" and read.item_class == "IPM.Post"
    read.delete()
