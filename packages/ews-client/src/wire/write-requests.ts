/**
 * Requests that write: create, update, delete, respond, cancel. Every one says explicitly who gets mail.
 */
import type { MailPolicy } from '@calendar-connector/sync-core';
import type { Facade } from './facade.ts';
import { changedItem, newItem, responseItem, type WireItem, type WireItemId } from './item-writers.ts';
import type { WireRequest } from './request.ts';

export function createItem(
  facade: Facade,
  mailbox: string,
  folderId: string,
  item: WireItem,
  mail: MailPolicy,
): WireRequest {
  return facade.build('CreateItem', mailbox, (library, service) => {
    const request = new library.CreateItemRequest(service, library.ServiceErrorHandling.ReturnErrors);
    request.ParentFolderId = new library.FolderId(folderId);
    request.Items = [newItem(item)];
    const modes = library.SendInvitationsMode;
    request.SendInvitationsMode = mail === 'none' ? modes.SendToNone : modes.SendToAllAndSaveCopy;
    return request;
  });
}

/** Without a change key the write overwrites whatever is there; with one, a real conflict is refused. */
export function updateItem(
  facade: Facade,
  mailbox: string,
  id: WireItemId,
  item: WireItem,
  mail: MailPolicy,
): WireRequest {
  return facade.build('UpdateItem', mailbox, (library, service) => {
    const request = new library.UpdateItemRequest(service, library.ServiceErrorHandling.ReturnErrors);
    request.Items.push(changedItem(id, item));
    const resolution = library.ConflictResolutionMode;
    request.ConflictResolutionMode = id.changeKey === undefined ? resolution.AlwaysOverwrite : resolution.AutoResolve;
    request.MessageDisposition = library.MessageDisposition.SaveOnly;
    const modes = library.SendInvitationsOrCancellationsMode;
    const chosen = { none: modes.SendToNone, changed: modes.SendToChangedAndSaveCopy, all: modes.SendToAllAndSaveCopy };
    request.SendInvitationsOrCancellationsMode = chosen[mail];
    return request;
  });
}

export function deleteItem(facade: Facade, mailbox: string, id: string, mail: MailPolicy): WireRequest {
  return facade.build('DeleteItem', mailbox, (library, service) => {
    const request = new library.DeleteItemRequest(service, library.ServiceErrorHandling.ReturnErrors);
    request.ItemIds.Add(new library.ItemId(id));
    request.DeleteMode = library.DeleteMode.MoveToDeletedItems;
    const modes = library.SendCancellationsMode;
    request.SendCancellationsMode = mail === 'none' ? modes.SendToNone : modes.SendToAllAndSaveCopy;
    return request;
  });
}

export type ResponseName = 'AcceptItem' | 'TentativelyAcceptItem' | 'DeclineItem' | 'CancelCalendarItem';

/** Answers an invitation, or cancels a meeting for everybody; the others read the comment. */
export function respondToItem(
  facade: Facade,
  mailbox: string,
  name: ResponseName,
  id: WireItemId,
  comment?: string,
): WireRequest {
  return facade.build('CreateItem', mailbox, (library, service) => {
    const request = new library.CreateResponseObjectRequest(service, library.ServiceErrorHandling.ReturnErrors);
    request.Items = [Object.assign(responseItem(name, id, comment), { GetIsTimeZoneHeaderRequired: () => true })];
    request.MessageDisposition = library.MessageDisposition.SendAndSaveCopy;
    return request;
  });
}
