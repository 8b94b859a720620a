/**
 * The folders every mailbox is born with, their distinguished names (EWS DistinguishedFolderIdNameType) and English titles.
 */
export type FolderKind = 'Folder' | 'CalendarFolder' | 'ContactsFolder' | 'TasksFolder' | 'SearchFolder';

export interface FolderSeed {
  readonly number: number;
  readonly parent: number;
  readonly distinguished: string;
  readonly name: string;
  readonly folderClass: string;
  readonly kind: FolderKind;
}

const seed = (
  number: number,
  parent: number,
  distinguished: string,
  name: string,
  folderClass = 'IPF.Note',
  kind: FolderKind = 'Folder',
): FolderSeed => ({ number, parent, distinguished, name, folderClass, kind });

export const ROOT = 1;
export const MESSAGE_ROOT = 2;
export const CALENDAR = 3;
export const INBOX = 4;
export const DRAFTS = 5;
export const SENT_ITEMS = 6;
export const DELETED_ITEMS = 7;
export const RECOVERABLE_DELETIONS = 15;
/** Folders that users make are numbered from here. */
export const FIRST_USER_FOLDER = 100;

export const STANDARD_FOLDERS: readonly FolderSeed[] = [
  seed(ROOT, 0, 'root', '', ''),
  seed(MESSAGE_ROOT, ROOT, 'msgfolderroot', 'Top of Information Store'),
  seed(CALENDAR, MESSAGE_ROOT, 'calendar', 'Calendar', 'IPF.Appointment', 'CalendarFolder'),
  seed(INBOX, MESSAGE_ROOT, 'inbox', 'Inbox'),
  seed(DRAFTS, MESSAGE_ROOT, 'drafts', 'Drafts'),
  seed(SENT_ITEMS, MESSAGE_ROOT, 'sentitems', 'Sent Items'),
  seed(DELETED_ITEMS, MESSAGE_ROOT, 'deleteditems', 'Deleted Items'),
  seed(8, MESSAGE_ROOT, 'outbox', 'Outbox'),
  seed(9, MESSAGE_ROOT, 'junkemail', 'Junk Email'),
  seed(10, MESSAGE_ROOT, 'contacts', 'Contacts', 'IPF.Contact', 'ContactsFolder'),
  seed(11, MESSAGE_ROOT, 'tasks', 'Tasks', 'IPF.Task', 'TasksFolder'),
  seed(12, MESSAGE_ROOT, 'notes', 'Notes', 'IPF.StickyNote'),
  seed(13, MESSAGE_ROOT, 'journal', 'Journal', 'IPF.Journal'),
  seed(14, ROOT, 'recoverableitemsroot', 'Recoverable Items', ''),
  seed(RECOVERABLE_DELETIONS, 14, 'recoverableitemsdeletions', 'Deletions', ''),
  seed(16, 14, 'recoverableitemspurges', 'Purges', ''),
  seed(17, 14, 'recoverableitemsversions', 'Versions', ''),
  seed(18, ROOT, 'searchfolders', 'Finder', 'IPF.Note'),
  seed(19, ROOT, 'favorites', 'Favorites', 'IPF.Note'),
  seed(20, ROOT, 'directory', 'Directory', ''),
  seed(21, MESSAGE_ROOT, 'conversationhistory', 'Conversation History'),
  seed(22, 10, 'recipientcache', 'Recipient Cache', 'IPF.Contact.RecipientCache', 'ContactsFolder'),
  seed(23, 10, 'quickcontacts', 'Skype for Business Contacts', 'IPF.Contact.MOC.QuickContacts', 'ContactsFolder'),
  seed(
    24,
    10,
    'imcontactlist',
    '{A9E2BC46-B3A0-4243-B315-60D991004455}',
    'IPF.Contact.MOC.ImContactList',
    'ContactsFolder',
  ),
  seed(25, MESSAGE_ROOT, 'syncissues', 'Sync Issues'),
  seed(26, 25, 'conflicts', 'Conflicts'),
  seed(27, 25, 'localfailures', 'Local Failures'),
  seed(28, 25, 'serverfailures', 'Server Failures'),
  seed(29, 18, 'mycontacts', 'My Contacts', 'IPF.Contact', 'SearchFolder'),
  seed(30, ROOT, 'todosearch', 'To-Do Search', 'IPF.Task', 'SearchFolder'),
];
