/** ConversationId and ConversationIndex: messages of one topic belong together (MS-OXOMSG 2.2.1.3; ids as in facts "Id and key wire formats"). */
import { createHash } from 'node:crypto';
import { conversationTopic } from '../../world/conversation-topic.ts';
import type { ShownItem } from './shown-item.ts';

/** What makes a conversation: the meeting, else the topic. */
function keyOf(item: ShownItem): Buffer {
  const text = item.globalObjectId?.slice(-32) ?? conversationTopic(item.content.subject).toLowerCase();
  return createHash('md5').update(text).digest();
}

/** The same for all items of one conversation in one mailbox, in the layout of a folder-less entry. */
export function conversationId(item: ShownItem): string {
  const raw = Buffer.alloc(62);
  raw[1] = 3;
  raw.writeUInt16LE(36, 2);
  raw.write(item.box.profile.guid, 4, 'latin1');
  raw.writeUInt16LE(16, 41);
  keyOf(item).copy(raw, 43);
  return raw.toString('base64');
}

const TICKS_AT_1970 = 116_444_736_000_000_000n;

/** Header of 22 bytes: a mark, five bytes of the time, the conversation's GUID. */
export function conversationIndex(item: ShownItem): string {
  const raw = Buffer.alloc(22);
  raw.writeBigUInt64BE(BigInt(Math.floor(item.record.created)) * 10_000n + TICKS_AT_1970);
  raw[0] = 1;
  keyOf(item).copy(raw, 6);
  return raw.toString('base64');
}
