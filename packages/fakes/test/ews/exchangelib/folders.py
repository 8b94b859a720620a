"""The tree of folders: walking, making, renaming, moving, emptying, deleting, and what may not be done."""

from exchangelib.errors import ErrorFolderExists, ErrorFolderNotFound, ErrorItemNotFound
from exchangelib.folders import Calendar, Contacts, Folder, Messages, Tasks
from support import account, item, refused


def check_every_folder_of_the_tree_can_be_read():
    root = account.root
    root.clear_cache()
    seen = {folder.absolute: folder for folder in root.walk()}
    top = "/root/Top of Information Store"
    for name in ("Calendar", "Contacts", "Tasks", "Notes", "Journal", "Inbox", "Drafts", "Sent Items", "Deleted Items", "Outbox", "Junk Email"):
        assert f"{top}/{name}" in seen, (name, sorted(seen))
    for folder in seen.values():
        folder.refresh()
        assert folder.total_count == len(list(folder.all().only("id"))) or folder.total_count is None, folder
    assert root.tree().startswith("root")
    assert (account.msg_folder_root / "Calendar").id == account.calendar.id
    assert [folder.id for folder in account.msg_folder_root.glob("Cal*")] == [account.calendar.id]
    assert (account.root // "Top of Information Store" // "Inbox").id == account.inbox.id


def check_distinguished_folders_have_their_classes():
    for folder, wanted in (
        (account.calendar, "IPF.Appointment"),
        (account.contacts, "IPF.Contact"),
        (account.tasks, "IPF.Task"),
        (account.notes, "IPF.StickyNote"),
        (account.journal, "IPF.Journal"),
        (account.inbox, "IPF.Note"),
    ):
        folder.refresh()
        assert folder.folder_class == wanted, (folder, folder.folder_class)
    for name in ("conversation_history", "conflicts", "sync_issues", "local_failures", "server_failures", "quick_contacts", "im_contact_list", "recipient_cache", "my_contacts", "todo_search"):
        assert getattr(account, name).id, name
    for name in ("recoverable_items_root", "recoverable_items_deletions", "recoverable_items_purges", "recoverable_items_versions", "search_folders", "favorites", "directory"):
        assert getattr(account, name).id, name
    for name in ("archive_root", "archive_inbox", "archive_deleted_items", "voice_mail", "public_folders_root"):
        with refused(ErrorFolderNotFound, ErrorItemNotFound):
            assert getattr(account, name).id


def check_folders_are_made_renamed_moved_and_deleted():
    for kind, folder_class in ((Calendar, "IPF.Appointment"), (Contacts, "IPF.Contact"), (Tasks, "IPF.Task"), (Messages, "IPF.Note")):
        folder = kind(parent=account.msg_folder_root, name=f"A {kind.__name__}").save()
        folder.refresh()
        assert folder.folder_class == folder_class, (kind, folder.folder_class)
        folder.name = f"B {kind.__name__}"
        folder.save(update_fields=["name"])
        inner = kind(parent=folder, name="inner").save()
        assert [child.id for child in folder.children] == [inner.id]
        folder.refresh()
        assert folder.child_folder_count == 1
        folder.move(account.trash)
        folder.refresh()
        assert folder.parent_folder_id.id == account.trash.id
        folder.delete()
        with refused(ErrorFolderNotFound, ErrorItemNotFound):
            inner.refresh()
    twin = Folder(parent=account.inbox, name="Twin").save()
    with refused(ErrorFolderExists):
        Folder(parent=account.inbox, name="twin").save()
    twin.delete()


def check_a_folder_is_emptied_with_and_without_its_children():
    folder = Calendar(parent=account.calendar, name="Full").save()
    inner = Calendar(parent=folder, name="Inner").save()
    item("In the folder", folder=folder).save()
    item("In the inner folder", folder=inner).save()
    assert folder.filter(subject="In the folder").count() == 1
    assert [found.subject for found in inner.all()] == ["In the inner folder"]
    folder.wipe()
    assert folder.all().count() == 0
    folder.delete()
    account.root.clear_cache()
