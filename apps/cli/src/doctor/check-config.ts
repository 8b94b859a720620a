/** 1: config.json is valid, and what protects the secrets is in place. */
import type { Finding } from '@calendar-connector/config';
import { type Check, type CheckFinding, failed, fine, warned } from './check.ts';

export const checkConfig: Check = {
  id: 'config',
  title: { en: 'Configuration', ru: 'Конфигурация' },
  needs: [],
  run: async ({ loaded, paths }) => {
    const findings = loaded.findings.map(told);
    if (!loaded.ok || findings.length > 0) return findings;
    return [fine('in order', 'в порядке', paths.config)];
  },
};

/** The loader's sentence already says what is wrong and what to do, in the language of the call. */
function told({ level, file, line, column, key, message }: Finding): CheckFinding {
  const subject = `${file}:${line}:${column} ${key}`;
  const cause = { en: message, ru: message };
  const fix = {
    en: 'correct config.json and run: tc_calendar config check',
    ru: 'исправьте config.json и выполните: tc_calendar config check',
  };
  return level === 'error' ? failed(cause, fix, subject) : warned(cause, fix, subject);
}
