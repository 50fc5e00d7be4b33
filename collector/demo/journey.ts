import type { Props } from '../contract/wire.ts';
import { plantedRates } from './planted-rates.ts';
import { salonPaths } from './salon/paths.ts';
import { findTreatment, type Treatment, treatments } from './salon/treatments.ts';
import { pick } from './seeded-random.ts';

/** What a visit is like before its first page. */
export interface Setting {
  device: string;
  /** Days from today: 0 is today, -1 yesterday. */
  day: number;
  weekend: boolean;
  source: Source;
  /** Unique among all visits; booking ids are made from it. */
  visit: string;
}

/** Where visitors come from: the referring page and the UTM part of the address they open. */
export interface Source {
  name: 'google' | 'ads' | 'instagram' | 'spring' | 'newsletter' | 'direct' | 'referral';
  ref: string;
  query: string;
}

/** One thing that a visitor does, so many seconds into the visit. */
export interface Act {
  second: number;
  name: string;
  /** With the query, as it stands in the address bar. */
  path: string;
  title: string;
  /** Only on a visit's first page; on later ones it is the page before. */
  ref?: string;
  props?: Props;
}

type Place =
  | 'home'
  | 'treatments'
  | 'treatment'
  | 'prices'
  | 'about'
  | 'contact'
  | 'sent'
  | 'offer'
  | 'book'
  | 'time'
  | 'details'
  | 'thanks'
  | 'leave';
type Odds = readonly (readonly [Place, number])[];

/** What a visitor of the salon does in one visit, from the first page to the last. Pure: same random numbers, same visit. */
export function journey(setting: Setting, random: () => number): Act[] {
  const acts: Act[] = [];
  let second = 0;
  let treatment = pick(random, favourites);
  let place = landing(setting.source, random);
  const booking = `b-${setting.visit}`;

  for (let pages = 0; place !== 'leave' && pages < 12; pages++) {
    if (place === 'treatment' && pages > 0) treatment = pick(random, favourites);
    if (setting.source.name === 'spring' && pages === 0) treatment = glowFacial;
    const page = pageOf(place, { treatment, booking });
    const path = pages === 0 && setting.source.query ? `${page.path}?${setting.source.query}` : page.path;
    const here = { path, title: page.title };
    acts.push({
      second,
      name: 'pageview',
      ...here,
      ...(pages === 0 && setting.source.ref ? { ref: setting.source.ref } : {}),
    });
    const money = { booking_id: booking, treatment: treatment.title, value: treatment.price, currency: 'EUR' };
    const step = bookingStep[place];
    if (step) acts.push({ second, name: step, ...here, props: money });
    if (place === 'offer') acts.push({ second, name: 'not_found', ...here });

    const seconds = secondsOn(place, random);
    const form = place === 'contact' && random() < 0.5 ? quoteForm(random, { ...here, start: second + 3 }) : undefined;
    if (form) acts.push(...form.acts);
    second = Math.max(second + seconds, form ? form.end + 1 : 0);
    const scroll = Math.min(100, Math.round(30 + random() * 80));
    acts.push({ second, name: 'engagement', ...here, props: { engaged_ms: Math.round(seconds * 850), scroll } });
    second += 1;
    place = form ? (form.sent ? 'sent' : 'leave') : next(place, setting, random);
  }
  return acts;
}

const [glowFacial] = [findTreatment('glow-facial') ?? treatments[0]].filter((found) => found !== undefined) as [
  Treatment,
];

const favourites: readonly (readonly [Treatment, number])[] = treatments.map((treatment, index) => [
  treatment,
  [26, 14, 22, 14, 16, 8][index] ?? 1,
]);

const bookingStep: Partial<Record<Place, string>> = {
  time: 'booking_start',
  details: 'booking_time',
  thanks: 'booking_done',
};

function landing(source: Source, random: () => number): Place {
  switch (source.name) {
    case 'spring':
      return 'treatment';
    case 'newsletter':
      return pick<Place>(random, [
        ['treatments', 6],
        ['prices', 3],
        ['home', 1],
      ]);
    case 'ads':
      return pick<Place>(random, [
        ['treatment', 6],
        ['book', 2],
        ['home', 2],
      ]);
    default:
      return pick<Place>(random, [
        ['home', 62],
        ['treatment', 18],
        ['prices', 11],
        ['contact', 5],
        ['about', 4],
      ]);
  }
}

function next(place: Place, setting: Setting, random: () => number): Place {
  const { datePickerSince, datePickerLeave, springButton, pricesLeave } = plantedRates;
  switch (place) {
    case 'treatment': {
      // The campaign's page has no other button than the offer, so its visitors take it or go.
      if (setting.source.name === 'spring' && random() < springButton) return 'offer';
      return pick(random, setting.source.name === 'spring' ? afterSpring : afterTreatment);
    }
    case 'prices': {
      const leave = setting.weekend ? pricesLeave.weekend : pricesLeave.weekday;
      return random() < leave ? 'leave' : pick(random, afterPrices);
    }
    case 'time': {
      const hard = setting.device === 'mobile' && setting.day >= datePickerSince;
      return random() < (hard ? datePickerLeave.mobileSince : datePickerLeave.before) ? 'leave' : 'details';
    }
    default:
      return pick(random, after[place]);
  }
}

