/** Keys about the service itself: ports, database, registration, pages, limits. Guide section 3.0.1–3.0.2; the rest is ours. */
import {
  choice,
  flag,
  listOrNone,
  optional,
  optionalSection,
  secret,
  section,
  text,
  textOr,
  wholeNumber,
} from './key.ts';
import {
  EMAIL,
  EMAIL_WORDS,
  FILE_PATH,
  FILE_PATH_WORDS,
  HOST,
  HOST_OR_SOCKET,
  HOST_OR_SOCKET_WORDS,
  HOST_WORDS,
  IP_ADDRESS,
  IP_ADDRESS_WORDS,
  LINE,
  LINE_WORDS,
  NAME,
  NAME_WORDS,
  ORIGIN,
  ORIGIN_WORDS,
} from './patterns.ts';

export const wsPort = wholeNumber({
  about: { en: 'Port of the WebSocket server for clients.', ru: 'Порт WebSocket-сервера для клиентов.' },
  origin: 'guide',
  applies: 'restart',
  min: 1,
  max: 65535,
  default: 4315,
});

export const wsHost = textOr('0.0.0.0', HOST, {
  about: {
    en: 'Address the WebSocket server listens on; 127.0.0.1 when TrueConf Server’s web proxy runs on this machine.',
    ru: 'Адрес, на котором слушает WebSocket-сервер; 127.0.0.1, если веб-прокси TrueConf Server на этой же машине.',
  },
  allowed: HOST_WORDS,
  applies: 'restart',
});

export const dbConnectionConfig = optionalSection(
  {
    host: textOr('localhost', HOST_OR_SOCKET, {
      about: { en: 'Host of PostgreSQL.', ru: 'Узел PostgreSQL.' },
      allowed: HOST_OR_SOCKET_WORDS,
      origin: 'guide',
      applies: 'restart',
    }),
    port: wholeNumber({
      about: { en: 'Port of PostgreSQL.', ru: 'Порт PostgreSQL.' },
      origin: 'guide',
      applies: 'restart',
      min: 1,
      max: 65535,
      default: 5441,
    }),
    user: text(LINE, {
      about: { en: 'Role in PostgreSQL.', ru: 'Роль в PostgreSQL.' },
      allowed: LINE_WORDS,
      origin: 'guide',
      applies: 'restart',
      example: 'bridge',
    }),
    password: optional(
      secret({
        about: { en: 'Its password; empty when the role has none.', ru: 'Её пароль; пусто, если пароля нет.' },
        origin: 'guide',
        applies: 'restart',
        mayBeEmpty: true,
      }),
    ),
    database: text(LINE, {
      about: { en: 'Name of the database.', ru: 'Имя базы данных.' },
      allowed: LINE_WORDS,
      origin: 'guide',
      applies: 'restart',
      example: 'calendar',
    }),
    tls: choice(['off', 'verify'], {
      about: {
        en: 'verify: encrypt and check the server’s certificate (another machine); off: no TLS.',
        ru: 'verify — шифровать и проверять сертификат сервера (другая машина); off — без TLS.',
      },
      applies: 'restart',
      default: 'off',
    }),
    caFile: optional(
      text(FILE_PATH, {
        about: { en: 'PEM file for tls: verify.', ru: 'PEM-файл для tls: verify.' },
        allowed: FILE_PATH_WORDS,
        applies: 'restart',
        example: '/etc/ssl/certs/company-ca.pem',
      }),
    ),
    poolSize: wholeNumber({
      about: { en: 'Most connections to the database.', ru: 'Наибольшее число соединений с базой.' },
      applies: 'restart',
      min: 2,
      max: 200,
      default: 10,
    }),
  },
  {
    about: {
      en: 'PostgreSQL. Without this section the embedded database is used (trial only).',
      ru: 'PostgreSQL. Без этой секции работает встроенная база (только для пробы).',
    },
    origin: 'guide',
    applies: 'restart',
  },
);

export const cache = section(
  {
    autoSync: flag({
      about: {
        en: 'true: read all events of the window at the start; false: events made before the first start are not shown.',
        ru: 'true — при старте прочитать все события окна; false — ранее созданные события не показываются.',
      },
      origin: 'guide',
      default: false,
    }),
    backward: wholeNumber({
      about: {
        en: 'Months back for which recurring events are shown.',
        ru: 'Сколько месяцев назад показывать повторяющиеся события.',
      },
      origin: 'guide',
      min: 0,
      max: 24,
      default: 2,
    }),
    forward: wholeNumber({
      about: {
        en: 'Months ahead for which recurring events are shown.',
        ru: 'Сколько месяцев вперёд показывать повторяющиеся события.',
      },
      origin: 'guide',
      min: 1,
      max: 36,
      default: 3,
    }),
  },
  { about: { en: 'Window of the calendar.', ru: 'Окно календаря.' }, origin: 'guide' },
);

