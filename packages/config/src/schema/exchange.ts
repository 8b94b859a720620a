/** `calendarProviders[]`: the Exchange organisations. Guide section 3.0.4; scheme, caFile, auth, name and the limits are ours. */
import { choice, entry, list, listOrNone, optional, secret, text, textOr, wholeNumber } from './key.ts';
import {
  EMAIL,
  EMAIL_WORDS,
  FILE_PATH,
  FILE_PATH_WORDS,
  HOST,
  HOST_WORDS,
  LINE,
  LINE_WORDS,
  NAME,
  NAME_WORDS,
  URL_PATH,
  URL_PATH_WORDS,
} from './patterns.ts';

const credential = entry(
  {
    login: text(LINE, {
      about: {
        en: 'Impersonation account: user@domain, DOMAIN\\\\user or a bare login.',
        ru: 'Учётная запись олицетворения: user@domain, DOMAIN\\\\user или просто логин.',
      },
      allowed: LINE_WORDS,
      origin: 'guide',
      example: 'svc@example.com',
    }),
    password: secret({
      about: {
        en: 'Its password, encrypted by tc_calendar --hash_pass.',
        ru: 'Её пароль, зашифрованный командой tc_calendar --hash_pass.',
      },
      origin: 'guide',
    }),
  },
  { about: { en: 'One impersonation account.', ru: 'Одна учётная запись олицетворения.' }, origin: 'guide' },
);

export const calendarProvider = entry(
  {
    name: optional(
      text(NAME, {
        about: {
          en: 'Name of this provider in logs, metrics and commands. Without it: its host.',
          ru: 'Имя провайдера в журналах, метриках и командах. Если не задано — его узел.',
        },
        allowed: NAME_WORDS,
        example: 'main',
      }),
    ),
    type: choice(['ews'], {
      about: {
        en: 'Kind of calendar service; only Exchange Web Services are supported.',
        ru: 'Вид службы календаря; поддерживается только Exchange Web Services.',
      },
      origin: 'guide',
      default: 'ews',
    }),
    scheme: choice(['https', 'http'], {
      about: {
        en: 'Protocol to the Exchange server; http is refused unless host is this machine.',
        ru: 'Протокол до сервера Exchange; http разрешён, только если узел — эта же машина.',
      },
      default: 'https',
    }),
    host: text(HOST, {
      about: { en: 'Host of the Exchange server.', ru: 'Узел сервера Exchange.' },
      allowed: HOST_WORDS,
      origin: 'guide',
      example: 'exchange.example.com',
    }),
    port: wholeNumber({
      about: { en: 'Port of EWS and Autodiscover.', ru: 'Порт EWS и автообнаружения.' },
      origin: 'guide',
      min: 1,
      max: 65535,
      default: 443,
    }),
    path: textOr('/EWS/Exchange.asmx', URL_PATH, {
      about: { en: 'Path of EWS on the host.', ru: 'Путь EWS на узле.' },
      allowed: URL_PATH_WORDS,
      origin: 'guide',
    }),
    autodiscoverPath: text(URL_PATH, {
      about: {
        en: 'Path of SOAP Autodiscover on the host; mandatory, also with one server.',
        ru: 'Путь SOAP-автообнаружения на узле; обязателен, даже если сервер один.',
      },
      allowed: URL_PATH_WORDS,
      origin: 'guide',
      example: '/autodiscover/autodiscover.svc',
    }),
    trustedHosts: listOrNone(
      text(HOST, {
        about: { en: 'A host.', ru: 'Узел.' },
        allowed: HOST_WORDS,
        example: 'exchange2.example.com',
      }),
      {
        about: {
          en: 'Further hosts Autodiscover may send us to. The password goes to no other host outside the domain of `host`.',
          ru: 'Другие узлы, на которые может направить автообнаружение. Узлам вне домена `host` пароль иначе не передаётся.',
        },
        allowed: { en: 'a list of host names', ru: 'список имён узлов' },
      },
    ),
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
    auth: choice(['auto', 'basic', 'ntlm'], {
      about: {
        en: 'How to log in; auto takes the strongest the server offers.',
        ru: 'Способ входа; auto — самый стойкий из предложенных сервером.',
      },
      default: 'auto',
    }),
    maxConcurrentRequests: wholeNumber({
      about: {
        en: 'Most requests in flight to this provider; the connector lowers it itself when Exchange throttles.',
        ru: 'Наибольшее число одновременных запросов; при ограничениях Exchange коннектор снижает его сам.',
      },
      min: 1,
      max: 1000,
      default: 20,
    }),
    credentials: list(credential, {
      about: { en: 'Impersonation accounts.', ru: 'Учётные записи олицетворения.' },
      allowed: {
        en: 'a list with at least one { "login", "password" }',
        ru: 'список хотя бы с одной парой { "login", "password" }',
      },
      origin: 'guide',
      min: 1,
      example: [{ login: 'svc@example.com', password: 'dGNf…' }],
    }),
    users: list(
      text(EMAIL, {
        about: { en: 'Address of a mailbox.', ru: 'Адрес почтового ящика.' },
        allowed: EMAIL_WORDS,
        origin: 'guide',
        example: 'name1@example.com',
      }),
      {
        about: {
          en: 'Mailboxes to keep in step, by e-mail address.',
          ru: 'Почтовые ящики для синхронизации, по адресам.',
        },
        allowed: { en: 'a list of e-mail addresses', ru: 'список адресов электронной почты' },
        origin: 'guide',
        example: ['name1@example.com', 'name2@example.com'],
      },
    ),
  },
  { about: { en: 'One Exchange organisation.', ru: 'Одна организация Exchange.' }, origin: 'guide' },
);
