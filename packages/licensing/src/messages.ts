/** The sentence for each fault, in both languages: the thing, the cause, the cure. */
import type { Instant } from '@calendar-connector/calendar-model';
import type { LicenceFault, LicenceFaultCode, LinkFailure } from './fault.ts';

export type Language = 'en' | 'ru';

type FaultOf<C extends LicenceFaultCode> = Extract<LicenceFault, { readonly code: C }>;
type Sentences = { readonly [C in LicenceFaultCode]: (fault: FaultOf<C>) => string };

const LINK_EN: Readonly<Record<LinkFailure, string>> = {
  dns: 'its name cannot be resolved',
  refused: 'it refuses connections',
  timeout: 'it does not answer in time',
  unreachable: 'there is no route to it',
  broken: 'the connection breaks off',
  certificate: 'its certificate is not trusted',
};

const LINK_RU: Readonly<Record<LinkFailure, string>> = {
  dns: 'его имя не разрешается',
  refused: 'он не принимает соединения',
  timeout: 'он не отвечает вовремя',
  unreachable: 'к нему нет маршрута',
  broken: 'соединение обрывается',
  certificate: 'его сертификату нет доверия',
};

const en: Sentences = {
  notRegistered: () => 'The product is not registered. Register it: tc_calendar --register KEY',
  fileUnreadable: ({ path, reason }) =>
    `The file ${path} cannot be read (${reason}). Give the service's user the right to read it.`,
  fileNotWritable: ({ path, reason }) =>
    `The file ${path} cannot be written (${reason}). Run the command as administrator or give the right to write.`,
  fileDamaged: ({ path }) =>
    `The file ${path} is damaged. Restore it from a backup or register again: tc_calendar --register KEY`,
  fileMissing: ({ path }) => `There is no file ${path}. Check the path.`,
  keyExposed: ({ path, mode }) =>
    `The installation's key ${path} has mode ${mode}: other users can reach it. Run: chmod 600 ${path}`,
  noIssuerKey: () =>
    'This build knows no issuer of licences. Name the issuer’s public key in registration.issuerKeyFile.',
  issuerKeyUnusable: ({ path, reason }) =>
    `The issuer's key ${path} cannot be used: ${reason}. It must be a public Ed25519 key as JWK or JWK set.`,
  notALicence: () =>
    'The file is not a licence: it has another content or a part of it is missing. Ask the manager for the file again.',
  tampered: () => 'The licence was altered: its signature does not fit. Ask the manager for the file again.',
  otherIssuer: () =>
    'The licence was signed by somebody this installation does not know. Check registration.issuerKeyFile.',
  otherMachine: () =>
    'The licence belongs to another machine: it was issued for a different installation. Register this machine: tc_calendar --register KEY',
  notYetValid: ({ from }) => `The licence is valid only from ${moment(from)}. Check the clock of this machine.`,
  expired: ({ at }) =>
    `The licence expired on ${moment(at)}. Synchronisation stopped then; nothing was deleted. Renew the licence and register again: tc_calendar --register KEY`,
  revoked: ({ at }) =>
    `The licence was revoked; the registration server said so on ${moment(at)}. Synchronisation stopped then; nothing was deleted. Ask your manager.`,
  clockSetBack: ({ seen, now }) =>
    `The clock of this machine was set back: it shows ${moment(now)}, but ${moment(seen)} has already been. Set the clock right, or register again if that later time was the wrong one.`,
  leaseMissing: () =>
    'The free edition needs its registration server, which has not confirmed the licence yet. Open access to reg.trueconf.com port 443.',
  leaseOverdue: ({ since, until }) =>
    `The registration server has not confirmed the free licence since ${moment(since)}. Open access to it; synchronisation will stop on ${moment(until)}.`,
  leaseEnded: ({ at }) =>
    `Synchronisation stopped on ${moment(at)}: the registration server had not confirmed the free licence for a day. Nothing was deleted; open access to it and work goes on.`,
  freeOffline: () =>
    'The free edition cannot be registered offline. Register it with access to the registration server, or use a paid licence.',
  noRequest: ({ path }) =>
    `No offline registration was begun here: there is no ${path}. Run tc_calendar --register KEY on this machine first.`,
  otherRequest: () => 'The reply answers another request. Send the newest regoffline.crg and apply the reply to it.',
  unknownKey: () => 'The registration server does not know this key. Check it for typing errors.',
  alreadyUsed: () => 'This key is in use by another installation. Ask your manager to release it.',
  keyRevoked: () => 'This key was revoked. Ask your manager.',
  keyExpired: () => 'This key has expired. Ask your manager for a new one.',
  malformedKey: () =>
    'This is not a registration key: it may hold Latin letters, digits and hyphens, 4 to 100 of them.',
  serverRefused: ({ status, said }) => `The registration server refused (${status}): ${said}`,
  badAnswer: ({ server }) =>
    `What answers at ${server} is not a registration server. Check registration.host and port, and proxies on the way.`,
  noLink: ({ server, failure, detail }) =>
    failure === 'certificate'
      ? `The registration server ${server} cannot be trusted: ${LINK_EN[failure]} (${detail}). If it is your own, name its authority in registration.caFile.`
      : `There is no link to the registration server ${server}: ${LINK_EN[failure]} (${detail}).`,
};