export const registration = section(
  {
    scheme: choice(['https', 'http'], {
      about: {
        en: 'http is refused unless host is this machine.',
        ru: 'http разрешён, только если узел — эта же машина.',
      },
      default: 'https',
    }),
    host: textOr('reg.trueconf.com', HOST, {
      about: { en: 'Registration server.', ru: 'Сервер регистрации.' },
      allowed: HOST_WORDS,
    }),
    port: wholeNumber({ about: { en: 'Its port.', ru: 'Его порт.' }, min: 1, max: 65535, default: 443 }),
    caFile: optional(
      text(FILE_PATH, {
        about: {
          en: 'PEM file with the certificate authorities to trust besides the system’s.',
          ru: 'PEM-файл с удостоверяющими центрами, которым верить кроме системных.',
        },
        allowed: FILE_PATH_WORDS,
        example: '/etc/ssl/certs/company-ca.pem',
      }),
    ),
    issuerKeyFile: optional(
      text(FILE_PATH, {
        about: {
          en: 'JSON file with the public key (JWK or JWK set, Ed25519) of a further issuer of licences.',
          ru: 'JSON-файл с открытым ключом (JWK или набор JWK, Ed25519) ещё одного издателя лицензий.',
        },
        allowed: FILE_PATH_WORDS,
        example: 'issuer.jwk.json',
      }),
    ),
  },
  { about: { en: 'Registration of the product.', ru: 'Регистрация продукта.' } },
);

export const http = section(
  {
    host: textOr('127.0.0.1', HOST, {
      about: { en: 'Address of pages, metrics and health checks.', ru: 'Адрес страниц, метрик и проверок.' },
      allowed: HOST_WORDS,
      applies: 'restart',
    }),
    port: wholeNumber({
      about: { en: 'Its port.', ru: 'Его порт.' },
      applies: 'restart',
      min: 1,
      max: 65535,
      default: 4316,
    }),
    adminToken: optional(
      secret({
        about: {
          en: 'Token for actions and for access from other machines.',
          ru: 'Токен для действий и для доступа с других машин.',
        },
      }),
    ),
  },
  { about: { en: 'Status page, calendar page, metrics, health.', ru: 'Страницы, метрики, проверки.' } },
);

export const priorityUsers = listOrNone(
  text(EMAIL, {
    about: { en: 'Address of a mailbox.', ru: 'Адрес почтового ящика.' },
    allowed: EMAIL_WORDS,
    example: 'boss@example.com',
  }),
  {
    about: {
      en: 'Mailboxes served first, and first to get an account of the licence (Enterprise).',
      ru: 'Ящики, которые обслуживаются первыми и первыми получают место лицензии (Enterprise).',
    },
    allowed: { en: 'a list of e-mail addresses', ru: 'список адресов электронной почты' },
  },
);

export const privacy = section(
  {
    privateItems: choice(['masked', 'hidden', 'shown'], {
      about: {
        en: 'Private events for anybody but the owner of the mailbox: time only, not at all, or in full.',
        ru: 'Частные события для всех, кроме владельца ящика: только время, не показывать, показывать.',
      },
      default: 'masked',
    }),
  },
  { about: { en: 'Private events.', ru: 'Частные события.' } },
);

export const access = choice(['full', 'read', 'freeBusy'], {
  about: {
    en: 'What the connector may do in Exchange: everything, read only, or free/busy times only.',
    ru: 'Что коннектору можно в Exchange: всё, только чтение или только занятость.',
  },
  default: 'full',
});

export const language = choice(['ru', 'en'], {
  about: { en: 'Language of texts people see.', ru: 'Язык текстов для людей.' },
  default: 'ru',
});

export const instance = section(
  {
    name: optional(
      text(NAME, {
        about: {
          en: 'Name of this daemon among several on one database. Without it: the host name.',
          ru: 'Имя этого демона среди нескольких на одной базе. Если не задано — имя машины.',
        },
        allowed: NAME_WORDS,
        applies: 'restart',
        example: 'node-1',
      }),
    ),
  },
  { about: { en: 'This daemon.', ru: 'Этот демон.' } },
);

export const allowedOrigins = listOrNone(
  text(ORIGIN, {
    about: { en: 'A web origin.', ru: 'Источник.' },
    allowed: ORIGIN_WORDS,
    example: 'https://portal.example.com',
  }),
  {
    about: {
      en: 'Web pages that may open the socket, besides those of the TrueConf Servers and our own.',
      ru: 'Страницы, которым можно открывать сокет, кроме страниц серверов TrueConf и наших.',
    },
    allowed: { en: 'a list of web origins', ru: 'список источников' },
  },
);

