/** GetDelegate, AddDelegate, RemoveDelegate, UpdateDelegate (Microsoft reference pages). */
import { type Delegate, type FolderAccess, NO_ACCESS, type RequestDelivery } from '../../world/directory.ts';
import type { Mailbox } from '../../world/mailbox.ts';
import type { XmlElement } from '../../xml/xml-element.ts';
import type { XmlWriter } from '../../xml/xml-writer.ts';
import { sidOf } from '../impersonation.ts';
import type { RequestContext } from '../request-context.ts';
import { isTrue } from '../wire/booleans.ts';
import { openResponse } from '../wire/envelope.ts';
import { EwsError } from '../wire/ews-error.ts';
import { toEwsError, writeErrorFields } from '../wire/response-messages.ts';

const FOLDERS = [
  ['CalendarFolderPermissionLevel', 'calendar'],
  ['TasksFolderPermissionLevel', 'tasks'],
  ['InboxFolderPermissionLevel', 'inbox'],
  ['ContactsFolderPermissionLevel', 'contacts'],
  ['NotesFolderPermissionLevel', 'notes'],
  ['JournalFolderPermissionLevel', 'journal'],
] as const;

type Answered = { readonly delegate?: Delegate } | { readonly error: EwsError };

export function getDelegate(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  whole(context, out, () => {
    const owner = ownerOf(context, request);
    const asked = request.child('UserIds')?.all('UserId');
    const known = context.world.directory.delegatesOf(owner.address);
    const answers: Answered[] =
      asked === undefined
        ? known.map((delegate) => ({ delegate }))
        : asked.map((user) => {
            const delegate = known.find((entry) => entry.address === addressOf(context, user).toLowerCase());
            return delegate === undefined ? { error: notDelegate() } : { delegate };
          });
    const withPermissions = isTrue(request.attribute('IncludePermissions'));
    return { answers, withPermissions, delivery: context.world.directory.requestDelivery(owner.address) };
  });
}

export function addDelegate(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  change(context, request, out, (owner, user) => {
    const address = mailboxOf(context, user).address;
    if (context.world.directory.findDelegate(owner.address, address) !== undefined) {
      throw new EwsError('ErrorDelegateAlreadyExists', 'The delegate already exists.');
    }
    if (address.toLowerCase() === owner.address.toLowerCase())
      throw new EwsError('ErrorDelegateCannotAddOwner', 'The owner cannot be a delegate.');
    return readDelegate(user, { ...NO_ACCESS, address, receivesCopies: false, viewsPrivate: false });
  });
}

export function updateDelegate(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  change(context, request, out, (owner, user) => {
    const known = context.world.directory.findDelegate(owner.address, mailboxOf(context, user).address);
    if (known === undefined) throw notDelegate();
    return readDelegate(user, known);
  });
}

function change(
  context: RequestContext,
  request: XmlElement,
  out: XmlWriter,
  make: (owner: Mailbox, user: XmlElement) => Delegate,
): void {
  whole(context, out, () => {
    const owner = ownerOf(context, request);
    const answers = (request.child('DelegateUsers')?.all('DelegateUser') ?? []).map((user): Answered => {
      try {
        const delegate = make(owner, user);
        context.world.directory.setDelegate(owner.address, delegate);
        return { delegate };
      } catch (error) {
        return { error: toEwsError(error) };
      }
    });
    const delivery = request.childText('DeliverMeetingRequests')?.trim();
    if (delivery !== undefined) context.world.directory.setRequestDelivery(owner.address, delivery as RequestDelivery);
    return { answers, withPermissions: true, delivery: undefined };
  });
}

export function removeDelegate(context: RequestContext, request: XmlElement, out: XmlWriter): void {
  whole(context, out, () => {
    const owner = ownerOf(context, request);
    const answers = (request.child('UserIds')?.all('UserId') ?? []).map((user): Answered => {
      const isGone = context.world.directory.removeDelegate(owner.address, addressOf(context, user));
      return isGone ? {} : { error: notDelegate() };
    });
    return { answers, withPermissions: false, delivery: undefined };
  });
}

interface Whole {
  readonly answers: readonly Answered[];
  readonly withPermissions: boolean;
  readonly delivery: RequestDelivery | undefined;
}

