/** The exact sentence of every licence fault, in both languages. */
import { describe, expect, test } from 'vitest';
import {
  type LicenceFault,
  type LicenceFaultCode,
  licenceMessage,
  licenceSentence,
  REGISTERED_TEXT,
} from '../src/index.ts';
import { DAY, HOUR, START } from './office.ts';

const SERVER = 'reg.trueconf.com:443';

const FAULTS: {
  readonly [C in LicenceFaultCode]: readonly (readonly [Extract<LicenceFault, { code: C }>, string, string])[];
} = {
  notRegistered: [
    [
      { code: 'notRegistered' },
      'The product is not registered. Register it: tc_calendar --register KEY',
      'Продукт не зарегистрирован. Зарегистрируйте его: tc_calendar --register КЛЮЧ',
    ],
  ],
  fileUnreadable: [
    [
      { code: 'fileUnreadable', path: '/f', reason: 'EACCES' },
      'The file /f cannot be read (EACCES). Run the command as administrator, or give the user of the service the right to read it.',
      'Файл /f не читается (EACCES). Выполните команду от имени администратора или дайте пользователю службы право на чтение.',
    ],
  ],
  fileNotWritable: [
    [
      { code: 'fileNotWritable', path: '/f', reason: 'EACCES' },
      'The file /f cannot be written (EACCES). Run the command as administrator or give the right to write.',
      'Файл /f не записывается (EACCES). Выполните команду от имени администратора или дайте право на запись.',
    ],
  ],
  fileDamaged: [
    [
      { code: 'fileDamaged', path: '/f' },
      'The file /f is damaged. Restore it from a backup or register again: tc_calendar --register KEY',
      'Файл /f повреждён. Восстановите его из резервной копии или зарегистрируйтесь заново: tc_calendar --register КЛЮЧ',
    ],
  ],
  fileMissing: [
    [{ code: 'fileMissing', path: '/f' }, 'There is no file /f. Check the path.', 'Файла /f нет. Проверьте путь.'],
  ],
  keyExposed: [
    [
      { code: 'keyExposed', path: '/f', mode: '0644' },
      "The installation's key /f has mode 0644: other users can reach it. Run: chmod 600 /f",
      'У ключа установки /f права 0644: он доступен другим пользователям. Выполните: chmod 600 /f',
    ],
  ],
  noIssuerKey: [
    [
      { code: 'noIssuerKey' },
      'This build knows no issuer of licences. Name the issuer’s public key in registration.issuerKeyFile.',
      'Этой сборке неизвестен издатель лицензий. Укажите его открытый ключ в registration.issuerKeyFile.',
    ],
  ],
  issuerKeyUnusable: [
    [
      { code: 'issuerKeyUnusable', path: '/f', reason: 'ENOENT' },
      "The issuer's key /f cannot be used: ENOENT. It must be a public Ed25519 key as JWK or JWK set.",
      'Ключ издателя /f использовать нельзя: ENOENT. Нужен открытый ключ Ed25519 в виде JWK или набора JWK.',
    ],
  ],
  notALicence: [
    [
      { code: 'notALicence' },
      'The file is not a licence: it has another content or a part of it is missing. Ask the manager for the file again.',
      'Файл не является лицензией: в нём другое содержимое или не хватает части. Запросите файл у менеджера ещё раз.',
    ],
  ],
  tampered: [
    [
      { code: 'tampered' },
      'The licence was altered: its signature does not fit. Ask the manager for the file again.',
      'Лицензия изменена: подпись не сходится. Запросите файл у менеджера ещё раз.',
    ],
  ],
  otherIssuer: [
    [
      { code: 'otherIssuer' },
      'The licence was signed by somebody this installation does not know. Check registration.issuerKeyFile.',
      'Лицензия подписана неизвестным издателем. Проверьте registration.issuerKeyFile.',
    ],
  ],
  otherMachine: [
    [
      { code: 'otherMachine' },
      'The licence belongs to another machine: it was issued for a different installation. Register this machine: tc_calendar --register KEY',
      'Лицензия выдана другой машине: идентификатор установки не совпадает. Зарегистрируйте эту машину: tc_calendar --register КЛЮЧ',
    ],
  ],
  notYetValid: [
    [
      { code: 'notYetValid', from: START },
      'The licence is valid only from 2026-03-02 08:00 UTC. Check the clock of this machine.',
      'Лицензия действует только с 2026-03-02 08:00 UTC. Проверьте часы этой машины.',
    ],
  ],
  expired: [
    [
      { code: 'expired', at: START },
      'The licence expired on 2026-03-02 08:00 UTC. Synchronisation stopped then; nothing was deleted. Renew the licence and register again: tc_calendar --register KEY',
      'Срок лицензии истёк 2026-03-02 08:00 UTC. С этого времени синхронизация остановлена; ничего не удалено. Продлите лицензию и зарегистрируйтесь снова: tc_calendar --register КЛЮЧ',
    ],
  ],
  revoked: [
    [
      { code: 'revoked', at: START },
      'The licence was revoked; the registration server said so on 2026-03-02 08:00 UTC. Synchronisation stopped then; nothing was deleted. Ask your manager.',
      'Лицензия отозвана; сервер регистрации сообщил об этом 2026-03-02 08:00 UTC. С этого времени синхронизация остановлена; ничего не удалено. Обратитесь к менеджеру.',
    ],
  ],
  clockSetBack: [
    [
      { code: 'clockSetBack', seen: START, now: START - DAY },
      'The clock of this machine was set back: it shows 2026-03-01 08:00 UTC, but 2026-03-02 08:00 UTC has already been. Set the clock right, or register again if that later time was the wrong one.',
      'Часы машины переведены назад: на них 2026-03-01 08:00 UTC, но 2026-03-02 08:00 UTC уже наступало. Выставьте верное время или зарегистрируйтесь снова, если неверным было более позднее.',
    ],
  ],
  leaseMissing: [
    [
      { code: 'leaseMissing' },
      'The free edition needs its registration server, which has not confirmed the licence yet. Open access to it: registration.host and port in config.json, normally reg.trueconf.com port 443.',
      'Бесплатной версии нужен сервер регистрации, а он ещё не подтвердил лицензию. Откройте к нему доступ: registration.host и port в config.json, обычно reg.trueconf.com, порт 443.',
    ],
  ],
  leaseOverdue: [
    [
      { code: 'leaseOverdue', since: START + 6 * HOUR, until: START + DAY },
      'The registration server has not confirmed the free licence since 2026-03-02 14:00 UTC. Open access to it; synchronisation will stop on 2026-03-03 08:00 UTC.',
      'Сервер регистрации не подтверждает бесплатную лицензию с 2026-03-02 14:00 UTC. Откройте к нему доступ; 2026-03-03 08:00 UTC синхронизация остановится.',
    ],
  ],
  leaseEnded: [
    [
      { code: 'leaseEnded', at: START + DAY },
      'Synchronisation stopped on 2026-03-03 08:00 UTC: the registration server had not confirmed the free licence for a day. Nothing was deleted. Open access to it, and work goes on.',
      'Синхронизация остановлена 2026-03-03 08:00 UTC: сервер регистрации сутки не подтверждал бесплатную лицензию. Ничего не удалено. Откройте к нему доступ, и работа продолжится.',
    ],
  ],
  freeOffline: [
    [
      { code: 'freeOffline' },
      'The free edition cannot be registered offline. Register it with access to the registration server, or use a paid licence.',
      'Бесплатную версию нельзя зарегистрировать офлайн. Зарегистрируйте её при доступном сервере регистрации или используйте платную лицензию.',
    ],
  ],
  noRequest: [
    [
      { code: 'noRequest', path: '/f' },
      'No offline registration was begun here: there is no /f. Run tc_calendar --register KEY on this machine first.',
      'Офлайн-регистрация здесь не начата: нет файла /f. Сначала выполните на этой машине tc_calendar --register КЛЮЧ',
    ],
  ],
  otherRequest: [
    [
      { code: 'otherRequest' },
      'The reply answers another request. Send the newest regoffline.crg and apply the reply to it.',
      'Это ответ на другой запрос. Отправьте последний regoffline.crg и примените ответ на него.',
    ],
  ],
  unknownKey: [
    [
      { code: 'unknownKey' },
      'The registration server does not know this key. Check it for typing errors.',
      'Сервер регистрации не знает такого ключа. Проверьте, нет ли опечатки.',
    ],
  ],
  alreadyUsed: [
    [
      { code: 'alreadyUsed' },
      'This key is in use by another installation. Ask your manager to release it.',
      'Ключ занят другой установкой. Попросите менеджера освободить его.',
    ],
  ],
  keyRevoked: [
    [{ code: 'keyRevoked' }, 'This key was revoked. Ask your manager.', 'Ключ отозван. Обратитесь к менеджеру.'],
  ],
  keyExpired: [
    [
      { code: 'keyExpired' },
      'This key has expired. Ask your manager for a new one.',
      'Срок ключа истёк. Запросите у менеджера новый.',
    ],
  ],
  malformedKey: [
    [
      { code: 'malformedKey' },
      'This is not a registration key: it may hold Latin letters, digits and hyphens, 4 to 100 of them. Copy it from the letter once more.',
      'Это не ключ регистрации: в нём бывают латинские буквы, цифры и дефисы, от 4 до 100 знаков. Скопируйте его из письма ещё раз.',
    ],
  ],
  serverRefused: [
    [
      { code: 'serverRefused', status: 400, said: 'no' },
      'The registration server refused (400): "no". Send this line to your manager.',
      'Сервер регистрации отказал (400): «no». Отправьте эту строку своему менеджеру.',
    ],
  ],
  badAnswer: [
    [
      { code: 'badAnswer', server: SERVER },
      'What answers at reg.trueconf.com:443 is not a registration server. Check registration.host and port, and proxies on the way.',
      'По адресу reg.trueconf.com:443 отвечает не сервер регистрации. Проверьте registration.host и port, а также прокси на пути.',
    ],
  ],
  noLink: [
    [
      { code: 'noLink', server: SERVER, failure: 'dns', detail: 'ENOTFOUND' },
      'There is no link to the registration server reg.trueconf.com:443: its name cannot be resolved (ENOTFOUND). Open access to it.',
      'Нет связи с сервером регистрации reg.trueconf.com:443: его имя не разрешается (ENOTFOUND). Откройте к нему доступ.',
    ],
    [
      { code: 'noLink', server: SERVER, failure: 'refused', detail: 'ECONNREFUSED' },
      'There is no link to the registration server reg.trueconf.com:443: it refuses connections (ECONNREFUSED). Open access to it.',
      'Нет связи с сервером регистрации reg.trueconf.com:443: он не принимает соединения (ECONNREFUSED). Откройте к нему доступ.',
    ],
    [
      { code: 'noLink', server: SERVER, failure: 'timeout', detail: 'ETIMEDOUT' },
      'There is no link to the registration server reg.trueconf.com:443: it does not answer in time (ETIMEDOUT). Open access to it.',
      'Нет связи с сервером регистрации reg.trueconf.com:443: он не отвечает вовремя (ETIMEDOUT). Откройте к нему доступ.',
    ],
    [
      { code: 'noLink', server: SERVER, failure: 'unreachable', detail: 'ENETUNREACH' },
      'There is no link to the registration server reg.trueconf.com:443: there is no route to it (ENETUNREACH). Open access to it.',
      'Нет связи с сервером регистрации reg.trueconf.com:443: к нему нет маршрута (ENETUNREACH). Откройте к нему доступ.',
    ],
    [
      { code: 'noLink', server: SERVER, failure: 'broken', detail: 'ECONNRESET' },
      'There is no link to the registration server reg.trueconf.com:443: the connection breaks off (ECONNRESET). Open access to it.',
      'Нет связи с сервером регистрации reg.trueconf.com:443: соединение обрывается (ECONNRESET). Откройте к нему доступ.',
    ],
    [
      { code: 'noLink', server: SERVER, failure: 'certificate', detail: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
      'The registration server reg.trueconf.com:443 cannot be trusted: its certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT). If it is your own, name its authority in registration.caFile.',
      'Серверу регистрации reg.trueconf.com:443 нельзя доверять: его сертификату нет доверия (DEPTH_ZERO_SELF_SIGNED_CERT). Если он ваш, укажите его удостоверяющий центр в registration.caFile.',
    ],
  ],
};

describe('a licence fault', () => {
  test.each(Object.values(FAULTS).flat())('$code says its own sentence', (fault, en, ru) => {
    expect(licenceMessage(fault)).toBe(en);
    expect(licenceMessage(fault, 'en')).toBe(en);
    expect(licenceMessage(fault, 'ru')).toBe(ru);
  });

  test.each(Object.values(FAULTS).flat())('$code names a cause and a cure', (fault, en, ru) => {
    for (const [language, whole] of [
      ['en', en],
      ['ru', ru],
    ] as const) {
      const { cause, cure } = licenceSentence(fault, language);
      expect(`${cause} ${cure}`).toBe(whole);
      expect(cause).toMatch(/\S.*\.$/);
      expect(cure).toMatch(/^\p{Lu}.{4}/u);
    }
  });

  test('an unusable key of an issuer is explained in the language of the reader', () => {
    const fault = { code: 'issuerKeyUnusable', path: '/f', reason: 'privateKey' } as const;
    expect(licenceMessage(fault)).toContain('it holds a private key');
    expect(licenceMessage(fault, 'ru')).toContain('в нём закрытый ключ');
    expect(licenceMessage({ ...fault, reason: 'otherContent' }, 'ru')).toContain('в нём другое содержимое');
  });

  test('no two faults share a sentence, and no sentence is in the wrong language', () => {
    const all = Object.values(FAULTS).flat();
    for (const language of ['en', 'ru'] as const) {
      expect(new Set(all.map(([fault]) => licenceMessage(fault, language))).size).toBe(all.length);
    }
    for (const [, en, ru] of all) {
      expect(en).not.toMatch(/[а-яё]/i);
      expect(ru).toMatch(/[а-яё]{3}/i);
    }
  });
});

test("success is told in the guide's words", () => {
  expect(REGISTERED_TEXT).toBe('Your product successfully registered. Now you can run tc_calendar');
});
