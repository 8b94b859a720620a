/** The manual pages by their place below docs/man. */
import { configManualPage, manualPage } from './manual-pages.ts';

export function manualFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['en/tc_calendar.8', manualPage('en')],
    ['ru/tc_calendar.8', manualPage('ru')],
    ['en/tc_calendar.json.5', configManualPage('en')],
    ['ru/tc_calendar.json.5', configManualPage('ru')],
  ]);
}
