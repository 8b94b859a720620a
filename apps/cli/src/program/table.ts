/**
 * Every command of tc_calendar, in the order help shows them (design/contracts.md §1; features A2–A6, A9, E1, E4, E6).
 * Help, completion, the manual page and the parser are made from this table and nothing else.
 */
import type { Argument, Command, CommandTable, Option } from './command.ts';
import type { Text } from './language.ts';

const MAILBOX: Argument = {
  name: 'address',
  kind: 'one',
  about: { en: 'e-mail address of the mailbox', ru: 'адрес почтового ящика' },
};
const JSON_OPTION: Option = {
  name: 'json',
  type: 'flag',
  about: { en: 'print JSON for scripts', ru: 'вывести JSON для сценариев' },
};

export const GLOBAL_OPTIONS: readonly Option[] = [
  {
    name: 'config',
    type: 'text',
    value: 'FILE',
    isFile: true,
    about: {
      en: 'configuration file (default: etc/calendar/config.json below the root)',
      ru: 'файл конфигурации (по умолчанию etc/calendar/config.json внутри корня)',
    },
  },
  {
    name: 'root',
    type: 'text',
    value: 'DIR',
    isFile: true,
    about: {
      en: 'root of the installation (default: $TC_CALENDAR_ROOT, else /opt/trueconf/calendar)',
      ru: 'корень установки (по умолчанию $TC_CALENDAR_ROOT, иначе /opt/trueconf/calendar)',
    },
  },
];

const DONE: Text = { en: 'done', ru: 'выполнено' };
const BAD_CONFIG: Text = { en: 'the configuration has errors', ru: 'в конфигурации ошибки' };
const NOT_RUNNING: Text = { en: 'the service does not answer', ru: 'служба не отвечает' };
const NO_DATABASE: Text = { en: 'the database cannot be used', ru: 'база данных недоступна' };
const REFUSED: Text = { en: 'refused', ru: 'отказано' };