const afterTreatment: Odds = [
  ['book', 17],
  ['prices', 22],
  ['treatment', 12],
  ['treatments', 6],
  ['contact', 3],
  ['leave', 40],
];
const afterSpring: Odds = [
  ['prices', 8],
  ['treatments', 10],
  ['leave', 82],
];
const afterPrices: Odds = [
  ['book', 36],
  ['treatment', 34],
  ['contact', 12],
  ['treatments', 18],
];
const after: Record<Exclude<Place, 'treatment' | 'prices' | 'time'>, Odds> = {
  home: [
    ['treatments', 40],
    ['prices', 14],
    ['about', 8],
    ['contact', 5],
    ['book', 7],
    ['leave', 26],
  ],
  treatments: [
    ['treatment', 64],
    ['prices', 10],
    ['book', 6],
    ['leave', 20],
  ],
  about: [
    ['treatments', 35],
    ['contact', 15],
    ['leave', 50],
  ],
  contact: [
    ['home', 12],
    ['prices', 8],
    ['leave', 80],
  ],
  offer: [
    ['treatments', 16],
    ['leave', 84],
  ],
  book: [
    ['time', 68],
    ['prices', 6],
    ['leave', 26],
  ],
  details: [
    ['thanks', 82],
    ['leave', 18],
  ],
  thanks: [
    ['home', 10],
    ['leave', 90],
  ],
  sent: [
    ['home', 10],
    ['leave', 90],
  ],
  leave: [['leave', 1]],
};

/** Fields of the quote form in the order people fill them, with the share of those who stop at each. */
const quoteFields = [
  ['topic', 0],
  ['name', 0.04],
  ['email', 0.05],
  ['phone', plantedRates.phoneField],
  ['message', 0],
] as const;

function quoteForm(random: () => number, at: { path: string; title: string; start: number }) {
  const { path, title } = at;
  const acts: Act[] = [{ second: at.start, name: 'form_start', path, title, props: { form: 'Quote', field: 'topic' } }];
  let second = at.start;
  // Drawn once, so that the shares of the table are shares of all who start.
  const stop = random();
  let passed = 0;
  for (const [index, [field, share]] of quoteFields.entries()) {
    const secondsInField = Math.round(2 + random() * (field === 'message' ? 30 : 8));
    second += secondsInField;
    const props = { form: 'Quote', field, order: index + 1, ms: secondsInField * 1000 };
    acts.push({ second, name: 'form_field', path, title, props });
    passed += share;
    if (stop < passed) {
      acts.push({ second: second + 2, name: 'form_abandon', path, title, props: { form: 'Quote', field } });
      return { acts, sent: false, end: second + 2 };
    }
  }
  acts.push({ second: second + 1, name: 'form_submit', path, title, props: { form: 'Quote' } });
  return { acts, sent: true, end: second + 1 };
}

function secondsOn(place: Place, random: () => number): number {
  const typical: Partial<Record<Place, number>> = {
    treatment: 55,
    prices: 30,
    contact: 35,
    details: 50,
    time: 30,
    offer: 7,
  };
  // Most stay around the typical time, a few much longer: the product of two draws has such a tail.
  return Math.round((typical[place] ?? 22) * (0.25 + 2 * random() * random()) + 2);
}

function pageOf(place: Place, visit: { treatment: Treatment; booking: string }): { path: string; title: string } {
  const { treatment } = visit;
  const query = `?booking=${visit.booking}&treatment=${treatment.slug}`;
  const title = (text: string) => `${text} · Salon Amara`;
  switch (place) {
    case 'home':
      return { path: salonPaths.home, title: title('An hour that is yours') };
    case 'treatments':
      return { path: salonPaths.treatments, title: title('Treatments') };
    case 'treatment':
      return { path: salonPaths.treatment(treatment.slug), title: title(treatment.title) };
    case 'prices':
      return { path: salonPaths.prices, title: title('Prices') };
    case 'about':
      return { path: salonPaths.about, title: title('About us') };
    case 'contact':
      return { path: salonPaths.contact, title: title('Contact') };
    case 'sent':
      return { path: salonPaths.sent, title: title('Thank you') };
    case 'offer':
      return { path: salonPaths.springOffer, title: title('Page not found') };
    case 'book':
      return { path: salonPaths.book, title: title('Book: choose a treatment') };
    case 'time':
      return { path: salonPaths.bookTime + query, title: title('Book: choose a time') };
    case 'details':
      return { path: salonPaths.bookDetails + query, title: title('Book: your details') };
    case 'thanks':
      return { path: salonPaths.bookThanks + query, title: title('Booked') };
    case 'leave':
      throw new Error('a visitor who left is on no page');
    default:
      return place satisfies never;
  }
}