export const trustedProxies = listOrNone(
  text(IP_ADDRESS, {
    about: { en: 'An IP address.', ru: 'IP-адрес.' },
    allowed: IP_ADDRESS_WORDS,
    example: '10.0.0.5',
  }),
  {
    about: {
      en: 'Addresses of proxies whose X-Forwarded-For is believed when connections are counted per address.',
      ru: 'Адреса прокси, чьему X-Forwarded-For верить при подсчёте соединений с одного адреса.',
    },
    allowed: { en: 'a list of IP addresses', ru: 'список IP-адресов' },
  },
);

export const sync = section(
  {
    sweepMinutes: wholeNumber({
      about: {
        en: 'Within this time every mailbox is looked at once although nothing was notified: what a lost notification concealed is found no later. Costs one request to Exchange per mailbox and period.',
        ru: 'За это время каждый ящик проверяется один раз, даже если уведомлений не было: потерянное уведомление обнаружится не позже. Стоит одного запроса к Exchange на ящик за период.',
      },
      min: 1,
      max: 1440,
      default: 360,
    }),
    pollSeconds: wholeNumber({
      about: {
        en: 'How often mailboxes are looked at while streaming notifications do not work.',
        ru: 'Как часто проверять ящики, пока потоковые уведомления не работают.',
      },
      min: 5,
      max: 3600,
      default: 60,
    }),
  },
  { about: { en: 'Observation of mailboxes.', ru: 'Наблюдение за ящиками.' } },
);

export const guard = section(
  {
    massDisappearancePercent: wholeNumber({
      about: {
        en: 'When more than this share of a mailbox’s events vanishes at once, nothing is removed until an administrator confirms. 100: off.',
        ru: 'Если разом исчезла большая доля событий ящика, ничего не удаляется до подтверждения администратором. 100 — выключено.',
      },
      min: 1,
      max: 100,
      default: 50,
    }),
    minimumEvents: wholeNumber({
      about: {
        en: 'The guard sleeps below this number of events.',
        ru: 'Ниже этого числа событий защита не действует.',
      },
      min: 1,
      max: 10000,
      default: 10,
    }),
  },
  { about: { en: 'Guard against mass disappearance.', ru: 'Защита от массового исчезновения.' } },
);

export const limits = section(
  {
    connections: wholeNumber({
      about: { en: 'Most client sockets in all.', ru: 'Наибольшее число клиентских сокетов.' },
      min: 1,
      max: 100000,
      default: 20000,
    }),
    connectionsPerUser: wholeNumber({
      about: { en: 'Most sockets of one user.', ru: 'Наибольшее число сокетов одного пользователя.' },
      min: 1,
      max: 1000,
      default: 10,
    }),
    connectionsPerAddress: wholeNumber({
      about: { en: 'Most sockets from one address.', ru: 'Наибольшее число сокетов с одного адреса.' },
      min: 1,
      max: 100000,
      default: 2000,
    }),
    messageBytes: wholeNumber({
      about: { en: 'Largest message a client may send.', ru: 'Наибольшее сообщение от клиента.' },
      min: 4096,
      max: 1048576,
      default: 262144,
    }),
    requestsPerMinute: wholeNumber({
      about: {
        en: 'Most requests of one connection in a minute.',
        ru: 'Наибольшее число запросов соединения в минуту.',
      },
      min: 10,
      max: 60000,
      default: 600,
    }),
    bufferedBytes: wholeNumber({
      about: {
        en: 'Most unsent bytes for one client; beyond it gets one resync instead of the changes.',
        ru: 'Наибольший объём неотправленного одному клиенту; сверх него — один resync вместо изменений.',
      },
      min: 65536,
      max: 16777216,
      default: 1048576,
    }),
  },
  { about: { en: 'Limits of the client channel.', ru: 'Ограничения клиентского канала.' } },
);

export const log = section(
  {
    level: choice(['error', 'warn', 'info', 'debug'], {
      about: { en: 'How much is logged.', ru: 'Подробность журнала.' },
      default: 'info',
    }),
    to: choice(['stdout', 'file'], {
      about: {
        en: 'stdout: to the systemd journal; file: into var/log/calendar.',
        ru: 'stdout — в журнал systemd; file — в var/log/calendar.',
      },
      applies: 'restart',
      default: 'stdout',
    }),
    personalData: flag({
      about: {
        en: 'Write addresses and subjects as they are instead of marks. For a short search for a fault only.',
        ru: 'Писать адреса и темы как есть, а не метками. Только на время поиска неисправности.',
      },
      default: false,
    }),
  },
  { about: { en: 'Logs.', ru: 'Журналы.' } },
);
