/** Russian and English, by the browser's language; dates and numbers as that very locale writes them. */
const wanted = navigator.language.toLowerCase();
export const language: 'ru' | 'en' = wanted.startsWith('ru') ? 'ru' : 'en';
export const locale = wanted.startsWith(language) ? navigator.language : language;
document.documentElement.lang = language;

export function words<const Table extends Record<string, { readonly en: string; readonly ru: string }>>(
  table: Table,
): { readonly [Key in keyof Table]: string } {
  return Object.fromEntries(Object.entries(table).map(([key, text]) => [key, text[language]])) as never;
}

/** "3 min ago" in the reader's language. */
export function ago(iso: string | undefined, now: number): string {
  if (iso === undefined) return '—';
  const seconds = Math.round((Date.parse(iso) - now) / 1000);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const size = Math.abs(seconds);
  if (size < 60) return format.format(seconds, 'second');
  if (size < 3600) return format.format(Math.round(seconds / 60), 'minute');
  if (size < 86_400) return format.format(Math.round(seconds / 3600), 'hour');
  return format.format(Math.round(seconds / 86_400), 'day');
}
