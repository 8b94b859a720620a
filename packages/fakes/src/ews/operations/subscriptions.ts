/** Subscribe, Unsubscribe, GetEvents (Microsoft reference pages; facts "Notifications"). */
import type { Mailbox } from '../../world/mailbox.ts';
import type { StoreEventKind } from '../../world/store-events.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import type { RequestContext } from '../request-context.ts';
import { writeNotification } from '../streaming/event-writer.ts';
import { PushSender } from '../streaming/push-sender.ts';
import { EVENT_NAMES, type Subscription } from '../streaming/subscription.ts';
import { findFolder } from '../targets.ts';
import { isTrue } from '../wire/booleans.ts';
import { EwsError } from '../wire/ews-error.ts';
import { answerOnce, type MessageBody } from '../wire/response-messages.ts';

const KINDS = new Map(Object.entries(EVENT_NAMES).map(([kind, name]) => [name, kind as StoreEventKind]));
const DEFAULT_MAX_SUBSCRIPTIONS = 5000;
/** a streaming subscription nobody reads lives this long */
const STREAMING_LIFETIME_MS = 30 * 60_000;
const EVENTS_PER_PULL = 50;

export function subscribe(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerOnce(context, out, () => open(context, request));
}

function open(context: RequestContext, request: XmlElement): MessageBody {
  const [form] = request.children;
  if (form === undefined) throw new EwsError('ErrorInvalidRequest', 'The request is invalid.');
  const kind =
    form.name === 'StreamingSubscriptionRequest'
      ? 'streaming'
      : form.name === 'PullSubscriptionRequest'
        ? 'pull'
        : 'push';
  const url = kind === 'push' ? readUrl(form) : undefined;
  const { box, folders } = watched(context, form);
  const limit = context.budgets.maxSubscriptions ?? DEFAULT_MAX_SUBSCRIPTIONS;
  if (context.subscriptions.countOf(box) >= limit) {
    throw new EwsError(
      'ErrorExceededSubscriptionCount',
      'You have exceeded the available subscriptions for your account. Remove unnecessary subscriptions and try your request again.',
      {
        values: { Policy: 'EwsMaxSubscriptions', MaxConcurrencyLimit: String(limit) },
      },
    );
  }
  const watermark = form.childText('Watermark');
  if (watermark !== undefined && readWatermark(watermark) === undefined) throw invalidWatermark();
  const subscription = context.subscriptions.open({
    kind,
    box,
    folders,
    events: new Set(
      (form.child('EventTypes')?.all('EventType') ?? []).flatMap((type) => KINDS.get(type.text.trim()) ?? []),
    ),
    backEnd: context.backEnd,
    owner: context.caller.login.toLowerCase(),
    lifetimeMs: kind === 'pull' ? Number(form.childText('Timeout') ?? 30) * 60_000 : lifetimeOf(kind, form),
  });
  const watermarkNow = subscription.watermark;
  if (url !== undefined) startPush(context, subscription, url, statusMsOf(form));
  return (message) => {
    message.element('m:SubscriptionId', subscription.id);
    if (kind !== 'streaming') message.element('m:Watermark', watermarkText(subscription, watermarkNow));
  };
}

/** A push subscription lives while its client answers within two status calls. */
function lifetimeOf(kind: Subscription['kind'], form: XmlElement): number {
  return kind === 'push' ? 3 * statusMsOf(form) : STREAMING_LIFETIME_MS;
}

function readUrl(form: XmlElement): string {
  const url = form.childText('URL')?.trim() ?? '';
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new EwsError('ErrorInvalidPushSubscriptionUrl', 'The push subscription URL is invalid.');
  return url;
}

const DEFAULT_STATUS_MINUTES = 30;

function statusMsOf(form: XmlElement): number {
  return Number(form.childText('StatusFrequency') ?? DEFAULT_STATUS_MINUTES) * 60_000;
}

function startPush(context: RequestContext, subscription: Subscription, url: string, statusMs: number): void {
  new PushSender({
    subscription,
    url,
    statusMs,
    clock: context.world.clock,
    ids: context.world.ids,
    watermark: (watermark) => watermarkText(subscription, watermark),
    giveUp: () => void context.subscriptions.close(subscription.id),
  }).start();
}

