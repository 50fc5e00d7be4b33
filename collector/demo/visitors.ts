import type { ServerEvent } from '../contract/wire.ts';
import { type Act, journey, type Source } from './journey.ts';
import { makePerson, type Person } from './people.ts';
import { plantedRates } from './planted-rates.ts';
import { pick, seededRandom } from './seeded-random.ts';

/** Days of history before today. */
export const historyDays = 60;
const dayMs = 86_400_000;
/** The salon's clock. Its people sleep and its weekends begin by it. */
export const salonTimeZone = 'Europe/Berlin';

export interface Visit {
  person: Person;
  source: Source;
  /** Days from today, -60 … 0. */
  day: number;
  /** Milliseconds since 1970 of the first page view. */
  startedAt: number;
  acts: Act[];
  id: string;
}

/**
 * Every visit to the salon in the 60 days before `today` (`2026-06-30`) and on it, in no particular order. The traits and
 * choices of a visit depend on the seed, the distance of its day from today and its number on that day, nothing else; how many
 * visits a day has depends on its weekday.
 */
export function* visits(today: string, seed = 'amara'): Generator<Visit> {
  const lastSeen = new Map<string, number[]>();
  for (let day = -historyDays; day <= 0; day++) {
    const date = addDays(today, day);
    const midnight = midnightMs(date);
    const weekday = new Date(`${date}T00:00Z`).getUTCDay();
    const weekend = weekday === 0 || weekday === 6;
    for (let index = 0; index < visitsOn(today, day, seed); index++) {
      const random = seededRandom(seed, day, index);
      const source = pick(random, sourcesOn(day, weekday));
      const startedAt = midnight + Math.floor((pick(random, hours) + random()) * 3_600_000);
      const known = personOf(today, day, index, seed);
      // Two visits within three hours might become one session, which has one source: then it is somebody else.
      const near = lastSeen.get(known.visitor)?.some((at) => Math.abs(at - startedAt) < 3 * 3_600_000);
      const person = near ? newPerson(day, index, seed) : known;
      lastSeen.set(person.visitor, [...(lastSeen.get(person.visitor) ?? []), startedAt]);
      const id = `${date.replaceAll('-', '')}-${index}`;
      const acts = journey({ device: person.device, day, weekend, source, visit: id }, random);
      yield { person, source, day, startedAt, acts, id };
    }
  }
}

/** The history as events for the server ingest, oldest first. Visits that are not over by `until` (ms) are left out. */
export function historyEvents(options: { today: string; origin: string; until: number; seed?: string }): ServerEvent[] {
  const events: (ServerEvent & { at: number })[] = [];
  for (const visit of visits(options.today, options.seed)) {
    const last = visit.acts.at(-1);
    if (!last || visit.startedAt + last.second * 1000 > options.until) continue;
    events.push(...toEvents(visit, options.origin));
  }
  return events.sort((one, other) => one.at - other.at || (one.seq ?? 0) - (other.seq ?? 0));
}

/** One visit as server events. Ids come from the visit, so that sending it again adds nothing. */
export function toEvents(visit: Visit, origin: string): (ServerEvent & { at: number })[] {
  const { visitor, ip, userAgent } = visit.person;
  return visit.acts.map((act, index) => ({
    id: `demo-${visit.id}-${index}`,
    seq: index,
    name: act.name,
    at: visit.startedAt + act.second * 1000,
    visitor,
    url: origin + act.path,
    title: act.title,
    ip,
    userAgent,
    ...(act.ref ? { ref: act.ref } : {}),
    ...(act.props ? { props: act.props } : {}),
  }));
}

/** Calendar date of an instant at the salon. */
export function salonDate(ms: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: salonTimeZone }).format(ms);
}

/** The date so many days later. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** Midnight at the salon, milliseconds since 1970. */
export function midnightMs(date: string): number {
  const utc = Date.parse(`${date}T00:00Z`);
  // Berlin is one or two hours ahead of UTC; noon tells which, and nobody in the history is awake when the clock changes.
  const noon = Number(
    new Intl.DateTimeFormat('en', { timeZone: salonTimeZone, hour: 'numeric', hourCycle: 'h23' }).format(
      utc + dayMs / 2,
    ),
  );
  return utc - (noon - 12) * 3_600_000;
}

function visitsOn(today: string, day: number, seed: string): number {
  const weekday = new Date(`${addDays(today, day)}T00:00Z`).getUTCDay();
  const byWeekday = [0.95, 0.8, 0.95, 1, 1.1, 1.15, 1.05][weekday] ?? 1;
  const noise = 0.9 + 0.2 * seededRandom(seed, 'day', day)();
  const growth = 1 + (day + historyDays) / 300;
  return Math.round(84 * byWeekday * noise * growth);
}

/** Every fifth visit is by somebody who was there in the two weeks before. */
function personOf(today: string, day: number, index: number, seed: string): Person {
  const random = seededRandom(seed, 'person', day, index);
  if (day > -historyDays && random() < 0.2) {
    const before = Math.max(-historyDays, day - 1 - Math.floor(random() * 14));
    return personOf(today, before, Math.floor(random() * visitsOn(today, before, seed)), seed);
  }
  return newPerson(day, index, seed);
}

function newPerson(day: number, index: number, seed: string): Person {
  return makePerson(`demo-visitor-${day + historyDays}-${index}`, seededRandom(seed, 'traits', day, index));
}

function sourcesOn(day: number, weekday: number): [Source, number][] {
  const newsletterDay = weekday === 4;
  return [
    [{ name: 'google', ref: 'https://www.google.com/', query: '' }, 36],
    [{ name: 'ads', ref: 'https://www.google.com/', query: 'utm_source=google&utm_medium=cpc&utm_campaign=berlin' }, 7],
    [{ name: 'instagram', ref: 'https://l.instagram.com/', query: 'utm_source=instagram&utm_medium=social' }, 11],
    [
      {
        name: 'spring',
        ref: 'https://l.instagram.com/',
        query: 'utm_source=instagram&utm_medium=paid_social&utm_campaign=spring',
      },
      day >= plantedRates.springSince ? 10 : 0,
    ],
    [
      { name: 'newsletter', ref: '', query: 'utm_source=newsletter&utm_medium=email&utm_campaign=letter' },
      newsletterDay ? 24 : 3,
    ],
    [{ name: 'direct', ref: '', query: '' }, 26],
    [{ name: 'referral', ref: 'https://berlin-for-two.example/spa-day', query: '' }, 7],
  ];
}

/** Hours of the day by how many people are about: a lunch break and a long evening. */
const hours: readonly (readonly [number, number])[] = [1, 2, 4, 6, 7, 7, 9, 9, 6, 6, 6, 7, 8, 10, 12, 11, 7, 3].map(
  (weight, index) => [index + 6, weight],
);
