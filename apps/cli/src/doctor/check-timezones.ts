/** 20: the time-zone rules this program carries are not outdated, and Windows names of zones are known. */
import { TimeZone } from '@calendar-connector/recurrence';
import { type Check, fine, warned } from './check.ts';

const YEARS = 2;

export const checkTimeZones: Check = {
  id: 'timezones',
  title: { en: 'Time-zone rules', ru: 'Правила часовых поясов' },
  needs: [],
  run: async ({ call }) => {
    const version = process.versions.tz ?? 'unknown';
    const year = Number(/^(\d{4})/.exec(version)?.[1] ?? 0);
    const known = TimeZone.fromWindows('Russian Standard Time') !== undefined;
    const now = new Date(call.io.now()).getUTCFullYear();
    if (year + YEARS >= now && known) return [fine(`version ${version}`, `версия ${version}`)];
    const cause = {
      en: `the rules are of ${version}; meetings in zones changed since would be shown at a wrong time`,
      ru: `правила версии ${version}; встречи в поясах, изменённых позже, покажутся в неверное время`,
    };
    return [
      warned(cause, { en: 'install a newer version of the connector', ru: 'установите более новую версию коннектора' }),
    ];
  },
};