function watched(
  context: RequestContext,
  form: XmlElement,
): { readonly box: Mailbox; readonly folders: ReadonlySet<number> | undefined } {
  const ids = form.child('FolderIds')?.children ?? [];
  if (isTrue(form.attribute('SubscribeToAllFolders'))) {
    if (ids.length > 0)
      throw new EwsError(
        'ErrorInvalidSubscriptionRequest',
        'Folders are named although all folders are subscribed to.',
      );
    return { box: context.ownMailbox(), folders: undefined };
  }
  const targets = ids.map((id) => findFolder(context, id));
  const [first] = targets;
  if (first === undefined) throw new EwsError('ErrorInvalidSubscriptionRequest', 'No folder is named.');
  if (targets.some((target) => target.box !== first.box)) {
    throw new EwsError('ErrorInvalidSubscriptionRequest', 'All folders of a subscription must be in the same mailbox.');
  }
  if (first.box !== context.caller.mailbox) {
    throw new EwsError(
      'ErrorSubscriptionDelegateAccessNotSupported',
      'Subscriptions are not supported for delegate user access.',
    );
  }
  return { box: first.box, folders: new Set(targets.map((target) => target.folder.number)) };
}

export function unsubscribe(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerOnce(context, out, () => {
    const subscription = usable(context, request.childText('SubscriptionId') ?? '');
    // A push subscription ends by the answer of whoever is called back, never by this call.
    if (subscription.kind === 'push') throw invalidSubscription();
    context.subscriptions.close(subscription.id);
    return () => undefined;
  });
}

/** A subscription this caller may use here. Throws the error real servers answer. */
export function usable(context: RequestContext, id: string): Subscription {
  if (context.takeFault(['subscriptionNotFound']) !== undefined) {
    context.subscriptions.close(id);
    throw notFound();
  }
  if (!context.subscriptions.isReadable(id)) throw invalidSubscription();
  const subscription = context.subscriptions.find(id);
  if (subscription === undefined) throw notFound();
  if (subscription.backEnd !== context.backEnd) {
    throw new EwsError(
      'ErrorProxyRequestNotAllowed',
      'The request could not be proxied to the mailbox server that holds the subscription.',
    );
  }
  // The account that logged in owns it: a group's stream is opened as the anchor mailbox, with everybody's ids.
  if (subscription.owner !== context.caller.login.toLowerCase())
    throw new EwsError('ErrorSubscriptionAccessDenied', 'Access denied to the subscription.');
  return subscription;
}

/** What is no subscription, or not one for this call. */
export function invalidSubscription(): EwsError {
  return new EwsError('ErrorInvalidSubscription', 'Subscription is invalid.');
}

function notFound(): EwsError {
  return new EwsError('ErrorSubscriptionNotFound', 'The specified subscription was not found.');
}

export function getEvents(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  answerOnce(context, out, () => {
    const subscription = usable(context, request.childText('SubscriptionId') ?? '');
    if (subscription.kind !== 'pull')
      throw new EwsError('ErrorInvalidPullSubscriptionId', 'The subscription is not a pull subscription.');
    const previous = request.childText('Watermark') ?? '';
    const mark = readWatermark(previous);
    if (context.takeFault(['missedEvents']) !== undefined) {
      context.subscriptions.close(subscription.id);
      throw new EwsError('ErrorMissedNotificationEvents', 'Notification events were missed.');
    }
    if (mark === undefined || context.takeFault(['invalidWatermark']) !== undefined) throw invalidWatermark();
    const events = subscription.after(mark, EVENTS_PER_PULL + 1);
    if (events === undefined) throw invalidWatermark();
    subscription.touch(context.now());
    const page = events.slice(0, EVENTS_PER_PULL);
    const options = {
      ids: context.world.ids,
      box: subscription.box,
      subscriptionId: subscription.id,
      watermarks: {
        previous,
        more: events.length > EVENTS_PER_PULL,
        text: (watermark: number) => watermarkText(subscription, watermark),
      },
    };
    return (message) => writeNotification(message, 'm:Notification', options, page, subscription.watermark);
  });
}

function invalidWatermark(): EwsError {
  return new EwsError('ErrorInvalidWatermark', 'The watermark used for creating this subscription was not found.');
}

function watermarkText(subscription: Subscription, watermark: number): string {
  const raw = Buffer.alloc(28);
  raw.write(subscription.id.slice(-16), 0, 'latin1');
  raw.writeUIntBE(watermark, 22, 6);
  return raw.toString('base64');
}

function readWatermark(text: string): number | undefined {
  const raw = Buffer.from(text.trim(), 'base64');
  return raw.length === 28 ? raw.readUIntBE(22, 6) : undefined;
}
