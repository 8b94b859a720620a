/**
 * Requests of the notification stream, and the autodiscover request.
 */
import type { Facade } from './facade.ts';
import { type WireRequest, wireRequest } from './request.ts';

export function subscribe(facade: Facade, mailbox: string, folderId: string): WireRequest {
  return facade.build('Subscribe', mailbox, (library, service) => {
    const request = new library.SubscribeToStreamingNotificationsRequest(service);
    request.FolderIds.Add(new library.FolderId(folderId));
    const { Created, Deleted, Modified, Moved, Copied, FreeBusyChanged } = library.EventType;
    request.EventTypes = [Created, Deleted, Modified, Moved, Copied, FreeBusyChanged];
    return request;
  });
}

export function unsubscribe(facade: Facade, mailbox: string, subscriptionId: string): WireRequest {
  return facade.build('Unsubscribe', mailbox, (library, service) => {
    const request = new library.UnsubscribeRequest(service);
    request.SubscriptionId = subscriptionId;
    return request;
  });
}

export function getStreamingEvents(
  facade: Facade,
  anchor: string,
  subscriptionIds: readonly string[],
  minutes: number,
): WireRequest {
  return facade.build('GetStreamingEvents', anchor, (library, service) => {
    return new library.GetStreamingEventsRequest(service, null, subscriptionIds, minutes);
  });
}

export function getUserSettings(facade: Facade, url: string, addresses: readonly string[]): WireRequest {
  const { library } = facade;
  try {
    const target = new library.Uri(url);
    const service = new library.AutodiscoverService(...([target, library.ExchangeVersion.Exchange2016] as never[]));
    service.Credentials = null;
    const request = new library.GetUserSettingsRequest(service, target);
    request.SmtpAddresses = addresses;
    const names = library.UserSettingName;
    request.Settings = [
      names.InternalEwsUrl,
      names.ExternalEwsUrl,
      names.GroupingInformation,
      names.UserDisplayName,
      names.AutoDiscoverSMTPAddress,
    ];
    request.Validate();
    const writer = new library.EwsServiceXmlWriter(service);
    request.WriteSoapRequest(target, writer);
    return wireRequest('GetUserSettings', writer.GetXML());
  } catch (error) {
    throw facade.asError(error, 'GetUserSettings', addresses[0]);
  }
}
