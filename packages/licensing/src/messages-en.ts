/** The sentence for each fault, in English: the thing, the cause, the cure. */
import type { LinkFailure } from './fault.ts';
import { moment, type Sentences, sentence } from './sentence.ts';

const LINK_EN: Readonly<Record<LinkFailure, string>> = {
  dns: 'its name cannot be resolved',
  refused: 'it refuses connections',
  timeout: 'it does not answer in time',
  unreachable: 'there is no route to it',
  broken: 'the connection breaks off',
  certificate: 'its certificate is not trusted',
};

/** What makes an issuer's key unusable, besides the codes of the system. */
const KEY_EN: Readonly<Record<string, string>> = {
  privateKey: 'it holds a private key, which belongs to the issuer alone',
  otherContent: 'it holds something else',
};

export const en: Sentences = {
  notRegistered: () => sentence('The product is not registered.', 'Register it: tc_calendar --register KEY'),
  fileUnreadable: ({ path, reason }) =>
    sentence(
      `The file ${path} cannot be read (${reason}).`,
      'Run the command as administrator, or give the user of the service the right to read it.',
    ),
  fileNotWritable: ({ path, reason }) =>
    sentence(
      `The file ${path} cannot be written (${reason}).`,
      'Run the command as administrator or give the right to write.',
    ),
  fileDamaged: ({ path }) =>
    sentence(`The file ${path} is damaged.`, 'Restore it from a backup or register again: tc_calendar --register KEY'),
  fileMissing: ({ path }) => sentence(`There is no file ${path}.`, 'Check the path.'),
  keyExposed: ({ path, mode }) =>
    sentence(`The installation's key ${path} has mode ${mode}: other users can reach it.`, `Run: chmod 600 ${path}`),
  noIssuerKey: () =>
    sentence('This build knows no issuer of licences.', 'Name the issuer’s public key in registration.issuerKeyFile.'),
  issuerKeyUnusable: ({ path, reason }) =>
    sentence(
      `The issuer's key ${path} cannot be used: ${KEY_EN[reason] ?? reason}.`,
      'It must be a public Ed25519 key as JWK or JWK set.',
    ),
  notALicence: () =>
    sentence(
      'The file is not a licence: it has another content or a part of it is missing.',
      'Ask the manager for the file again.',
    ),
  tampered: () =>
    sentence('The licence was altered: its signature does not fit.', 'Ask the manager for the file again.'),
  otherIssuer: () =>
    sentence(
      'The licence was signed by somebody this installation does not know.',
      'Check registration.issuerKeyFile.',
    ),
  otherMachine: () =>
    sentence(
      'The licence belongs to another machine: it was issued for a different installation.',
      'Register this machine: tc_calendar --register KEY',
    ),
  notYetValid: ({ from }) =>
    sentence(`The licence is valid only from ${moment(from)}.`, 'Check the clock of this machine.'),
  expired: ({ at }) =>
    sentence(
      `The licence expired on ${moment(at)}. Synchronisation stopped then; nothing was deleted.`,
      'Renew the licence and register again: tc_calendar --register KEY',
    ),
  revoked: ({ at }) =>
    sentence(
      `The licence was revoked; the registration server said so on ${moment(at)}. Synchronisation stopped then; nothing was deleted.`,
      'Ask your manager.',
    ),
  clockSetBack: ({ seen, now }) =>
    sentence(
      `The clock of this machine was set back: it shows ${moment(now)}, but ${moment(seen)} has already been.`,
      'Set the clock right, or register again if that later time was the wrong one.',
    ),
  leaseMissing: () =>
    sentence(
      'The free edition needs its registration server, which has not confirmed the licence yet.',
      'Open access to it: registration.host and port in config.json, normally reg.trueconf.com port 443.',
    ),
  leaseOverdue: ({ since, until }) =>
    sentence(
      `The registration server has not confirmed the free licence since ${moment(since)}.`,
      `Open access to it; synchronisation will stop on ${moment(until)}.`,
    ),
  leaseEnded: ({ at }) =>
    sentence(
      `Synchronisation stopped on ${moment(at)}: the registration server had not confirmed the free licence for a day. Nothing was deleted.`,
      'Open access to it, and work goes on.',
    ),
  freeOffline: () =>
    sentence(
      'The free edition cannot be registered offline.',
      'Register it with access to the registration server, or use a paid licence.',
    ),
  noRequest: ({ path }) =>
    sentence(
      `No offline registration was begun here: there is no ${path}.`,
      'Run tc_calendar --register KEY on this machine first.',
    ),
  otherRequest: () =>
    sentence('The reply answers another request.', 'Send the newest regoffline.crg and apply the reply to it.'),
  unknownKey: () => sentence('The registration server does not know this key.', 'Check it for typing errors.'),
  alreadyUsed: () => sentence('This key is in use by another installation.', 'Ask your manager to release it.'),
  keyRevoked: () => sentence('This key was revoked.', 'Ask your manager.'),
  keyExpired: () => sentence('This key has expired.', 'Ask your manager for a new one.'),
  malformedKey: () =>
    sentence(
      'This is not a registration key: it may hold Latin letters, digits and hyphens, 4 to 100 of them.',
      'Copy it from the letter once more.',
    ),
  serverRefused: ({ status, said }) =>
    sentence(`The registration server refused (${status}): "${said}".`, 'Send this line to your manager.'),
  badAnswer: ({ server }) =>
    sentence(
      `What answers at ${server} is not a registration server.`,
      'Check registration.host and port, and proxies on the way.',
    ),
  noLink: ({ server, failure, detail }) =>
    failure === 'certificate'
      ? sentence(
          `The registration server ${server} cannot be trusted: ${LINK_EN[failure]} (${detail}).`,
          'If it is your own, name its authority in registration.caFile.',
        )
      : sentence(
          `There is no link to the registration server ${server}: ${LINK_EN[failure]} (${detail}).`,
          'Open access to it.',
        ),
};
