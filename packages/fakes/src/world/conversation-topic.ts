/** The title of a conversation: a subject without the marks of answers and forwards (MS-OXCMSG PidTagNormalizedSubject). */
const MARK = /^\s*[^\s:]{1,3}:\s+/;

export function conversationTopic(subject: string): string {
  let topic = subject;
  while (MARK.test(topic)) topic = topic.replace(MARK, '');
  return topic;
}
