/**
 * Which answer of a GetItem belongs to which id. Exchange answers in the order of the ids (facts §1.4), and an error has
 * nothing but its place to say whom it is meant for. An item names itself: where one stands out of place, or answers are
 * missing, places prove nothing, and only what items say of themselves counts.
 */
import type { RawMessage } from '../decoder/response-grammar.ts';

export interface PairedAnswers {
  /** by requested id; an id without a certain answer is absent */
  readonly answers: ReadonlyMap<string, RawMessage>;
  /** items stood out of place: only an id asked for alone gets an answer that is certain */
  readonly mixedUp: boolean;
}

export function pairAnswers(ids: readonly string[], messages: readonly RawMessage[]): PairedAnswers {
  const mixedUp = messages.some((message, place) => (nameOf(message) ?? ids[place]) !== ids[place]);
  const placesCount = !mixedUp && messages.length === ids.length;
  const answers = new Map<string, RawMessage>();
  const disputed = new Set<string>();
  for (const [place, message] of messages.entries()) {
    const id = placesCount ? ids[place] : nameOf(message);
    if (id === undefined || !ids.includes(id)) continue;
    if (answers.has(id)) disputed.add(id);
    answers.set(id, message);
  }
  for (const id of disputed) answers.delete(id);
  return { answers, mixedUp };
}

/** Id of the item an answer holds; undefined when it holds none, or one without an id. */
function nameOf(message: RawMessage): string | undefined {
  return message.items[0]?.itemId || undefined;
}
