/**
 * People at work: they plan, move, answer, cancel and delete, some meetings with a conference. Remembers what must be true
 * of conferences in the end; of calendars the fake Exchange itself is the memory.
 */
import type { ControlClient, WorldItem } from '../scene/control-client.ts';
import type { Theatre } from './theatre.ts';
import { address, pause } from './worlds.ts';

const HOUR_MS = 3_600_000;
const SERVER = 'https://server.example.test/c/';
/** The next meeting of its kind: plain, with a link, by keyword. */
const KINDS = ['plain', 'link', 'plain', 'keyword'] as const;

interface Meeting {
  readonly owner: string;
  readonly item: WorldItem;
  readonly hasConference: boolean;
}

export class MixedLoad {
  readonly #control: ControlClient;
  readonly #mailboxes: number;
  readonly #meetings: Meeting[] = [];
  readonly #done: Promise<void>;
  #stopped = false;
  #count = 0;
  deeds = 0;

  constructor(control: ControlClient, mailboxes: number, gapMs: number) {
    this.#control = control;
    this.#mailboxes = mailboxes;
    this.#done = this.#work(gapMs);
    // Its failure is told by stop(); a scenario that failed before has its own.
    this.#done.catch(() => {});
  }

  /** Ends the load; rejects when a deed failed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  /** Subjects that need exactly one conference. */
  get conferences(): readonly string[] {
    return this.#meetings.filter(({ hasConference }) => hasConference).map(({ item }) => item.subject);
  }

  async #work(gapMs: number): Promise<void> {
    while (!this.#stopped) {
      await this.#deed();
      this.deeds += 1;
      await pause(gapMs);
    }
  }

  async #deed(): Promise<void> {
    const turn = this.deeds % 8;
    const some = this.#meetings[(this.deeds * 13) % Math.max(1, this.#meetings.length)];
    if (!some || turn < 4) return this.#plan();
    const { owner, item } = some;
    if (turn === 4) {
      const start = new Date(Date.parse(item.start) + HOUR_MS / 4);
      const end = new Date(start.getTime() + HOUR_MS / 2);
      await this.#control.update(owner, item.id, { start, end });
    } else if (turn === 5) {
      const guest = item.attendees[0]?.address;
      const copy = guest && (await this.#control.items(guest)).find(({ uid }) => uid === item.uid);
      if (guest && copy) await this.#control.respond(guest, copy.id, 'accept');
    } else if (turn === 6) {
      await this.#control.update(owner, item.id, {
        location: `Room ${this.deeds}`,
        ...(some.hasConference ? { location: item.location } : {}),
      });
    } else {
      this.#meetings.splice(this.#meetings.indexOf(some), 1);
      await this.#control.cancel(owner, item.id);
    }
  }

  async #plan(): Promise<void> {
    this.#count += 1;
    const count = this.#count;
    const kind = KINDS[count % KINDS.length];
    const owner = address((count * 7) % this.#mailboxes);
    const guest = address((count * 7 + 1 + (count % 5)) % this.#mailboxes);
    const start = new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + (24 + (count % 1000)) * HOUR_MS);
    const location = { plain: `Room ${count}`, link: `${SERVER}mixed_${count}`, keyword: '@trueconf' }[kind ?? 'plain'];
    const item = await this.#control.create(owner, {
      subject: `Mixed ${count}`,
      start,
      end: new Date(start.getTime() + HOUR_MS / 2),
      location,
      attendees: guest === owner ? [] : [guest],
    });
    this.#meetings.push({ owner, item, hasConference: kind !== 'plain' });
  }
}

/** Conferences that are missing, twice there or left over. */
async function wrongConferences(control: ControlClient, wanted: readonly string[]): Promise<readonly string[]> {
  const count = new Map<string, number>();
  for (const { topic } of await control.conferences()) count.set(topic, (count.get(topic) ?? 0) + 1);
  const wrong = wanted
    .filter((subject) => count.get(subject) !== 1)
    .map((subject) => `${subject}: ${count.get(subject) ?? 0} conferences`);
  const expected = new Set(wanted);
  for (const topic of count.keys()) if (!expected.has(topic)) wrong.push(`${topic}: its meeting is gone`);
  return wrong;
}

/** The same, given time to come right; what stays wrong is told with what the engine knows of its meeting. */
export async function lastingWrongConferences(
  { scene: { control }, database }: Pick<Theatre, 'scene' | 'database'>,
  wanted: readonly string[],
  limitMs: number,
): Promise<readonly string[]> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const wrong = await wrongConferences(control, wanted);
    if (wrong.length === 0) return [];
    if (Date.now() > deadline) return Promise.all(wrong.map((line) => explained(database, line)));
    await pause(100);
  }
}

async function explained(database: Theatre['database'], line: string): Promise<string> {
  const subject = line.slice(0, line.indexOf(':'));
  const [known] = await database.rows<{ copies: string; settled: string | null; blocked: string | null; jobs: string }>(
    `select count(*) || ' copies' as copies, max(m.baseline ->> 'binding') as settled, max(m.baseline ->> 'blocked') as blocked,
       (select count(*) || ' jobs, picked ' || count(j.locked_at) || ', due ' || coalesce(min(j.run_at)::text, 'never')
          from graphile_worker.jobs j join graphile_worker._private_jobs p on p.id = j.id
         where p.payload ->> 'key' = any(array_agg(i.meeting_key)) and j.key is not null) as jobs
       from tcc.items i left join tcc.meetings m on m.meeting_hash = i.meeting_hash where i.item ->> 'subject' = $1`,
    [subject],
  );
  return `${line} (${known?.copies}; bound to ${known?.settled ?? 'nothing'}; ${known?.blocked ?? 'not blocked'}; ${known?.jobs})`;
}
