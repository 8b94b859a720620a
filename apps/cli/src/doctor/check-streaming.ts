/**
 * 14: Exchange tells of changes at once. With --write a test event is made, its notification awaited and measured, and
 * the event removed again, whatever happened.
 */
import { type Check, type CheckFinding, failed, fine, warned } from './check.ts';
import type { DoctorContext } from './context.ts';
import { signedInMailboxes, type Tried } from './resolved-mailboxes.ts';

interface Problem {
  readonly kind: string;
  readonly message: string;
}

const WAIT_MS = 6_000;
const YEAR_MS = 365 * 86_400_000;

export const checkStreaming: Check = {
  id: 'streaming',
  title: { en: 'Notifications of changes', ru: 'Уведомления об изменениях' },
  needs: ['config'],
  run: async (context) => {
    const [first] = await signedInMailboxes(context);
    if (!first?.ok) return [];
    return await listen(context, first);
  },
};

async function listen(context: DoctorContext, tried: Extract<Tried, { ok: true }>): Promise<readonly CheckFinding[]> {
  const live = Promise.withResolvers<Problem | undefined>();
  const noticed = Promise.withResolvers<undefined>();
  const stream = tried.source.openHints({
    onHint: ({ reason }) => {
      if (reason === 'notification') noticed.resolve(undefined);
    },
    onState: (_mailbox, state, failure) =>
      live.resolve(state === 'live' ? undefined : (failure ?? { kind: 'unavailable', message: 'down' })),
  });
  try {
    stream.watch([tried.resolved]);
    const problem = await within(live.promise, WAIT_MS);
    if (problem === LATE) return [failed(SILENT, FIX, tried.address)];
    if (problem?.kind === 'throttled') return [];
    if (problem) return [failed({ en: problem.message, ru: problem.message }, FIX, tried.address)];
    if (!context.options.write) return [fine('the stream is open', 'поток открыт', tried.address)];
    return [await roundTrip(context, tried, noticed.promise)];
  } finally {
    await stream.close();
  }
}

async function roundTrip(
  context: DoctorContext,
  { source, resolved, address }: Extract<Tried, { ok: true }>,
  noticed: Promise<undefined>,
): Promise<CheckFinding> {
  const { signal } = context;
  const start = context.call.io.now() + YEAR_MS;
  const draft = {
    subject: 'tc_calendar doctor',
    start,
    end: start + 900_000,
    timeZone: 'UTC',
    freeBusy: 'free' as const,
    attendees: [],
  };
  const madeAt = performance.now();
  const item = await source.createEvent(resolved, draft, `doctor-${start}`, 'none', signal);
  const outcome = await within(noticed, WAIT_MS);
  const ms = Math.round(performance.now() - madeAt);
  await source.cancelEvent(resolved, { itemId: item.itemId }, 'none', AbortSignal.timeout(WAIT_MS));
  if (outcome === LATE) return warned(LOST, FIX, address);
  return fine(
    `a test event was noticed after ${ms} ms and removed`,
    `пробное событие замечено через ${ms} мс и удалено`,
    address,
  );
}

const LATE = 'late';

async function within<Value>(promise: Promise<Value>, ms: number): Promise<Value | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const SILENT = { en: 'the stream does not open', ru: 'поток не открывается' };
const LOST = {
  en: 'a test event was made, but no notification came',
  ru: 'пробное событие создано, но уведомление не пришло',
};
const FIX = {
  en: 'allow long-lived connections to Exchange on proxies and load balancers (30 minutes); until then changes are found by looking',
  ru: 'разрешите на прокси и балансировщиках долгие соединения с Exchange (30 минут); до тех пор изменения находятся обходом',
};
