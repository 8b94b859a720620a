"""How a client learns of changes: synchronising items and folders, pulling, streaming, and being called back."""

import queue
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from exchangelib.errors import ErrorInvalidSubscription, ErrorInvalidSyncStateData, ErrorSubscriptionNotFound
from exchangelib.folders import Calendar
from exchangelib.services import GetStreamingEvents, SendNotification
from support import account, at, item, other, refused


def check_items_are_synchronised_in_steps():
    folder = account.calendar
    folder.item_sync_state = None
    made = account.calendar.bulk_create([item(f"Sync {index}", day=1 + index % 28) for index in range(25)])
    assert len(list(folder.sync_items(max_changes_returned=10))) == 25
    state = folder.item_sync_state
    assert list(folder.sync_items()) == []
    changed = account.calendar.get(id=made[0].id)
    changed.subject = "Changed"
    changed.save(update_fields=["subject"])
    account.calendar.get(id=made[1].id).delete()
    account.calendar.get(id=made[2].id).move_to_trash()
    new = item("New").save()
    kinds = sorted((kind, entry.id if hasattr(entry, "id") else entry) for kind, entry in folder.sync_items(only_fields=["subject", "start"]))
    assert kinds == sorted([("update", made[0].id), ("delete", made[1].id), ("delete", made[2].id), ("create", new.id)]), kinds
    again = list(folder.sync_items(sync_state=state, ignore=[(new.id, None)]))
    assert new.id not in [entry.id for kind, entry in again if kind == "create"]
    assert len(again) == 3, again
    for wrong in ("nonsense", "H4sI", state[:-8]):
        with refused(ErrorInvalidSyncStateData):
            list(folder.sync_items(sync_state=wrong))
    folder.item_sync_state = None


def check_folders_are_synchronised():
    root = account.msg_folder_root
    list(root.sync_hierarchy())
    assert list(root.sync_hierarchy()) == []
    made = Calendar(parent=account.calendar, name="Sync me").save()
    assert [(kind, entry.id) for kind, entry in root.sync_hierarchy() if kind == "create"] == [("create", made.id)]
    made.name = "Renamed"
    made.save(update_fields=["name"])
    assert ("update", made.id) in [(kind, entry.id) for kind, entry in root.sync_hierarchy()]
    gone = made.id
    made.delete()
    assert ("delete", gone) in [(kind, entry.id) for kind, entry in root.sync_hierarchy()]
    account.root.clear_cache()


def kinds_of(notifications):
    return [type(event).__name__ for notification in notifications for event in notification.events]


def check_changes_are_pulled():
    with account.calendar.pull_subscription(timeout=10) as (subscription, watermark):
        assert kinds_of(account.calendar.get_events(subscription, watermark)) == ["StatusEvent"]
        saved = item("Pulled").save()
        notifications = list(account.calendar.get_events(subscription, watermark))
        assert "CreatedEvent" in kinds_of(notifications), kinds_of(notifications)
        last = notifications[-1].events[-1].watermark
        assert "CreatedEvent" not in kinds_of(account.calendar.get_events(subscription, last))
        saved.subject = "Changed"
        saved.save(update_fields=["subject"])
        saved.move_to_trash()
        kinds = kinds_of(account.calendar.get_events(subscription, last))
        assert "ModifiedEvent" in kinds and ("MovedEvent" in kinds or "DeletedEvent" in kinds), kinds
    with refused(ErrorSubscriptionNotFound, ErrorInvalidSubscription):
        list(account.calendar.get_events(subscription, watermark))


def check_several_folders_are_streamed_on_one_connection():
    from exchangelib.folders import FolderCollection

    folders = FolderCollection(account=account, folders=[account.calendar, account.inbox])
    with folders.streaming_subscription() as subscription:
        seen = queue.Queue()

        def listen():
            for notification in account.inbox.get_streaming_events(subscription, connection_timeout=1, max_notifications_returned=2):
                for event in notification.events:
                    seen.put(event)

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        saved = item("Streamed").save()
        first = seen.get(timeout=30)
        assert first.item_id.id == saved.id and first.parent_folder_id.id == account.calendar.id
        other_mail = item("A meeting", folder=other.calendar, account=other, required_attendees=[account.primary_smtp_address])
        other_mail.save(send_meeting_invitations="SendToAllAndSaveCopy")
        thread.join(timeout=30)
        assert not thread.is_alive()
    with refused(ErrorInvalidSubscription) as refusal:
        list(account.inbox.get_streaming_events("no-such-subscription", connection_timeout=1))
    assert refusal.error.value.startswith("Subscription is invalid."), refusal.error.value


class Listener:
    """A client's own web server that Exchange calls back."""

    def __init__(self, verdict="OK"):
        received = self.received = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.put(list(SendNotification(protocol=None).parse(body)))
                self.send_response(200)
                answer = SendNotification(protocol=None).ok_payload() if verdict == "OK" else SendNotification(protocol=None).unsubscribe_payload()
                self.send_header("Content-Type", "text/xml; charset=utf-8")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/callback"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next_kinds(self):
        return kinds_of(self.received.get(timeout=30))

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def check_the_client_is_called_back():
    listener = Listener()
    try:
        account.calendar.subscribe_to_push(listener.url, status_frequency=1)
        assert listener.next_kinds() == ["StatusEvent"], "the first call only asks whether somebody is there"
        item("Pushed").save()
        kinds = listener.next_kinds()
        assert "CreatedEvent" in kinds, kinds
    finally:
        listener.close()
    leaver = Listener(verdict="Unsubscribe")
    try:
        account.calendar.subscribe_to_push(leaver.url, status_frequency=1)
        assert leaver.next_kinds() == ["StatusEvent"]
        item("Not pushed").save()
        with refused(queue.Empty):
            leaver.received.get(timeout=1)
    finally:
        leaver.close()
