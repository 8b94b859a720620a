/** Which function answers which operation. GetStreamingEvents is not here: it owns its connection. */
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import type { RequestContext } from '../request-context.ts';
import { getUserOofSettings, setUserOofSettings } from './absences.ts';
import { getInboxRules, getPasswordExpirationDate, getUserRetentionPolicyTags } from './account-settings.ts';
import { createAttachment, deleteAttachment, getAttachment } from './attachments.ts';
import { findConversations, getConversationItems } from './conversations.ts';
import { convertId } from './convert-id.ts';
import { createItem } from './create-item.ts';
import { addDelegate, getDelegate, removeDelegate, updateDelegate } from './delegates.ts';
import { copyItem, deleteItem, moveItem, sendItem } from './delete-item.ts';
import { expandDl, getRoomLists, getRooms, resolveNames } from './directory-lookups.ts';
import { findItems } from './find-item.ts';
import {
  copyFolder,
  createFolder,
  createFolderPath,
  deleteFolder,
  emptyFolder,
  findFolders,
  getFolder,
  moveFolder,
  updateFolder,
} from './folders.ts';
import { getItem } from './get-item.ts';
import { archiveItem, markAsJunk } from './junk-and-archive.ts';
import { getMailTips } from './mail-tips.ts';
import { findPeople, getPersona } from './people.ts';
import { getReminders, getServiceConfiguration, markAllItemsAsRead, performReminderAction } from './reminders.ts';
import { getServerTimeZones } from './server-time-zones.ts';
import { getEvents, subscribe, unsubscribe } from './subscriptions.ts';
import { syncFolderHierarchy } from './sync-folder-hierarchy.ts';
import { syncFolderItems } from './sync-folder-items.ts';
import { exportItems, uploadItems } from './transfer-items.ts';
import { updateItem } from './update-item.ts';
import { getUserAvailability } from './user-availability.ts';
import {
  createUserConfiguration,
  deleteUserConfiguration,
  getUserConfiguration,
  updateUserConfiguration,
} from './user-configuration.ts';

export type Operation = (context: RequestContext, request: XmlElement, out: XmlWriter) => Promise<void> | void;

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  AddDelegate: addDelegate,
  ArchiveItem: archiveItem,
  ExportItems: exportItems,
  FindConversation: findConversations,
  FindPeople: findPeople,
  GetConversationItems: getConversationItems,
  GetInboxRules: getInboxRules,
  GetMailTips: getMailTips,
  GetPasswordExpirationDate: getPasswordExpirationDate,
  GetUserRetentionPolicyTags: getUserRetentionPolicyTags,
  GetPersona: getPersona,
  GetUserOofSettings: getUserOofSettings,
  MarkAsJunk: markAsJunk,
  SetUserOofSettings: setUserOofSettings,
  UploadItems: uploadItems,
  ConvertId: convertId,
  CreateAttachment: createAttachment,
  CreateUserConfiguration: createUserConfiguration,
  DeleteAttachment: deleteAttachment,
  DeleteUserConfiguration: deleteUserConfiguration,
  GetAttachment: getAttachment,
  GetDelegate: getDelegate,
  GetReminders: getReminders,
  GetServiceConfiguration: getServiceConfiguration,
  GetUserAvailability: getUserAvailability,
  GetUserConfiguration: getUserConfiguration,
  MarkAllItemsAsRead: markAllItemsAsRead,
  PerformReminderAction: performReminderAction,
  RemoveDelegate: removeDelegate,
  UpdateDelegate: updateDelegate,
  UpdateUserConfiguration: updateUserConfiguration,
  CopyFolder: copyFolder,
  CopyItem: copyItem,
  CreateFolder: createFolder,
  CreateFolderPath: createFolderPath,
  CreateItem: createItem,
  DeleteFolder: deleteFolder,
  DeleteItem: deleteItem,
  EmptyFolder: emptyFolder,
  ExpandDL: expandDl,
  FindFolder: findFolders,
  FindItem: findItems,
  GetEvents: getEvents,
  GetFolder: getFolder,
  GetItem: getItem,
  GetRoomLists: getRoomLists,
  GetRooms: getRooms,
  GetServerTimeZones: getServerTimeZones,
  MoveFolder: moveFolder,
  MoveItem: moveItem,
  ResolveNames: resolveNames,
  SendItem: sendItem,
  Subscribe: subscribe,
  SyncFolderHierarchy: syncFolderHierarchy,
  SyncFolderItems: syncFolderItems,
  Unsubscribe: unsubscribe,
  UpdateFolder: updateFolder,
  UpdateItem: updateItem,
};

/** Operations of auditors; nobody here has a discovery role. */
export const NEEDS_OTHER_ROLE: ReadonlySet<string> = new Set([
  'FindMailboxStatisticsByKeywords',
  'GetDiscoverySearchConfiguration',
  'GetHoldOnMailboxes',
  'GetNonIndexableItemDetails',
  'GetNonIndexableItemStatistics',
  'GetSearchableMailboxes',
  'SearchMailboxes',
  'SetHoldOnMailboxes',
]);
