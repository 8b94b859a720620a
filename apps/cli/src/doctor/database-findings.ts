/** What the database's own probe found, in the reader's language: the store knows no languages. */
import type { Probe, ProbeFinding } from '@calendar-connector/storage-kysely';
import type { Text } from '../program/language.ts';
import type { CheckFinding } from './check.ts';

interface Words {
  readonly good: (probe: Probe) => Text;
  readonly cause: (probe: Probe, told: string) => Text;
  readonly fix: Text;
}

/** The finding as a person reads it. Steps that wait are no fault: the service takes them when it starts. */
export function databaseFinding({ name, verdict, message }: ProbeFinding, probe: Probe): CheckFinding {
  const { good, cause, fix } = WORDS[name];
  if (verdict === 'ok') return { verdict, subject: name, cause: good(probe) };
  if (name === 'migrations') return { verdict: 'ok', subject: name, cause: cause(probe, message) };
  return { verdict, subject: name, cause: cause(probe, message), fix };
}

const WORDS: Readonly<Record<ProbeFinding['name'], Words>> = {
  version: {
    good: ({ serverVersion }) => ({ en: `PostgreSQL ${serverVersion}`, ru: `PostgreSQL ${serverVersion}` }),
    cause: ({ serverVersion }) => ({
      en: `PostgreSQL ${serverVersion} is older than 13`,
      ru: `PostgreSQL ${serverVersion} старше версии 13`,
    }),
    fix: { en: 'upgrade PostgreSQL', ru: 'обновите PostgreSQL' },
  },
  encoding: {
    good: () => ({ en: 'encoding UTF8', ru: 'кодировка UTF8' }),
    cause: () => ({ en: 'the database is not encoded in UTF8', ru: 'кодировка базы — не UTF8' }),
    fix: { en: "create it anew with encoding 'UTF8'", ru: "создайте базу заново с encoding 'UTF8'" },
  },
  rights: {
    good: () => ({ en: 'the role owns what it needs', ru: 'у роли есть все нужные права' }),
    cause: () => ({
      en: 'the role may not create tables here, or the server is a read-only standby',
      ru: 'роль не может создавать здесь таблицы, или сервер — реплика только для чтения',
    }),
    fix: {
      en: 'make the role the owner of the database; in dbConnectionConfig name the primary server',
      ru: 'сделайте роль владельцем базы; в dbConnectionConfig укажите основной сервер',
    },
  },
  durability: {
    good: () => ({ en: 'commits are durable', ru: 'подтверждённые изменения переживут сбой питания' }),
    cause: () => ({
      en: 'fsync or synchronous_commit is off: a power cut may lose committed changes',
      ru: 'fsync или synchronous_commit отключён: при сбое питания подтверждённые изменения могут пропасть',
    }),
    fix: { en: 'switch both on in postgresql.conf', ru: 'включите оба в postgresql.conf' },
  },
  migrations: {
    good: () => ({ en: 'the tables are of this version', ru: 'таблицы этой версии' }),
    cause: () => ({
      en: 'tables are made or brought to this version when the service starts; what will be done: tc_calendar migrate --plan',
      ru: 'таблицы будут созданы или обновлены при запуске службы; что будет сделано: tc_calendar migrate --plan',
    }),
    fix: { en: 'tc_calendar migrate', ru: 'tc_calendar migrate' },
  },
  drift: {
    good: () => ({ en: 'the tables are as this version made them', ru: 'таблицы такие, какими их создала эта версия' }),
    cause: (_, told) => ({ en: told, ru: `таблицы изменены не этой программой (${told})` }),
    fix: {
      en: 'install the version of the connector that made them, or restore a backup into an empty database',
      ru: 'установите создавшую их версию коннектора или восстановите резервную копию в пустую базу',
    },
  },
  clock: {
    good: ({ clockOffsetMs }) => ({
      en: `clocks agree within ${Math.abs(clockOffsetMs)} ms`,
      ru: `часы расходятся не больше чем на ${Math.abs(clockOffsetMs)} мс`,
    }),
    cause: ({ clockOffsetMs }) => ({
      en: `the clock of PostgreSQL is ${clockOffsetMs} ms away from this machine's`,
      ru: `часы PostgreSQL расходятся с часами этой машины на ${clockOffsetMs} мс`,
    }),
    fix: {
      en: 'synchronise both with NTP: timedatectl set-ntp true',
      ru: 'синхронизируйте обе машины по NTP: timedatectl set-ntp true',
    },
  },
  connections: {
    good: () => ({ en: 'enough connections are free', ru: 'свободных соединений достаточно' }),
    cause: () => ({ en: 'few connections are free', ru: 'свободных соединений мало' }),
    fix: { en: 'raise max_connections in postgresql.conf', ru: 'увеличьте max_connections в postgresql.conf' },
  },
};
