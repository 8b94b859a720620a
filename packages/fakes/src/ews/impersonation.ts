/** Whose mailbox a request acts in, and whether the account may (facts "Impersonation"). */
import { addressOfDn } from '../world/directory.ts';
import type { ExchangeWorld } from '../world/exchange-world.ts';
import type { Mailbox } from '../world/mailbox.ts';
import type { FaultPlan } from './faults/fault-plan.ts';
import type { Caller } from './request-context.ts';
import type { Impersonation, SoapRequest } from './wire/envelope.ts';
import { EwsFault } from './wire/ews-error.ts';

const denied = (): EwsFault =>
  new EwsFault('ErrorImpersonateUserDenied', 'The account does not have permission to impersonate the requested user.');

/** Resolves the caller of a request; throws the faults of impersonation. */
export function callerOf(world: ExchangeWorld, faults: FaultPlan, login: string, request: SoapRequest): Caller {
  const { impersonation } = request;
  if (impersonation === undefined) {
    const address = world.findAccount(login)?.mailbox;
    return { login, mailbox: address === undefined ? undefined : world.findMailbox(address), isImpersonating: false };
  }
  const mailbox = findTarget(world, impersonation);
  if (faults.take(['impersonationDenied'], { mailbox: mailbox.address, operation: request.operation }) !== undefined)
    throw denied();
  const right = world.directory.findImpersonator(login);
  if (right === undefined) throw new EwsFault('ErrorImpersonateUserDenied', denied().message);
  if (right.scope !== undefined && !right.scope(mailbox.address.toLowerCase())) throw denied();
  return { login, mailbox, isImpersonating: true };
}

function findTarget(world: ExchangeWorld, { kind, value }: Impersonation): Mailbox {
  if (kind === 'SID') return bySid(world, value);
  const account = kind === 'PrincipalName' ? world.findAccount(value)?.mailbox : undefined;
  const mailbox = world.findMailbox(addressOfDn(value) ?? account ?? value);
  if (mailbox === undefined) {
    throw new EwsFault('ErrorNonExistentMailbox', 'The SMTP address has no mailbox associated with it.', {
      values: { SmtpAddress: value },
    });
  }
  if (kind === 'PrimarySmtpAddress' && mailbox.address.toLowerCase() !== value.toLowerCase()) {
    throw new EwsFault('ErrorNonPrimarySmtpAddress', mailbox.address, { values: { Primary: mailbox.address } });
  }
  return mailbox;
}

const SID_HEAD = 'S-1-5-21-1004336348-1177238915-682003330-';

/** A SID made of the mailbox's place in the world. */
export function sidOf(mailbox: Mailbox): string {
  return `${SID_HEAD}${Number.parseInt(mailbox.profile.guid.slice(0, 7), 16)}`;
}

function bySid(world: ExchangeWorld, value: string): Mailbox {
  for (const address of world.addresses()) {
    const mailbox = world.findMailbox(address);
    if (mailbox !== undefined && sidOf(mailbox) === value) return mailbox;
  }
  throw new EwsFault(
    'ErrorImpersonationFailed',
    'Exchange Web Services cannot impersonate the specified account: the SID is unknown.',
  );
}
