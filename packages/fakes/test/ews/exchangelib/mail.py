"""Messages: drafts, sending, answering, forwarding, reading, junk, deleting, MIME, export and upload."""

import email
import email.policy

from exchangelib import HTMLBody, Mailbox, Message
from exchangelib.errors import ErrorItemNotFound, TransportError
from support import OTHER, OWNER, THIRD, account, missing, other, refused, third


def letter(subject, **kwargs):
    fields = dict(account=account, folder=account.drafts, subject=subject, body="Text of the letter", to_recipients=[Mailbox(email_address=OTHER)])
    return Message(**{**fields, **kwargs})


def check_drafts_are_kept_changed_and_sent():
    draft = letter("Draft").save()
    read = account.drafts.get(id=draft.id)
    assert read.is_draft and read.subject == "Draft" and read.to_recipients[0].email_address == OTHER
    read.subject = "Finished"
    read.cc_recipients = [Mailbox(email_address=THIRD)]
    read.save(update_fields=["subject", "cc_recipients"])
    account.drafts.get(id=draft.id).send()
    assert account.drafts.all().count() == 0
    received = other.inbox.get(subject="Finished")
    assert received.is_draft is False and received.is_read is False and received.sender.email_address == OWNER
    assert received.author.email_address == OWNER and received.cc_recipients[0].email_address == THIRD
    assert received.display_to and received.display_cc, (received.display_to, received.display_cc)
    assert third.inbox.get(subject="Finished").to_recipients[0].email_address == OTHER
    sent = account.sent.get(subject="Finished")
    assert sent.is_draft is False and sent.datetime_sent and sent.message_id == received.message_id, (sent.message_id, received.message_id)
    assert sent.conversation_topic == "Finished" and sent.conversation_index is not None


def check_sending_without_a_copy():
    letter("No copy", folder=None).send(save_copy=False)
    assert account.sent.filter(subject="No copy").count() == 0 and other.inbox.get(subject="No copy")
    letter("With copy", folder=None).send()
    assert other.inbox.get(subject="With copy")
    letter("Hidden", folder=account.sent, bcc_recipients=[Mailbox(email_address=THIRD)]).send_and_save()
    assert third.inbox.get(subject="Hidden").bcc_recipients is None and account.sent.filter(subject="Hidden").count() == 1
    account.bulk_create(folder=account.sent, items=[letter("In bulk")], message_disposition="SendAndSaveCopy")
    assert other.inbox.get(subject="In bulk")


def check_replies_and_forwards():
    letter("Question", folder=account.sent, body=HTMLBody("<html><body>Why?</body></html>"), cc_recipients=[Mailbox(email_address=THIRD)]).send_and_save()
    received = other.inbox.get(subject="Question")
    received.reply(subject="RE: Question", body="Because.")
    answer = account.inbox.get(subject="RE: Question")
    assert "Because." in answer.body and "Why?" in answer.body and answer.sender.email_address == OTHER, answer.body
    assert [entry.email_address for entry in answer.to_recipients] == [OWNER]
    assert answer.conversation_id == account.sent.get(subject="Question").conversation_id, "an answer stays in its conversation"
    assert answer.in_reply_to == received.message_id, (answer.in_reply_to, received.message_id)
    received.reply_all(subject="RE: Question", body="To all.")
    everybody = third.inbox.get(subject="RE: Question")
    assert {entry.email_address for entry in [*(everybody.to_recipients or []), *(everybody.cc_recipients or [])]} == {OWNER, OTHER, THIRD}, "the client names them itself"
    received.forward(subject="FW: Question", body="Look", to_recipients=[THIRD])
    assert "Why?" in third.inbox.get(subject="FW: Question").body
    draft = received.create_reply(subject="RE: later", body="Later.").save(other.drafts)
    assert other.drafts.get(subject="RE: later").is_draft and draft.id


def check_reading_and_flags():
    letter("Unread").send()
    other.inbox.refresh()
    assert other.inbox.unread_count == 1, other.inbox.unread_count
    received = other.inbox.get(subject="Unread")
    received.is_read = True
    received.importance = "High"
    received.save(update_fields=["is_read", "importance"])
    other.inbox.refresh()
    assert other.inbox.unread_count == 0 and [entry.subject for entry in other.inbox.filter(is_read=True)] == ["Unread"]
    assert other.inbox.filter(is_read=False).count() == 0


def check_deleting_and_recovering():
    letter("Rubbish").send()
    received = other.inbox.get(subject="Rubbish")
    received.move_to_trash()
    assert other.inbox.all().count() == 0
    trashed = other.trash.get(subject="Rubbish")
    trashed.soft_delete()
    assert other.trash.filter(subject="Rubbish").count() == 0
    deleted = other.recoverable_items_deletions.filter(subject="Rubbish")
    assert deleted.count() == 1
    deleted[0].move(other.inbox)
    other.inbox.get(subject="Rubbish").delete()
    assert other.inbox.all().count() == 0


def check_junk():
    letter("Spam").send()
    received = other.inbox.get(subject="Spam")
    other.bulk_mark_as_junk([received], is_junk=True, move_item=True)
    assert other.inbox.filter(subject="Spam").count() == 0 and other.junk.filter(subject="Spam").count() == 1
    other.bulk_mark_as_junk(other.junk.filter(subject="Spam").only("id", "changekey"), is_junk=False, move_item=True)
    assert other.inbox.filter(subject="Spam").count() == 1


def check_archive_without_an_archive():
    draft = letter("To the archive").save()
    with refused(TransportError) as refusal:
        account.bulk_archive(ids=[draft], to_folder=account.trash)
    assert "ErrorArchiveMailboxNotEnabled" in str(refusal.error), "a code of the schema that exchangelib does not know"


def check_mime_in_and_out():
    mime = b"From: Anna <anna@example.test>\r\nTo: user1@example.test\r\nSubject: =?utf-8?b?0J/QuNGB0YzQvNC+?=\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xd0\xa2\xd0\xb5\xd0\xba\xd1\x81\xd1\x82\r\n"
    saved = Message(account=account, folder=account.inbox, mime_content=mime).save()
    read = account.inbox.get(id=saved.id)
    assert read.subject == "Письмо", read.subject
    assert read.body.strip() == "Текст", read.body
    assert read.sender.email_address == "anna@example.test" and read.to_recipients[0].email_address == OWNER, (read.sender, read.to_recipients)
    out = letter("Ответ: да", body=HTMLBody("<p>Ja</p>")).save()
    (with_mime,) = account.fetch([out], only_fields=["mime_content"])
    parsed = email.message_from_bytes(with_mime.mime_content, policy=email.policy.default)
    assert parsed["Subject"] == "Ответ: да" and OTHER in parsed["To"] and "<p>Ja</p>" in parsed.get_content(), parsed


def check_export_and_upload():
    draft = letter("Exported", categories=["kept"]).save()
    exported = account.export([draft])
    assert isinstance(exported[0], str) and len(exported[0]) > 20, exported
    ids = account.upload([(account.drafts, exported[0])])
    assert ids[0] is not None and account.drafts.filter(subject="Exported").count() == 2, ids
    gone = draft.id
    draft.delete()
    assert isinstance(account.export([(gone, None)])[0], ErrorItemNotFound) and isinstance(missing(gone), ErrorItemNotFound)