const ru: Sentences = {
  notRegistered: () => 'Продукт не зарегистрирован. Зарегистрируйте его: tc_calendar --register КЛЮЧ',
  fileUnreadable: ({ path, reason }) =>
    `Файл ${path} не читается (${reason}). Дайте пользователю службы право на чтение.`,
  fileNotWritable: ({ path, reason }) =>
    `Файл ${path} не записывается (${reason}). Выполните команду от имени администратора или дайте право на запись.`,
  fileDamaged: ({ path }) =>
    `Файл ${path} повреждён. Восстановите его из резервной копии или зарегистрируйтесь заново: tc_calendar --register КЛЮЧ`,
  fileMissing: ({ path }) => `Файла ${path} нет. Проверьте путь.`,
  keyExposed: ({ path, mode }) =>
    `У ключа установки ${path} права ${mode}: он доступен другим пользователям. Выполните: chmod 600 ${path}`,
  noIssuerKey: () =>
    'Этой сборке неизвестен издатель лицензий. Укажите его открытый ключ в registration.issuerKeyFile.',
  issuerKeyUnusable: ({ path, reason }) =>
    `Ключ издателя ${path} использовать нельзя: ${reason}. Нужен открытый ключ Ed25519 в виде JWK или набора JWK.`,
  notALicence: () =>
    'Файл не является лицензией: в нём другое содержимое или не хватает части. Запросите файл у менеджера ещё раз.',
  tampered: () => 'Лицензия изменена: подпись не сходится. Запросите файл у менеджера ещё раз.',
  otherIssuer: () => 'Лицензия подписана неизвестным издателем. Проверьте registration.issuerKeyFile.',
  otherMachine: () =>
    'Лицензия от другой машины: она выдана иной установке. Зарегистрируйте эту машину: tc_calendar --register КЛЮЧ',
  notYetValid: ({ from }) => `Лицензия действует только с ${moment(from)}. Проверьте часы этой машины.`,
  expired: ({ at }) =>
    `Срок лицензии истёк ${moment(at)}. С этого времени синхронизация остановлена; ничего не удалено. Продлите лицензию и зарегистрируйтесь снова: tc_calendar --register КЛЮЧ`,
  revoked: ({ at }) =>
    `Лицензия отозвана; сервер регистрации сообщил об этом ${moment(at)}. С этого времени синхронизация остановлена; ничего не удалено. Обратитесь к менеджеру.`,
  clockSetBack: ({ seen, now }) =>
    `Часы машины переведены назад: на них ${moment(now)}, но ${moment(seen)} уже наступало. Выставьте верное время или зарегистрируйтесь снова, если неверным было более позднее.`,
  leaseMissing: () =>
    'Бесплатной версии нужен сервер регистрации, а он ещё не подтвердил лицензию. Откройте доступ к reg.trueconf.com, порт 443.',
  leaseOverdue: ({ since, until }) =>
    `Сервер регистрации не подтверждает бесплатную лицензию с ${moment(since)}. Откройте к нему доступ; ${moment(until)} синхронизация остановится.`,
  leaseEnded: ({ at }) =>
    `Синхронизация остановлена ${moment(at)}: сервер регистрации сутки не подтверждал бесплатную лицензию. Ничего не удалено; откройте к нему доступ, и работа продолжится.`,
  freeOffline: () =>
    'Бесплатную версию нельзя зарегистрировать офлайн. Зарегистрируйте её при доступном сервере регистрации или используйте платную лицензию.',
  noRequest: ({ path }) =>
    `Офлайн-регистрация здесь не начата: нет файла ${path}. Сначала выполните на этой машине tc_calendar --register КЛЮЧ`,
  otherRequest: () => 'Это ответ на другой запрос. Отправьте последний regoffline.crg и примените ответ на него.',
  unknownKey: () => 'Сервер регистрации не знает такого ключа. Проверьте, нет ли опечатки.',
  alreadyUsed: () => 'Ключ занят другой установкой. Попросите менеджера освободить его.',
  keyRevoked: () => 'Ключ отозван. Обратитесь к менеджеру.',
  keyExpired: () => 'Срок ключа истёк. Запросите у менеджера новый.',
  malformedKey: () => 'Это не ключ регистрации: в нём бывают латинские буквы, цифры и дефисы, от 4 до 100 знаков.',
  serverRefused: ({ status, said }) => `Сервер регистрации отказал (${status}): ${said}`,
  badAnswer: ({ server }) =>
    `По адресу ${server} отвечает не сервер регистрации. Проверьте registration.host и port, а также прокси на пути.`,
  noLink: ({ server, failure, detail }) =>
    failure === 'certificate'
      ? `Серверу регистрации ${server} нельзя доверять: ${LINK_RU[failure]} (${detail}). Если он ваш, укажите его удостоверяющий центр в registration.caFile.`
      : `Нет связи с сервером регистрации ${server}: ${LINK_RU[failure]} (${detail}).`,
};

/** The sentence a person reads about a fault. */
export function licenceMessage(fault: LicenceFault, language: Language = 'en'): string {
  const sentences = language === 'ru' ? ru : en;
  return (sentences[fault.code] as (fault: LicenceFault) => string)(fault);
}

/** What `--register` prints on success, to the letter of the guide. */
export const REGISTERED_TEXT = 'Your product successfully registered. Now you can run tc_calendar';

/** `2026-03-02 08:00 UTC` */
function moment(instant: Instant): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
