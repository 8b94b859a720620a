/** Which ways to log in a server offers, and whether the configuration of its provider allows one of them. */
import type { CalendarProviderConfig } from '@calendar-connector/config';
import type { HttpFacts } from './endpoint-probe.ts';

const KNOWN = ['Negotiate', 'NTLM', 'Basic', 'Bearer'] as const;

/** In lower case, as far as known. */
export function offeredSchemes({ headers }: HttpFacts): string[] {
  const text = [headers['www-authenticate'] ?? ''].flat().join(', ');
  return KNOWN.filter((scheme) => new RegExp(`(^|[,\\s])${scheme}\\b`, 'i').test(text)).map((one) => one.toLowerCase());
}

/** Asks for a login in a way that may be tried. */
export function canLogIn({ auth }: CalendarProviderConfig, http: HttpFacts | undefined): boolean {
  if (http?.status !== 401) return false;
  const offered = offeredSchemes(http);
  const ntlm = offered.includes('ntlm') || offered.includes('negotiate');
  const basic = offered.includes('basic');
  return { auto: ntlm || basic, ntlm, basic }[auth];
}
