/** The sentence for each fault, in Russian: the thing, the cause, the cure. */
import type { LinkFailure } from './fault.ts';
import { moment, type Sentences, sentence } from './sentence.ts';

const LINK_RU: Readonly<Record<LinkFailure, string>> = {
  dns: 'его имя не разрешается',
  refused: 'он не принимает соединения',
  timeout: 'он не отвечает вовремя',
  unreachable: 'к нему нет маршрута',
  broken: 'соединение обрывается',
  certificate: 'его сертификату нет доверия',
};

/** What makes an issuer's key unusable, besides the codes of the system. */
const KEY_RU: Readonly<Record<string, string>> = {
  privateKey: 'в нём закрытый ключ, который должен быть только у издателя',
  otherContent: 'в нём другое содержимое',
};

export const ru: Sentences = {
  notRegistered: () => sentence('Продукт не зарегистрирован.', 'Зарегистрируйте его: tc_calendar --register КЛЮЧ'),
  fileUnreadable: ({ path, reason }) =>
    sentence(
      `Файл ${path} не читается (${reason}).`,
      'Выполните команду от имени администратора или дайте пользователю службы право на чтение.',
    ),
  fileNotWritable: ({ path, reason }) =>
    sentence(
      `Файл ${path} не записывается (${reason}).`,
      'Выполните команду от имени администратора или дайте право на запись.',
    ),
  fileDamaged: ({ path }) =>
    sentence(
      `Файл ${path} повреждён.`,
      'Восстановите его из резервной копии или зарегистрируйтесь заново: tc_calendar --register КЛЮЧ',
    ),
  fileMissing: ({ path }) => sentence(`Файла ${path} нет.`, 'Проверьте путь.'),
  keyExposed: ({ path, mode }) =>
    sentence(
      `У ключа установки ${path} права ${mode}: он доступен другим пользователям.`,
      `Выполните: chmod 600 ${path}`,
    ),
  noIssuerKey: () =>
    sentence('Этой сборке неизвестен издатель лицензий.', 'Укажите его открытый ключ в registration.issuerKeyFile.'),
  issuerKeyUnusable: ({ path, reason }) =>
    sentence(
      `Ключ издателя ${path} использовать нельзя: ${KEY_RU[reason] ?? reason}.`,
      'Нужен открытый ключ Ed25519 в виде JWK или набора JWK.',
    ),
  notALicence: () =>
    sentence(
      'Файл не является лицензией: в нём другое содержимое или не хватает части.',
      'Запросите файл у менеджера ещё раз.',
    ),
  tampered: () => sentence('Лицензия изменена: подпись не сходится.', 'Запросите файл у менеджера ещё раз.'),
  otherIssuer: () => sentence('Лицензия подписана неизвестным издателем.', 'Проверьте registration.issuerKeyFile.'),
  otherMachine: () =>
    sentence(
      'Лицензия выдана другой машине: идентификатор установки не совпадает.',
      'Зарегистрируйте эту машину: tc_calendar --register КЛЮЧ',
    ),
  notYetValid: ({ from }) => sentence(`Лицензия действует только с ${moment(from)}.`, 'Проверьте часы этой машины.'),
  expired: ({ at }) =>
    sentence(
      `Срок лицензии истёк ${moment(at)}. С этого времени синхронизация остановлена; ничего не удалено.`,
      'Продлите лицензию и зарегистрируйтесь снова: tc_calendar --register КЛЮЧ',
    ),
  revoked: ({ at }) =>
    sentence(
      `Лицензия отозвана; сервер регистрации сообщил об этом ${moment(at)}. С этого времени синхронизация остановлена; ничего не удалено.`,
      'Обратитесь к менеджеру.',
    ),
  clockSetBack: ({ seen, now }) =>
    sentence(
      `Часы машины переведены назад: на них ${moment(now)}, но ${moment(seen)} уже наступало.`,
      'Выставьте верное время или зарегистрируйтесь снова, если неверным было более позднее.',
    ),
  leaseMissing: () =>
    sentence(
      'Бесплатной версии нужен сервер регистрации, а он ещё не подтвердил лицензию.',
      'Откройте к нему доступ: registration.host и port в config.json, обычно reg.trueconf.com, порт 443.',
    ),
  leaseOverdue: ({ since, until }) =>
    sentence(
      `Сервер регистрации не подтверждает бесплатную лицензию с ${moment(since)}.`,
      `Откройте к нему доступ; ${moment(until)} синхронизация остановится.`,
    ),
  leaseEnded: ({ at }) =>
    sentence(
      `Синхронизация остановлена ${moment(at)}: сервер регистрации сутки не подтверждал бесплатную лицензию. Ничего не удалено.`,
      'Откройте к нему доступ, и работа продолжится.',
    ),
  freeOffline: () =>
    sentence(
      'Бесплатную версию нельзя зарегистрировать офлайн.',
      'Зарегистрируйте её при доступном сервере регистрации или используйте платную лицензию.',
    ),
  noRequest: ({ path }) =>
    sentence(
      `Офлайн-регистрация здесь не начата: нет файла ${path}.`,
      'Сначала выполните на этой машине tc_calendar --register КЛЮЧ',
    ),
  otherRequest: () =>
    sentence('Это ответ на другой запрос.', 'Отправьте последний regoffline.crg и примените ответ на него.'),
  unknownKey: () => sentence('Сервер регистрации не знает такого ключа.', 'Проверьте, нет ли опечатки.'),
  alreadyUsed: () => sentence('Ключ занят другой установкой.', 'Попросите менеджера освободить его.'),
  keyRevoked: () => sentence('Ключ отозван.', 'Обратитесь к менеджеру.'),
  keyExpired: () => sentence('Срок ключа истёк.', 'Запросите у менеджера новый.'),
  malformedKey: () =>
    sentence(
      'Это не ключ регистрации: в нём бывают латинские буквы, цифры и дефисы, от 4 до 100 знаков.',
      'Скопируйте его из письма ещё раз.',
    ),
  serverRefused: ({ status, said }) =>
    sentence(`Сервер регистрации отказал (${status}): «${said}».`, 'Отправьте эту строку своему менеджеру.'),
  badAnswer: ({ server }) =>
    sentence(
      `По адресу ${server} отвечает не сервер регистрации.`,
      'Проверьте registration.host и port, а также прокси на пути.',
    ),
  noLink: ({ server, failure, detail }) =>
    failure === 'certificate'
      ? sentence(
          `Серверу регистрации ${server} нельзя доверять: ${LINK_RU[failure]} (${detail}).`,
          'Если он ваш, укажите его удостоверяющий центр в registration.caFile.',
        )
      : sentence(
          `Нет связи с сервером регистрации ${server}: ${LINK_RU[failure]} (${detail}).`,
          'Откройте к нему доступ.',
        ),
};
