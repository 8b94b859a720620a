/**
 * Finds a mailbox: which server serves it, its calendar folder, its owner's name.
 * The explicit URL is the ground; autodiscover, where configured, corrects it per mailbox and tells its affinity group.
 */
import { folderId, type MailboxAddress, mailboxAddress } from '@calendar-connector/calendar-model';
import type { ResolvedMailbox } from '@calendar-connector/sync-core';
import { childOf, textOf } from '../decoder/tree.ts';
import { EwsError } from '../errors/ews-error.ts';
import { endpointUrl } from '../transport/endpoint.ts';
import type { Target } from '../transport/ews-transport.ts';
import { getCalendarFolder } from '../wire/read-requests.ts';
import type { Autodiscover } from './autodiscover.ts';
import { callOne, type OperationContext, protocolError } from './context.ts';
import { findPeople } from './resolve-names.ts';

export async function resolveMailbox(
  context: OperationContext,
  autodiscover: Autodiscover,
  address: MailboxAddress,
  signal: AbortSignal,
): Promise<ResolvedMailbox> {
  try {
    return await locate(context, autodiscover, address, signal);
  } catch (error) {
    const primary = primaryOf(error);
    if (primary === undefined || primary === address) throw error;
    return await locate(context, autodiscover, primary, signal);
  }
}

/** An alias is refused with the right address in the text or the values (facts §1.6). */
function primaryOf(error: unknown): MailboxAddress | undefined {
  if (!(error instanceof EwsError) || error.code !== 'ErrorNonPrimarySmtpAddress') return undefined;
  const named = error.values?.['Primary'] ?? error.values?.['PrimarySmtpAddress'] ?? error.message;
  const found = /[^\s<>:;,"']+@[^\s<>:;,"']+[^\s<>:;,"'.]/g;
  const addresses = (named.match(found) ?? []).map(mailboxAddress);
  return addresses.find((candidate) => candidate !== error.mailbox);
}

async function locate(
  context: OperationContext,
  autodiscover: Autodiscover,
  address: MailboxAddress,
  signal: AbortSignal,
): Promise<ResolvedMailbox> {
  const settings = await autodiscover.find(address, signal);
  const url = settings?.url ?? endpointUrl(context.options.endpoint).href;
  const affinityGroup = settings?.group ?? url;
  const mailbox = settings?.address ?? address;
  const target: Target = { url, mailbox, cookies: context.transport.jar(`${url} ${affinityGroup}`) };
  const request = getCalendarFolder(await context.facade(), mailbox);
  const message = await callOne(context, request, target, signal);
  // The one folder asked for, whatever it is called: servers that only speak EWS name it plainly t:Folder.
  const folder = message.trees.find((tree) => tree.name === 'Folders')?.children[0];
  const id = childOf(folder, 'FolderId')?.attributes['Id'];
  if (id === undefined || id === '') throw protocolError('GetFolder', mailbox, 'the answer names no calendar folder');
  return {
    address: mailbox,
    folderId: folderId(id),
    calendarTitle: textOf(folder, 'DisplayName') ?? '',
    ownerName: settings?.displayName ?? (await ownerName(context, target, signal)),
    endpoint: url,
    affinityGroup,
  };
}

/** The directory's name of the owner; the address when the directory cannot say. */
async function ownerName(context: OperationContext, target: Target, signal: AbortSignal): Promise<string> {
  try {
    const people = await findPeople(context, target, target.mailbox, signal);
    const exact = people.find((person) => person.address === target.mailbox) ?? people[0];
    return exact?.name ?? target.mailbox;
  } catch (error) {
    if (error instanceof EwsError && error.kind !== 'aborted') return target.mailbox;
    throw error;
  }
}
