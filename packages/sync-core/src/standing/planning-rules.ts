/**
 * What of the settings decides about meetings, and how to find the meetings a change of it may concern. A server that is
 * whitelisted later, a keyword switched on, conferences that are to be launched from now on: meetings made before have to
 * be planned anew although nobody touches them. SPEC.md §3.6.
 */
import type { PlanSettings } from '../model/settings.ts';
import type { PlanningRules } from '../ports/sync-store.ts';
import { canonical } from './canonical.ts';
import { sha256Hex } from './sha256.ts';

/** Raised when planning itself decides otherwise than before: the next start then plans every meeting anew. */
const EDITION = 1;
/** How call strings and TrueConf's own addresses begin; they need not name the server. */
const SIGNS_WITHOUT_SERVER = ['\\c\\', 'trueconf:'];

/** The rules of these settings. How long to wait and how much to bear is no rule. */
export function planningRules(settings: PlanSettings): Omit<PlanningRules, 'at'> {
  const { timing: _timing, limits: _limits, ...rules } = settings;
  return { fingerprint: sha256Hex(canonical({ edition: EDITION, rules })), signs: conferenceSigns(settings) };
}

/** Texts one of which stands in every item that `needsPlan` for a link or keyword (letters written as entities aside). */
function conferenceSigns({ servers, keyword }: PlanSettings): readonly string[] {
  const hosts = servers.flatMap(({ id, hosts }) => [id.split('#')[0] ?? id, ...hosts]);
  const signs = [...hosts, ...(servers.length > 0 ? SIGNS_WITHOUT_SERVER : []), ...(keyword ? [keyword.text] : [])];
  return [...new Set(signs.map((sign) => sign.toLowerCase()))].filter((sign) => sign !== '');
}