export const COMMANDS: readonly Command[] = [
  {
    words: [],
    about: { en: 'run the service in the foreground', ru: 'запустить службу на переднем плане' },
    args: [],
    options: [],
    exits: {
      0: { en: 'ended by SIGTERM or SIGINT', ru: 'завершена сигналом SIGTERM или SIGINT' },
      69: NO_DATABASE,
      71: { en: 'a port is taken or a folder may not be written', ru: 'порт занят или нет права на запись в папку' },
      77: { en: 'the product is not registered', ru: 'продукт не зарегистрирован' },
      78: BAD_CONFIG,
    },
    load: () => import('../commands/serve.ts'),
  },
  {
    words: ['register'],
    flag: '--register',
    about: { en: 'register the product with its key', ru: 'зарегистрировать продукт по ключу' },
    details: [
      {
        en: 'Asks the registration server named in config.json. Without a link to it the request is written to regoffline.crg beside the licence, to be sent to the manager.',
        ru: 'Обращается к серверу регистрации из config.json. Если связи с ним нет, запрос записывается в regoffline.crg рядом с лицензией; его нужно отправить менеджеру.',
      },
    ],
    args: [{ name: 'key', kind: 'one', about: { en: 'registration key', ru: 'ключ регистрации' } }],
    options: [],
    exits: {
      0: { en: 'registered', ru: 'зарегистрирован' },
      1: REFUSED,
      75: { en: 'no link; the offline request was written', ru: 'нет связи; записан офлайн-запрос' },
      78: BAD_CONFIG,
    },
    load: () => import('../commands/register.ts'),
  },
  {
    words: ['offline-reg'],
    flag: '--offline_reg',
    about: { en: 'apply the manager’s reply to an offline request', ru: 'применить ответ менеджера на офлайн-запрос' },
    args: [
      {
        name: 'file',
        kind: 'one',
        isFile: true,
        about: { en: 'the reply, regoffline2.crg', ru: 'ответ, regoffline2.crg' },
      },
    ],
    options: [],
    exits: { 0: { en: 'registered', ru: 'зарегистрирован' }, 1: REFUSED, 78: BAD_CONFIG },
    load: () => import('../commands/offline-reg.ts'),
  },
  {
    words: ['hash-pass'],
    flag: '--hash_pass',
    about: { en: 'encrypt passwords for config.json', ru: 'зашифровать пароли для config.json' },
    details: [
      {
        en: 'Prints one line per password, in order. Without passwords on the command line they are read from standard input, one per line, or asked on the terminal without echo: then nothing shows in the process list or the shell history. The encryption is reversible with etc/calendar/secret.key, which is made on first use.',
        ru: 'Выводит по строке на пароль, по порядку. Если паролей в командной строке нет, они читаются со стандартного ввода, по одному в строке, или спрашиваются в терминале без отображения: тогда их не видно ни в списке процессов, ни в истории оболочки. Шифрование обратимо с помощью etc/calendar/secret.key, который создаётся при первом вызове.',
      },
    ],
    args: [
      { name: 'password', kind: 'many', about: { en: 'passwords; better none', ru: 'пароли; лучше не указывать' } },
    ],
    options: [],
    exits: { 0: DONE, 1: REFUSED },
    load: () => import('../commands/hash-pass.ts'),
  },
  {
    words: ['config', 'check'],
    about: { en: 'check config.json and print every finding', ru: 'проверить config.json и вывести все замечания' },
    args: [],
    options: [JSON_OPTION],
    exits: { 0: { en: 'no errors', ru: 'ошибок нет' }, 78: BAD_CONFIG },
    load: () => import('../commands/config-check.ts'),
  },
  {
    words: ['config', 'show'],
    about: {
      en: 'print the configuration in effect, secrets as ***',
      ru: 'вывести действующую конфигурацию, секреты как ***',
    },
    args: [],
    options: [
      {
        name: 'redact',
        type: 'flag',
        about: {
          en: 'accepted for clarity: secrets are never printed',
          ru: 'для ясности: секреты не выводятся никогда',
        },
      },
    ],
    exits: { 0: DONE, 78: BAD_CONFIG },
    load: () => import('../commands/config-show.ts'),
  },
  {
    words: ['doctor'],
    about: {
      en: 'check everything the service needs and say what to do',
      ru: 'проверить всё, что нужно службе, и сказать, что делать',
    },
    details: [
      {
        en: 'Twenty checks from config.json to time zones, each with its cause and its cure. Changes nothing unless --write is given: then a test event is made in one mailbox, waited for and removed again.',
        ru: 'Двадцать проверок от config.json до часовых поясов, каждая с причиной и способом исправления. Ничего не меняет, если не указан --write: тогда в одном ящике создаётся пробное событие, дожидаются его появления и удаляют.',
      },
    ],
    args: [],
    options: [
      JSON_OPTION,
      {
        name: 'mailbox',
        type: 'text',
        value: 'M',
        about: {
          en: 'check with this mailbox instead of the first ones',
          ru: 'проверять на этом ящике, а не на первых',
        },
      },
      {
        name: 'outside',
        type: 'text',
        value: 'M',
        about: {
          en: 'a mailbox that is not in the list and must be refused',
          ru: 'ящик не из списка, доступ к которому должен быть закрыт',
        },
      },
      {
        name: 'write',
        type: 'flag',
        about: {
          en: 'make and remove a test event, measure the delay',
          ru: 'создать и удалить пробное событие, измерить задержку',
        },
      },
    ],
    exits: {
      0: { en: 'all is well', ru: 'всё в порядке' },
      1: { en: 'there are warnings', ru: 'есть предупреждения' },
      2: { en: 'there are failures', ru: 'есть ошибки' },
    },
    load: () => import('../commands/doctor.ts'),
  },
  {
    words: ['status'],
    about: { en: 'what the running service says of itself', ru: 'что сообщает о себе работающая служба' },
    args: [],
    options: [JSON_OPTION],
    exits: { 0: DONE, 1: REFUSED, 69: NOT_RUNNING, 78: BAD_CONFIG },
    load: () => import('../commands/status.ts'),
  },
  {
    words: ['mailbox', 'list'],
    about: { en: 'mailboxes and their states', ru: 'почтовые ящики и их состояния' },
    args: [],
    options: [
      JSON_OPTION,
      {
        name: 'state',
        type: 'text',
        value: 'STATE',
        about: { en: 'only those in this state', ru: 'только в этом состоянии' },
      },
    ],
    exits: { 0: DONE, 1: REFUSED, 69: NOT_RUNNING, 78: BAD_CONFIG },
    load: () => import('../commands/mailbox-list.ts'),
  },
  {
    words: ['mailbox', 'show'],
    about: { en: 'everything known of one mailbox', ru: 'всё об одном почтовом ящике' },
    args: [MAILBOX],
    options: [JSON_OPTION],
    exits: { 0: DONE, 1: REFUSED, 69: NOT_RUNNING, 78: BAD_CONFIG },
    load: () => import('../commands/mailbox-show.ts'),
  },
  ...(['resync', 'pause', 'resume'] as const).map(
    (action): Command => ({
      words: ['mailbox', action],
      about: {
        resync: { en: 'read a mailbox from scratch', ru: 'перечитать ящик заново' },
        pause: { en: 'stop following a mailbox', ru: 'приостановить ящик' },
        resume: { en: 'follow a paused mailbox again', ru: 'возобновить работу с ящиком' },
      }[action],
      args: [MAILBOX],
      options: [],
      exits: { 0: DONE, 1: REFUSED, 69: NOT_RUNNING, 78: BAD_CONFIG },
      load: async () => {
        const { runAction } = await import('../commands/mailbox-action.ts');
        return { run: (call) => runAction(call, action) };
      },
    }),
  ),
  {
    words: ['trace'],
    about: { en: 'the story of one meeting through every stage', ru: 'история одной встречи по всем этапам' },
    args: [{ name: 'uid', kind: 'one', about: { en: 'UID of the meeting', ru: 'UID встречи' } }],
    options: [JSON_OPTION],
    exits: { 0: DONE, 1: REFUSED, 69: NOT_RUNNING, 78: BAD_CONFIG },
    load: () => import('../commands/trace.ts'),
  },
  {
    words: ['explain'],
    about: {
      en: 'what the service would do with a meeting and by which rule, or how a mailbox is doing; writes nothing',
      ru: 'что служба сделала бы со встречей и по какому правилу или как дела у ящика; ничего не меняет',
    },
    args: [{ name: 'uid', kind: 'optional', about: { en: 'UID of one meeting', ru: 'UID одной встречи' } }],
    options: [
      JSON_OPTION,
      {
        name: 'mailbox',
        type: 'text',
        value: 'M',
        about: {
          en: 'a mailbox: why it is in its state, its last errors, what to do',
          ru: 'ящик: почему он в таком состоянии, последние ошибки, что делать',
        },
      },
    ],
    exits: { 0: DONE, 1: REFUSED, 69: NOT_RUNNING, 78: BAD_CONFIG },
    load: () => import('../commands/explain.ts'),
  },
  {
    words: ['anomaly', 'list'],
    about: {
      en: 'what waits for your decision, e.g. a mailbox that emptied at once',
      ru: 'что ждёт вашего решения, например разом опустевший ящик',
    },
    args: [],
    options: [JSON_OPTION],
    exits: { 0: DONE, 1: REFUSED, 69: NOT_RUNNING, 78: BAD_CONFIG },
    load: () => import('../commands/anomaly-list.ts'),
  },
  ...(['release', 'discard'] as const).map(
    (decision): Command => ({
      words: ['anomaly', decision],
      about: {
        release: { en: 'the events are really gone: carry it out', ru: 'события действительно удалены: выполнить' },
        discard: { en: 'the events stay for now', ru: 'события пока остаются' },
      }[decision],
      args: [{ name: 'id', kind: 'one', about: { en: 'id from anomaly list', ru: 'id из anomaly list' } }],
      options: [],
      exits: {
        0: DONE,
        1: { en: 'refused, or decided before', ru: 'отказано или уже решено' },
        69: NOT_RUNNING,
        78: BAD_CONFIG,
      },
      load: async () => {
        const { runDecision } = await import('../commands/anomaly-decide.ts');
        return { run: (call) => runDecision(call, decision) };
      },
    }),
  ),
  {
    words: ['job', 'list'],
    about: { en: 'work on meetings that was given up, and why', ru: 'прекращённая работа над встречами и её причины' },
    args: [],
    options: [JSON_OPTION],
    exits: { 0: DONE, 1: REFUSED, 69: NOT_RUNNING, 78: BAD_CONFIG },
    load: () => import('../commands/job-list.ts'),
  },
  {
    words: ['job', 'retry'],
    about: { en: 'try work that was given up again', ru: 'выполнить прекращённое задание снова' },
    args: [{ name: 'id', kind: 'one', about: { en: 'id from job list', ru: 'id из job list' } }],
    options: [],
    exits: { 0: DONE, 1: REFUSED, 69: NOT_RUNNING, 78: BAD_CONFIG },
    load: () => import('../commands/job-retry.ts'),
  },
  {
    words: ['backup'],
    about: { en: 'write the database to a file', ru: 'записать базу данных в файл' },
    args: [{ name: 'file', kind: 'one', isFile: true, about: { en: 'file to make', ru: 'создаваемый файл' } }],
    options: [],
    exits: { 0: DONE, 1: REFUSED, 69: NO_DATABASE, 78: BAD_CONFIG },
    load: () => import('../commands/backup.ts'),
  },
  {
    words: ['restore'],
    about: { en: 'read a backup into an empty database', ru: 'восстановить резервную копию в пустую базу' },
    args: [{ name: 'file', kind: 'one', isFile: true, about: { en: 'file of backup', ru: 'файл резервной копии' } }],
    options: [],
    exits: { 0: DONE, 1: REFUSED, 69: NO_DATABASE, 78: BAD_CONFIG },
    load: () => import('../commands/restore.ts'),
  },
  {
    words: ['migrate'],
    about: { en: 'bring the database to this version', ru: 'обновить базу данных до этой версии' },
    args: [],
    options: [
      {
        name: 'plan',
        type: 'flag',
        about: { en: 'only say what would be done', ru: 'только сказать, что будет сделано' },
      },
    ],
    exits: { 0: DONE, 1: REFUSED, 69: NO_DATABASE, 78: BAD_CONFIG },
    load: () => import('../commands/migrate.ts'),
  },
  {
    words: ['support-bundle'],
    about: {
      en: 'collect what support needs, without secrets and names',
      ru: 'собрать данные для поддержки, без секретов и имён',
    },
    args: [
      {
        name: 'file',
        kind: 'one',
        isFile: true,
        about: { en: 'archive to make (.tar.gz)', ru: 'создаваемый архив (.tar.gz)' },
      },
    ],
    options: [],
    exits: { 0: DONE, 1: REFUSED },
    load: () => import('../commands/support-bundle.ts'),
  },
  {
    words: ['completion'],
    about: { en: 'print a completion script for a shell', ru: 'вывести сценарий дополнения для оболочки' },
    args: [{ name: 'shell', kind: 'one', about: { en: 'bash, zsh or fish', ru: 'bash, zsh или fish' } }],
    options: [],
    exits: { 0: DONE, 64: { en: 'unknown shell', ru: 'неизвестная оболочка' } },
    load: () => import('../commands/completion.ts'),
  },
];

/** Both together, as commands get them. */
export const TABLE: CommandTable = { commands: COMMANDS, globalOptions: GLOBAL_OPTIONS };
