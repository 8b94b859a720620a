/**
 * Texts a conference is given: titles cut to what TrueConf Server takes, without characters that break or disguise them.
 */
import { TOPIC_MAX_CHARACTERS } from '@calendar-connector/calendar-model';
import type { PlanSettings } from '../model/settings.ts';
import { privateTitle } from '../model/settings.ts';

/** Control characters, bidirectional overrides and isolates, lone surrogates: they break requests or disguise a title. */
const UNFIT =
  /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A subject as a conference title: at most 240 code points, one line, never empty. */
export function conferenceTopic(subject: string, language: PlanSettings['language']): string {
  const MAX_SUBJECT = 4096;
  const cleaned = subject.slice(0, MAX_SUBJECT).replace(UNFIT, ' ').replace(/\s+/g, ' ').trim();
  const topic = [...cleaned].slice(0, TOPIC_MAX_CHARACTERS).join('').trim();
  return topic === '' ? (language === 'ru' ? 'Без темы' : 'No subject') : topic;
}

/** The title of a meeting's conference; a private meeting never shows its own (I10). */
export function meetingTopic(subject: string, isPrivate: boolean, settings: PlanSettings): string {
  return conferenceTopic(isPrivate ? privateTitle(settings) : subject, settings.language);
}

/** True when the location holds the keyword as a word of its own, whatever the case. */
export function hasKeyword(location: string, keyword: string): boolean {
  return keywordAt(location, keyword) >= 0;
}

/** Exchange keeps no longer location. */
const MAX_LOCATION = 255;

/** The location with the keyword replaced by the join link, or with the link it has already; a place too long is shortened. */
export function locationWithLink(location: string, keyword: string | undefined, url: string): string {
  if (location.includes(url)) return location;
  const at = keyword === undefined ? -1 : keywordAt(location, keyword);
  const [before, after] =
    at < 0 || keyword === undefined
      ? [`${location} `, '']
      : [location.slice(0, at), location.slice(at + keyword.length)];
  const text = `${before}${url}${after}`.trim();
  if (text.length <= MAX_LOCATION) return text;
  const place = `${before}${after}`.slice(0, Math.max(0, MAX_LOCATION - url.length - 2));
  return place === '' ? url : `${place.replace(/[\s\uD800-\uDBFF]+$/, '')}… ${url}`;
}

function keywordAt(location: string, keyword: string): number {
  if (keyword === '') return -1;
  const text = location.toLowerCase();
  const word = keyword.toLowerCase();
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (isEdge(text.charAt(at - 1)) && isEdge(text.charAt(at + word.length))) return at;
  }
  return -1;
}

function isEdge(character: string): boolean {
  return character === '' || /[\s.,;:!?()[\]{}<>"'«»|/\\-]/.test(character);
}
