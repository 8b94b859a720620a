/** Keys about TrueConf Server and conferences. Guide sections 3.0.2–3.0.3; servers, keyword, policies are ours. */
import { choice, entry, flag, listOrNone, optional, secret, section, text, textOr } from './key.ts';
import {
  FILE_PATH,
  FILE_PATH_WORDS,
  KEYWORD,
  KEYWORD_WORDS,
  LINE,
  LINE_WORDS,
  PREFIX,
  PREFIX_WORDS,
  SERVER_ID,
  SERVER_ID_WORDS,
  WEB_ADDRESS,
  WEB_ADDRESS_WORDS,
} from './patterns.ts';

const serverId = {
  allowed: SERVER_ID_WORDS,
  example: 'server.example.com#vcs',
};

export const launchConference = flag({
  about: {
    en: 'Start a conference when its event starts.',
    ru: 'Запускать конференцию в момент начала события.',
  },
  origin: 'guide',
  default: true,
});

export const syncConferenceParticipants = flag({
  about: {
    en: 'Keep the participants of a conference equal to those of its event: before the start and on each change. false: never touch them.',
    ru: 'Приводить участников конференции к участникам события: перед стартом и при каждом изменении. false — не трогать.',
  },
  origin: 'guide',
  default: true,
});

export const productWhitelist = section(
  {
    tcs: listOrNone(
      text(SERVER_ID, { about: { en: 'A TrueConf Server.', ru: 'Сервер TrueConf.' }, origin: 'guide', ...serverId }),
      {
        about: {
          en: 'TrueConf Servers whose users may use the connector.',
          ru: 'Серверы TrueConf, пользователям которых открыт коннектор.',
        },
        allowed: { en: 'a list of server names, each followed by #vcs', ru: 'список имён серверов, каждое с #vcs' },
        origin: 'guide',
        example: ['server.example.com#vcs'],
      },
    ),
  },
  { about: { en: 'Who may use the connector.', ru: 'Кому открыт коннектор.' }, origin: 'guide' },
);

const trueConfServer = entry(
  {
    id: text(SERVER_ID, {
      about: { en: 'The name as in productWhitelist.tcs.', ru: 'Имя, как в productWhitelist.tcs.' },
      ...serverId,
    }),
    url: text(WEB_ADDRESS, {
      about: { en: 'Address of the server’s web interface and API.', ru: 'Адрес веб-интерфейса и API сервера.' },
      allowed: WEB_ADDRESS_WORDS,
      example: 'https://server.example.com',
    }),
    apiVersion: choice(['auto', 'v3.11', 'v4'], {
      about: {
        en: 'Version of the server’s API; auto asks the server.',
        ru: 'Версия API сервера; auto — спросить сервер.',
      },
      default: 'auto',
    }),
    clientId: text(LINE, {
      about: {
        en: 'OAuth application made in the control panel of the server.',
        ru: 'OAuth-приложение, созданное в панели управления сервера.',
      },
      allowed: LINE_WORDS,
      example: 'connector',
    }),
    clientSecret: secret({
      about: { en: 'Secret of the OAuth application.', ru: 'Секрет OAuth-приложения.' },
    }),
    caFile: optional(
      text(FILE_PATH, {
        about: {
          en: 'PEM file with the certificate authorities to trust besides the system’s.',
          ru: 'PEM-файл с удостоверяющими центрами, которым верить кроме системных.',
        },
        allowed: FILE_PATH_WORDS,
        example: '/opt/trueconf/server/etc/webmanager/ssl/ca.crt',
      }),
    ),
    fallbackOwner: optional(
      text(LINE, {
        about: {
          en: 'TrueConf user who owns a conference when the organizer has no account there. Without it no conference is made for such an event.',
          ru: 'Пользователь TrueConf — владелец конференции, если у организатора нет учётной записи. Без него конференция для такого события не создаётся.',
        },
        allowed: LINE_WORDS,
        example: 'calendar',
      }),
    ),
  },
  { about: { en: 'How to reach one TrueConf Server.', ru: 'Как обращаться к одному серверу TrueConf.' } },
);

export const trueConfServers = listOrNone(trueConfServer, {
  about: {
    en: 'Addresses and API accounts of the TrueConf Servers named in productWhitelist.tcs.',
    ru: 'Адреса и учётные данные API серверов TrueConf из productWhitelist.tcs.',
  },
  allowed: {
    en: 'a list of { "id", "url", "clientId", "clientSecret" }',
    ru: 'список { "id", "url", "clientId", "clientSecret" }',
  },
  example: [{}],
});

export const conferences = section(
  {
    mode: choice(['smartMeeting', 'moderated', 'allOnScreen', 'videoLecture'], {
      about: {
        en: 'Mode of conferences the connector makes when nobody chose one.',
        ru: 'Режим создаваемых конференций, если он не выбран.',
      },
      default: 'smartMeeting',
    }),
    access: choice(['private', 'public'], {
      about: {
        en: 'private: internal conference; public: webinar open to guests.',
        ru: 'private — внутренняя конференция; public — открытая для гостей.',
      },
      default: 'private',
    }),
    unknownAttendees: choice(['skip', 'guest'], {
      about: {
        en: 'Attendees without a TrueConf account: leave them out, or invite them as e-mail guests (public conferences only).',
        ru: 'Участники без учётной записи TrueConf: не включать или приглашать гостями по почте (только в публичные конференции).',
      },
      default: 'skip',
    }),
    keyword: section(
      {
        enabled: flag({
          about: {
            en: 'Make a conference for each event whose location holds the word.',
            ru: 'Создавать конференцию для событий, в месте проведения которых стоит слово.',
          },
          default: false,
        }),
        word: textOr('@trueconf', KEYWORD, {
          about: { en: 'The word; case does not matter.', ru: 'Это слово; регистр не важен.' },
          allowed: KEYWORD_WORDS,
        }),
      },
      { about: { en: 'Conferences by a word in the location.', ru: 'Конференции по слову в месте проведения.' } },
    ),
  },
  { about: { en: 'Conferences the connector makes.', ru: 'Создаваемые конференции.' } },
);

export const mirrorConferences = section(
  {
    enabled: flag({
      about: {
        en: 'Show conferences planned on TrueConf Server in the owner’s Exchange calendar.',
        ru: 'Показывать запланированные на TrueConf Server конференции в календаре Exchange их владельца.',
      },
      default: true,
    }),
    mail: choice(['none', 'attendees'], {
      about: {
        en: 'Whether Exchange sends invitations for them: none, or to the participants.',
        ru: 'Рассылает ли Exchange приглашения на них: нет или участникам.',
      },
      default: 'none',
    }),
  },
  { about: { en: 'TrueConf → Exchange.', ru: 'TrueConf → Exchange.' } },
);

export const cancelledPrefix = section(
  {
    ru: textOr('Отменено: ', PREFIX, {
      about: {
        en: 'Before the title of a cancelled event, Russian.',
        ru: 'Перед названием отменённого события, по-русски.',
      },
      allowed: PREFIX_WORDS,
    }),
    en: textOr('Canceled: ', PREFIX, {
      about: { en: 'The same in English.', ru: 'То же по-английски.' },
      allowed: PREFIX_WORDS,
    }),
  },
  { about: { en: 'How cancelled events are marked.', ru: 'Как помечаются отменённые события.' } },
);