/** These answers carry their class on the root element. */
function whole(context: RequestContext, out: XmlWriter, work: () => Whole): void {
  const name = `${context.operation}Response`;
  let result: Whole;
  try {
    result = work();
  } catch (error) {
    const known = toEwsError(error);
    context.noteCode(known.code);
    openResponse(out, name, { ResponseClass: 'Error' });
    writeErrorFields(out, known);
    out.close();
    return;
  }
  context.noteCode('NoError');
  openResponse(out, name, { ResponseClass: 'Success' });
  out.element('m:ResponseCode', 'NoError');
  if (result.answers.length > 0) {
    out.open('m:ResponseMessages');
    for (const answer of result.answers) writeAnswer(context, out, answer, result.withPermissions);
    out.close();
  }
  if (result.delivery !== undefined) out.element('m:DeliverMeetingRequests', result.delivery);
  out.close();
}

function writeAnswer(context: RequestContext, out: XmlWriter, answer: Answered, withPermissions: boolean): void {
  const isError = 'error' in answer;
  out.open('m:DelegateUserResponseMessageType', { ResponseClass: isError ? 'Error' : 'Success' });
  if (isError) {
    context.noteCode(answer.error.code);
    writeErrorFields(out, answer.error);
  } else {
    out.element('m:ResponseCode', 'NoError');
    if (answer.delegate !== undefined) writeDelegate(context, out, answer.delegate, withPermissions);
  }
  out.close();
}

function writeDelegate(context: RequestContext, out: XmlWriter, delegate: Delegate, withPermissions: boolean): void {
  const box = context.world.findMailbox(delegate.address);
  out.open('m:DelegateUser').open('t:UserId');
  if (box !== undefined) out.element('t:SID', sidOf(box));
  out
    .element('t:PrimarySmtpAddress', box?.address ?? delegate.address)
    .element('t:DisplayName', box?.profile.name ?? delegate.address)
    .close();
  if (withPermissions) {
    out.open('t:DelegatePermissions');
    for (const [element, folder] of FOLDERS) out.element(`t:${element}`, delegate[folder]);
    out.close();
  }
  out
    .element('t:ReceiveCopiesOfMeetingMessages', delegate.receivesCopies)
    .element('t:ViewPrivateItems', delegate.viewsPrivate)
    .close();
}

function ownerOf(context: RequestContext, request: XmlElement): Mailbox {
  const address = request.child('Mailbox')?.childText('EmailAddress')?.trim() ?? '';
  const owner = context.world.findMailbox(address);
  if (owner === undefined)
    throw new EwsError('ErrorNonExistentMailbox', 'The SMTP address has no mailbox associated with it.');
  if (owner !== context.caller.mailbox)
    throw new EwsError('ErrorAccessDenied', 'Only the owner of a mailbox manages its delegates.');
  return owner;
}

function addressOf(context: RequestContext, user: XmlElement): string {
  const given = user.childText('PrimarySmtpAddress')?.trim() ?? '';
  return context.world.findMailbox(given)?.address ?? given;
}

function mailboxOf(context: RequestContext, user: XmlElement): Mailbox {
  const id = user.child('UserId');
  const box = id === undefined ? undefined : context.world.findMailbox(addressOf(context, id));
  if (box === undefined)
    throw new EwsError('ErrorDelegateNoUser', 'The delegate does not map to a user in the Active Directory.');
  return box;
}

function notDelegate(): EwsError {
  return new EwsError('ErrorNotDelegate', 'The user is not a delegate.');
}

function readDelegate(user: XmlElement, base: Delegate): Delegate {
  const permissions = user.child('DelegatePermissions');
  const level = (element: string, otherwise: FolderAccess): FolderAccess =>
    (permissions?.childText(element)?.trim() as FolderAccess | undefined) ?? otherwise;
  const flag = (name: string, otherwise: boolean): boolean => {
    const text = user.childText(name)?.trim();
    return text === undefined ? otherwise : isTrue(text);
  };
  const folders = Object.fromEntries(
    FOLDERS.map(([element, folder]) => [folder, level(element, base[folder])]),
  ) as Pick<Delegate, (typeof FOLDERS)[number][1]>;
  return {
    ...base,
    ...folders,
    receivesCopies: flag('ReceiveCopiesOfMeetingMessages', base.receivesCopies),
    viewsPrivate: flag('ViewPrivateItems', base.viewsPrivate),
  };
}
