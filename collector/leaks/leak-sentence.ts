import { type Match, matchedEvent } from '../contract/match.ts';
import type { Place } from '../queries/leaks-counts.ts';
import { matchInWords } from '../queries/match.ts';

export interface LeakInWords {
  kind: 'behaviour' | 'tracking';
  place: Place;
  /** `2026-11-03`; null where it has always been so. */
  since: string | null;
  who: { dimension: string; value: string } | null;
  /** Lost of reached, 0–1, of those it is about, and what it was before (or is elsewhere). */
  rate: number;
  baseline: number;
  /** People lost beyond the baseline. */
  excess: number;
}

/** One sentence for somebody who knows the site and no statistics, and how many people it cost. */
export function leakSentence(leak: LeakInWords): string {
  const when = leak.since === null ? '' : `Since ${dayInWords(leak.since)}, `;
  const text = leak.kind === 'tracking' ? faultInWords(leak) : behaviourInWords(leak);
  return capitalized(`${when}${text}`);
}

function behaviourInWords({ place, since, who, rate, baseline, excess }: LeakInWords): string {
  const people = who ? peopleInWords(who) : 'visitors';
  const compared = since === null ? 'than elsewhere' : 'than before';
  const often = timesInWords(rate, baseline) ?? `more often ${compared}`;
  const lost = `About ${wholeNumber(excess)} people lost.`;
  return `${people} ${leavingInWords(place)} ${often}: ${percent(rate)} instead of ${percent(baseline)}. ${lost}`;
}

function leavingInWords({ kind, where, from, to }: Place): string {
  if (kind === 'field') {
    const [form = where, field = ''] = where.split(' · ');
    return `leave the form ${form} at the field ${field}`;
  }
  if (kind === 'form') return `leave the form ${where}`;
  if (kind === 'page') return `leave ${matchInWords(from)} without ${goingTo(to)}`;
  return `stop between ${matchInWords(from)} and ${matchInWords(to)}`;
}

function goingTo(to: Match): string {
  return matchedEvent(to) === 'pageview' ? `going on to ${matchInWords(to)}` : matchInWords(to);
}

function faultInWords({ place, who, rate, baseline }: LeakInWords): string {
  if (place.lost === 'cookieless') {
    const whose = who ? ` of ${peopleInWords(who)}` : '';
    return `${percent(rate)} of the visits${whose} come without consent instead of ${percent(baseline)}. Has the consent banner changed? Fewer people are recognized when they return.`;
  }
  const where = who ? ` from ${peopleInWords(who)}` : '';
  const how = rate > 0.995 ? 'no longer arrives' : 'hardly arrives any more';
  return `${matchInWords(place.to)} ${how}${where}, while ${matchInWords(place.from)} goes on as usual: ${percent(1 - rate)} instead of ${percent(1 - baseline)}. Probably the event is no longer sent.`;
}

const countryNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });

/** `phone visitors`, `visitors from Austria`. */
function peopleInWords({ dimension, value }: { dimension: string; value: string }): string {
  switch (dimension) {
    case 'device':
      return value === 'mobile' ? 'phone visitors' : `${value} visitors`;
    case 'country':
      return `visitors from ${/^[A-Z]{2}$/.test(value) ? countryNames.of(value) : 'an unknown country'}`;
    case 'channel':
      return value === 'direct' ? 'visitors who come directly' : `visitors from ${value.replaceAll('_', ' ')}`;
    case 'source':
      return value === '' ? 'visitors who come directly' : `visitors from ${value}`;
    default:
      return value === '' ? `visitors with an unknown ${dimension}` : `visitors with ${value}`;
  }
}

function timesInWords(rate: number, baseline: number): string | undefined {
  const times = baseline > 0 ? rate / baseline : Number.POSITIVE_INFINITY;
  if (times < 1.4) return undefined;
  if (times < 1.75) return 'one and a half times as often';
  if (times < 2.5) return 'twice as often';
  if (times > 9.5) return 'many times as often';
  const numbers = ['three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
  return `${numbers[Math.round(times) - 3] ?? 'many'} times as often`;
}

function dayInWords(date: string): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(Date.parse(date));
}

function percent(share: number): string {
  const hundredths = share * 100;
  return `${hundredths > 0 && hundredths < 1 ? hundredths.toFixed(1) : Math.round(hundredths)} %`;
}

function wholeNumber(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
