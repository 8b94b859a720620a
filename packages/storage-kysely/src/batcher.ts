/** Joins the questions of one moment into one query: five hundred starts due at ten o'clock ask once, not five hundred times. */
export type Ask<Key, Answer> = (key: Key) => Promise<Answer>;

interface Waiting<Key, Answer> {
  readonly key: Key;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** `answerAll` gets the distinct keys, at most `limit` at a time, and answers them in the same order. */
export function batched<Key, Answer>(
  answerAll: (keys: readonly Key[]) => Promise<readonly Answer[]>,
  limit = Number.POSITIVE_INFINITY,
): Ask<Key, Answer> {
  let waiting: Waiting<Key, Answer>[] = [];
  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    for (let from = 0; from < batch.length; from += limit) void answer(batch.slice(from, from + limit));
  };
  const answer = async (batch: readonly Waiting<Key, Answer>[]): Promise<void> => {
    const keys = [...new Set(batch.map((one) => one.key))];
    try {
      const answers = await answerAll(keys);
      const byKey = new Map(keys.map((key, index) => [key, answers[index] as Answer]));
      for (const one of batch) one.resolve(byKey.get(one.key) as Answer);
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  };
  return (key) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ key, resolve, reject });
    });
}
