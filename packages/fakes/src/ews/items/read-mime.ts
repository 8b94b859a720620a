/**
 * A message as MIME, read as far as a mailbox shows it: subject, people, dates, text, files (RFC 5322, 2045–2047).
 * Source: Microsoft reference page MimeContent (a message may be created from its MIME stream).
 */
import type { Attachment, Body, ItemContent, OpaqueNode } from '../../world/model.ts';
import { isWithin, type MimePart, parseMime } from './mime-parts.ts';

/** Content with what the MIME stream says; properties written beside it win. */
export function withMime(content: ItemContent, base64: string): ItemContent {
  const root = parseMime(Buffer.from(base64, 'base64'));
  const opaque = new Map<string, OpaqueNode>(content.opaque);
  for (const [header, list] of LISTS) {
    const people = peopleIn(root.headers.get(header) ?? '');
    if (people.length > 0 && !opaque.has(list)) opaque.set(list, { ...leaf(list, ''), children: people });
  }
  const from = opaque.get('From');
  if (from !== undefined && !opaque.has('Sender')) opaque.set('Sender', { ...from, name: 'Sender' });
  for (const [header, name] of TEXTS) {
    const text = root.headers.get(header);
    if (text !== undefined && !opaque.has(name)) opaque.set(name, leaf(name, text));
  }
  const leaves = leavesOf(root);
  return {
    ...content,
    opaque,
    subject: content.subject || (root.headers.get('subject') ?? ''),
    body: content.body.content === '' ? bodyOf(leaves) : content.body,
    attachments: [...content.attachments, ...filesIn(leaves)],
  };
}

const LISTS = [
  ['from', 'From'],
  ['sender', 'Sender'],
  ['to', 'ToRecipients'],
  ['cc', 'CcRecipients'],
  ['bcc', 'BccRecipients'],
  ['reply-to', 'ReplyTo'],
] as const;
const TEXTS = [
  ['message-id', 'InternetMessageId'],
  ['in-reply-to', 'InReplyTo'],
  ['references', 'References'],
] as const;

const leaf = (name: string, text: string): OpaqueNode => ({ name, attributes: {}, text, children: [] });

function peopleIn(header: string): OpaqueNode[] {
  const found: OpaqueNode[] = [];
  for (const entry of header.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? []) {
    const match = /^(.*?)<([^<>]+)>\s*$/.exec(entry.trim());
    const address = (match?.[2] ?? entry).trim();
    const name = (match?.[1] ?? '').trim().replace(/^"|"$/g, '').replaceAll(/\\(.)/g, '$1');
    if (!address.includes('@')) continue;
    const children = [leaf('Name', name || address), leaf('EmailAddress', address), leaf('RoutingType', 'SMTP')];
    found.push({ ...leaf('Mailbox', ''), children });
  }
  return found;
}

function leavesOf(part: MimePart): MimePart[] {
  return part.parts.length === 0 ? [part] : part.parts.flatMap(leavesOf);
}

const isFile = (part: MimePart): boolean => part.disposition === 'attachment' || part.fileName !== undefined;

function bodyOf(parts: readonly MimePart[]): Body {
  const texts = parts.filter((part) => !isFile(part));
  const html = texts.find(({ type }) => type === 'text/html');
  const plain = texts.find(({ type }) => type === 'text/plain');
  if (html !== undefined) return { type: 'HTML', content: html.text() };
  return { type: 'Text', content: plain?.text() ?? '' };
}

function filesIn(parts: readonly MimePart[]): Attachment[] {
  const files = parts.filter((part) => isFile(part) || !isWithin('text', part.type));
  return files.map((part, index) => ({
    number: index + 1,
    kind: 'file',
    name: part.fileName ?? `attachment ${index + 1}`,
    contentType: part.type,
    isInline: part.disposition === 'inline',
    size: part.bytes.length,
    content: part.bytes.toString('base64'),
    modified: 0,
  }));
}
