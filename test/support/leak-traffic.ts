import type { Match } from '../../collector/contract/match.ts';
import { type EventRow, toTimestamp } from '../../collector/contract/row.ts';
import { pick, seededRandom } from '../../collector/demo/seeded-random.ts';
import { hash64 } from '../../collector/hash.ts';

/** Something a visit does. One object for all visits that do it. */
export interface TrafficStep {
  name: string;
  path: string;
  host: string;
  props: Record<string, string>;
  value: number;
}

export interface Visit {
  id: number;
  day: number;
  startMs: number;
  device: EventRow['device'];
  browser: string;
  os: string;
  country: string;
  channel: EventRow['channel'];
  source: string;
  persistent: 0 | 1;
  /** In order, twenty seconds apart. */
  steps: TrafficStep[];
}

type Segment = { dimension: 'device' | 'browser' | 'os' | 'country' | 'source'; value: string };

/** What the report should find. */
export interface Planted {
  kind: 'behaviour' | 'tracking';
  /** `to` of the place, and the field where it is one. */
  to: Match;
  from?: Match;
  field?: string;
  segment: Segment | null;
  /** First day, counted from the first day of the traffic. */
  since: number;
  /** Expected number of people lost by it. */
  size: number;
}

export interface Traffic {
  /** Visit by visit, so that a whole quarter need not fit into the memory. */
  visits: () => Generator<Visit>;
  planted: Planted[];
}

export const trafficDays = 60;
export const stepMs = 20_000;
/** Goals as the site's owner would have named them. */
export const trafficGoals = [
  { name: 'Booking', match: { event: 'booking_done' }, value: null },
  { name: 'Purchase', match: { event: 'purchase' }, value: null },
  { name: 'Trial', match: { event: 'signup_done' }, value: 40 },
  { name: 'Demo', match: { event: 'demo_slot' }, value: 120 },
  { name: 'Webinar', match: { event: 'webinar_signup' }, value: 15 },
  { name: 'Form', match: { event: 'form_submit' }, value: 60 },
];

const main = 'example.com';
const paying = 'pay.example.net';
const steps = new Map<string, TrafficStep>();

function page(path: string, host = main): TrafficStep {
  return step({ name: 'pageview', path, host, props: {}, value: 0 });
}

function act(
  name: string,
  path: string,
  options: { props?: Record<string, string>; value?: number; host?: string } = {},
) {
  return step({ name, path, host: options.host ?? main, props: options.props ?? {}, value: options.value ?? 0 });
}

function step(of: TrafficStep): TrafficStep {
  const key = JSON.stringify(of);
  const known = steps.get(key) ?? of;
  steps.set(key, known);
  return known;
}

const machines: (readonly [readonly [EventRow['device'], string, string], number])[] = [
  [['mobile', 'Mobile Safari', 'iOS'], 24],
  [['mobile', 'Chrome Mobile', 'Android'], 25],
  [['mobile', 'Samsung Internet', 'Android'], 6],
  [['desktop', 'Chrome', 'Windows'], 20],
  [['desktop', 'Edge', 'Windows'], 8],
  [['desktop', 'Safari', 'macOS'], 7],
  [['desktop', 'Chrome', 'macOS'], 4],
  [['desktop', 'Firefox', 'Linux'], 4],
  [['tablet', 'Mobile Safari', 'iOS'], 2],
];
const origins: (readonly [readonly [EventRow['channel'], string], number])[] = [
  [['organic_search', 'google'], 30],
  [['paid_search', 'google'], 15],
  [['direct', ''], 22],
  [['paid_social', 'facebook'], 12],
  [['email', 'newsletter'], 8],
  [['referral', 'partner.example'], 8],
  [['organic_search', 'bing'], 5],
];
const countries: (readonly [string, number])[] = [
  ['DE', 60],
  ['AT', 15],
  ['CH', 12],
  ['NL', 8],
  ['FR', 5],
];
const shareOf = ({ dimension, value }: Segment): number => {
  const all: (readonly [string, number])[] =
    dimension === 'country'
      ? countries
      : dimension === 'source'
        ? origins.map(([[, source], weight]) => [source, weight])
        : machines.map(([machine, weight]) => [
            machine[dimension === 'device' ? 0 : dimension === 'browser' ? 1 : 2],
            weight,
          ]);
  return all.reduce((sum, [name, weight]) => sum + (name === value ? weight : 0), 0) / 100;
};

/** A point at which a visit may end: `from` is what it has just done, `to` what it would do next. */
interface Gate {
  from: Match;
  to: Match;
  field?: string;
  /** Usual chance to be lost here. */
  usual: number;
  /** People here on a usual day, as a share of all visits. */
  share: number;
  /** Where two ends of one place must not both be planted. */
  journey: string;
}

const quoteFields = ['name', 'email', 'phone', 'budget'];
const contactFields = ['name', 'email', 'message'];
const formMatch = (form: string, event: string): Match => ({ event, props: { form } });

const gates: Record<string, Gate> = {
  pricing: { from: { path: '/pricing' }, to: { path: '/book' }, usual: 0.5, share: 0.3, journey: 'booking' },
  book: { from: { path: '/book' }, to: { event: 'booking_start' }, usual: 0.35, share: 0.15, journey: 'booking' },
  time: {
    from: { event: 'booking_start' },
    to: { event: 'booking_time' },
    usual: 0.25,
    share: 0.1,
    journey: 'booking',
  },
  pay: { from: { event: 'booking_time' }, to: { path: '/pay' }, usual: 0.2, share: 0.075, journey: 'booking' },
  booked: { from: { path: '/pay' }, to: { event: 'booking_done' }, usual: 0.15, share: 0.06, journey: 'booking' },
  cart: { from: { path: '/shop' }, to: { path: '/cart' }, usual: 0.6, share: 0.25, journey: 'shop' },
  checkout: { from: { path: '/cart' }, to: { event: 'checkout_start' }, usual: 0.4, share: 0.1, journey: 'shop' },
  payment: {
    from: { event: 'checkout_start' },
    to: { event: 'checkout_pay' },
    usual: 0.35,
    share: 0.06,
    journey: 'shop',
  },
  purchase: { from: { event: 'checkout_pay' }, to: { event: 'purchase' }, usual: 0.2, share: 0.04, journey: 'shop' },
  trial: { from: { path: '/trial' }, to: { event: 'signup_start' }, usual: 0.5, share: 0.08, journey: 'trial' },
  signup: { from: { event: 'signup_start' }, to: { event: 'signup_done' }, usual: 0.35, share: 0.04, journey: 'trial' },
  demo: { from: { path: '/demo' }, to: { event: 'demo_request' }, usual: 0.45, share: 0.08, journey: 'demo' },
  slot: { from: { event: 'demo_request' }, to: { event: 'demo_slot' }, usual: 0.25, share: 0.045, journey: 'demo' },
  webinar: { from: { path: '/webinar' }, to: { event: 'webinar_signup' }, usual: 0.6, share: 0.08, journey: 'webinar' },
  newsletter: {
    from: formMatch('Newsletter', 'form_start'),
    to: formMatch('Newsletter', 'form_submit'),
    usual: 0.3,
    share: 0.06,
    journey: 'newsletter',
  },
  ...Object.fromEntries(
    [
      ...quoteFields.map((field) => ['Quote', field, 0.05] as const),
      ...contactFields.map((field) => ['Contact', field, 0.06] as const),
    ].map(([form, field, share]) => [
      `${form} ${field}`,
      {
        from: formMatch(form, 'form_start'),
        to: formMatch(form, 'form_submit'),
        field,
        usual: 0.08,
        share,
        journey: form,
      },
    ]),
  ),
};

const segments: Segment[] = [
  { dimension: 'device', value: 'mobile' },
  { dimension: 'device', value: 'desktop' },
  { dimension: 'os', value: 'Android' },
  { dimension: 'browser', value: 'Chrome Mobile' },
  { dimension: 'country', value: 'DE' },
  { dimension: 'country', value: 'AT' },
  { dimension: 'source', value: 'google' },
  { dimension: 'source', value: 'facebook' },
  { dimension: 'source', value: '' },
];

interface PlantedGate extends Planted {
  gate: string;
  /** Added to the log odds of being lost. */
  strength: number;
}

interface Faults {
  /** An event that is no longer sent at all. */
  gone: { name: string; since: number };
  /** An event that one browser no longer sends. */
  goneIn: { name: string; browser: string; since: number };
  /** Fewer people are asked for consent, or give it. */
  consent: { since: number };
}

const logit = (share: number) => Math.log(share / (1 - share));
const logistic = (odds: number) => 1 / (1 + Math.exp(-odds));

/** How far the number of lost people must stand out of chance for a leak to be planted: nobody could see a smaller one. */
const leastSignal = 7.5;

function plant(seed: number, perDay: number): { leaks: PlantedGate[]; faults: Faults } {
  const random = seededRandom('plant', seed);
  const day = (from: number, to: number) => from + Math.floor(random() * (to - from));
  const one = <Choice>(choices: readonly Choice[]) =>
    pick(
      random,
      choices.map((choice) => [choice, 1] as const),
    );
  const goneIn = one([
    { name: 'booking_time', gates: ['time', 'pay'] },
    { name: 'checkout_pay', gates: ['payment', 'purchase'] },
  ]);
  const faults: Faults = {
    gone: { name: one(['video_play', 'contact_click', 'file_download']), since: day(18, 52) },
    goneIn: { name: goneIn.name, browser: one(['Mobile Safari', 'Chrome', 'Edge']), since: day(18, 52) },
    consent: { since: day(18, 52) },
  };
  // One field of each form: two at once in one form would be one leak to its owner.
  const fields = [`Quote ${one(quoteFields)}`, `Contact ${one(contactFields)}`];
  const free = Object.keys(gates).filter(
    (name) => !goneIn.gates.includes(name) && (gates[name]?.field === undefined || fields.includes(name)),
  );
  const leaks: PlantedGate[] = [];
  while (leaks.length < 12) {
    const gateName = one(free);
    const gate = gates[gateName];
    if (!gate) continue;
    const segment = random() < 0.4 ? null : one(segments);
    const since = day(18, 54);
    const strength = 0.5 + random() * 1.7;
    const people = perDay * gate.share * (segment ? shareOf(segment) : 1);
    const worse = logistic(logit(gate.usual) + strength) - gate.usual;
    const after = people * (trafficDays - since);
    const size = after * worse;
    const signal = size / Math.sqrt(after * gate.usual * (1 - gate.usual) * (1 + (trafficDays - since) / since));
    if (signal < leastSignal || size < 25) continue;
    free.splice(free.indexOf(gateName), 1);
    const { from, to, field } = gate;
    leaks.push({
      kind: 'behaviour',
      from,
      to,
      ...(field ? { field } : {}),
      segment,
      since,
      size,
      gate: gateName,
      strength,
    });
  }
  return { leaks, faults };
}

/**
 * Sixty days of a site that sells, books, shows demos and has forms: weekdays and hours, a trend, bursts of campaigns whose visitors
 * are less serious, restless days, and differences between devices, sources and countries that are no leaks. With `leaks`, twelve
 * leaks and three faults of tracking of random place, segment, start and size lie in it.
 */
export function leakTraffic(options: {
  seed: number;
  firstDayMs: (day: number) => number;
  perDay: number;
  leaks: boolean;
}): Traffic {
  const { seed, firstDayMs, perDay, leaks } = options;
  const hidden = leaks ? plant(seed, perDay) : null;
  const planted: Planted[] = hidden
    ? [
        ...hidden.leaks,
        {
          kind: 'tracking',
          to: { event: hidden.faults.gone.name },
          segment: null,
          since: hidden.faults.gone.since,
          size: 0,
        },
        {
          kind: 'tracking',
          to: { event: hidden.faults.goneIn.name },
          segment: { dimension: 'browser', value: hidden.faults.goneIn.browser },
          since: hidden.faults.goneIn.since,
          size: 0,
        },
        { kind: 'tracking', to: { event: 'pageview' }, segment: null, since: hidden.faults.consent.since, size: 0 },
      ]
    : [];
  return { planted, visits: () => visitsOf({ seed, firstDayMs, perDay, hidden }) };
}

/** Draws one of the choices, each as likely as its weight; the odds are worked out once. */
function chooser<Choice>(choices: readonly (readonly [Choice, number])[]) {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
  const ends = choices.map(([choice], index) => ({
    choice,
    index,
    end: choices.slice(0, index + 1).reduce((sum, [, weight]) => sum + weight / total, 0),
  }));
  const last = ends.at(-1);
  if (!last) throw new Error('nothing to choose from');
  return (random: () => number) => {
    const point = random();
    return ends.find(({ end }) => point < end) ?? last;
  };
}

function* visitsOf(options: {
  seed: number;
  firstDayMs: (day: number) => number;
  perDay: number;
  hidden: ReturnType<typeof plant> | null;
}): Generator<Visit> {
  const { seed, firstDayMs, perDay, hidden } = options;
  const random = seededRandom('traffic', seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const effect = (size: number) => {
    const known = new Map<string, number>();
    return (key: string) => {
      const value = known.get(key) ?? normal() * size;
      known.set(key, value);
      return value;
    };
  };
  const someMachine = chooser(machines);
  const someOrigin = chooser(origins);
  const someCountry = chooser(countries);
  const byMachine = effect(0.15);
  const machineEffects = machines.map(([[device, , os]]) =>
    Object.fromEntries(Object.keys(gates).map((name) => [name, byMachine(`${name} ${device} ${os}`)])),
  );
  const byOrigin = effect(0.2);
  const byCountry = effect(0.08);
  const byWeekday = effect(0.12);
  const byDay = effect(0.07);
  const drift = effect(0.05);
  const growth = normal() * 0.2;
  const bursts = Array.from({ length: 3 }, () => {
    const from = Math.floor(random() * (trafficDays - 4));
    return {
      from,
      to: from + 3 + Math.floor(random() * 5),
      source: pick(random, [
        ['facebook', 1],
        ['newsletter', 1],
        ['google', 1],
      ] as const),
    };
  });
  let id = 0;
  let mood = 0;
  for (let day = 0; day < trafficDays; day += 1) {
    mood = 0.6 * mood + normal() * 0.04;
    const weekday = day % 7;
    const busy = [1.1, 1.1, 1.05, 1, 0.95, 0.75, 0.8][weekday] ?? 1;
    const volume = perDay * busy * (1 + growth * (day / trafficDays - 0.5)) * Math.exp(normal() * 0.06);
    const burst = bursts.find(({ from, to }) => day >= from && day < to);
    const visits = Math.round(volume * (burst ? 1.3 : 1));
    const gateNoise = Object.fromEntries(
      Object.entries(gates).map(([name, { usual }]) => [
        name,
        logit(usual) +
          mood +
          byDay(`${name} ${day}`) +
          byWeekday(`${name} ${weekday}`) +
          (drift(name) * day) / trafficDays,
      ]),
    );
    const consentMood = normal() * 0.05;
    for (let number = 0; number < visits; number += 1) {
      const machine = someMachine(random);
      const [device, browser, os] = machine.choice;
      const fromBurst = burst !== undefined && number >= volume;
      const [channel, source] = fromBurst
        ? (origins.find(([[, name]]) => name === burst.source)?.[0] ?? (['direct', ''] as const))
        : someOrigin(random).choice;
      const country = someCountry(random).choice;
      const isIn = (segment: Segment | null) =>
        !segment || { device, browser, os, country, source }[segment.dimension] === segment.value;
      const fewer = hidden !== null && day >= hidden.faults.consent.since ? 0.6 : 0;
      const persistent = random() < logistic(0.5 + (country === 'DE' ? -0.2 : 0.1) + consentMood - fewer) ? 1 : 0;
      const done: TrafficStep[] = [];
      const serious = (fromBurst ? 0.35 : 0) + byOrigin(`${channel} ${source}`) + byCountry(country);
      const goesOn = (name: string): boolean => {
        let odds = (gateNoise[name] ?? 0) + serious + (machineEffects[machine.index]?.[name] ?? 0);
        for (const leak of hidden?.leaks ?? [])
          if (leak.gate === name && day >= leak.since && isIn(leak.segment)) odds += leak.strength;
        return random() >= logistic(odds);
      };
      const add = (one: TrafficStep) => {
        if (hidden) {
          const { gone, goneIn } = hidden.faults;
          if (one.name === gone.name && day >= gone.since) return;
          if (one.name === goneIn.name && day >= goneIn.since && browser === goneIn.browser) return;
        }
        done.push(one);
      };
      walk({ random, add, goesOn });
      id += 1;
      // Between seven in the morning and ten at night, most in the evening.
      const hour = 7 + 15 * (1 - random() * random());
      yield {
        id,
        day,
        startMs: firstDayMs(day) + Math.floor(hour * 3_550_000),
        device,
        browser,
        os,
        country,
        channel,
        source,
        persistent,
        steps: done,
      };
    }
  }
}

/** One visit: what it comes for, and how far it gets. */
function walk({
  random,
  add,
  goesOn,
}: {
  random: () => number;
  add: (step: TrafficStep) => void;
  goesOn: (gate: string) => boolean;
}) {
  if (random() < 0.55) add(page('/'));
  if (random() < 0.12) add(act('video_play', '/'));
  if (random() < 0.06) {
    add(act('form_start', '/', { props: { form: 'Newsletter', field: 'email' } }));
    if (goesOn('newsletter')) add(act('form_submit', '/', { props: { form: 'Newsletter' } }));
    else add(act('form_abandon', '/', { props: { form: 'Newsletter', field: 'email' } }));
  }
  const purpose = random();
  if (purpose < 0.3) return book({ random, add, goesOn });
  if (purpose < 0.55) return shop({ random, add, goesOn });
  if (purpose < 0.63) {
    add(page('/trial'));
    if (!goesOn('trial')) return;
    add(act('signup_start', '/trial'));
    if (goesOn('signup')) add(act('signup_done', '/trial'));
  } else if (purpose < 0.71) {
    add(page('/demo'));
    if (!goesOn('demo')) return;
    add(act('demo_request', '/demo'));
    if (goesOn('slot')) add(act('demo_slot', '/demo'));
  } else if (purpose < 0.79) {
    add(page('/webinar'));
    if (goesOn('webinar')) add(act('webinar_signup', '/webinar'));
  } else if (purpose < 0.85) {
    add(page('/quote'));
    if (random() < 0.85) fillIn('Quote', '/quote', quoteFields, { add, goesOn });
  } else if (purpose < 0.93) {
    add(page('/contact'));
    if (random() < 0.4) add(act('contact_click', '/contact'));
    if (random() < 0.75) fillIn('Contact', '/contact', contactFields, { add, goesOn });
  } else {
    for (let pages = 1 + Math.floor(random() * 3); pages > 0; pages -= 1)
      add(page(`/blog/${1 + Math.floor(random() * 8)}`));
    if (random() < 0.1) add(act('file_download', '/blog/1'));
  }
}

function book({ random, add, goesOn }: Parameters<typeof walk>[0]): void {
  if (random() < 0.7) {
    const service = 1 + Math.floor(random() * 4);
    add(page(`/services/${service}`));
    if (random() < 0.25) add(act('file_download', `/services/${service}`));
  }
  add(page('/pricing'));
  if (!goesOn('pricing')) return;
  add(page('/book'));
  if (!goesOn('book')) return;
  add(act('booking_start', '/book'));
  if (!goesOn('time')) return;
  add(act('booking_time', '/book'));
  if (!goesOn('pay')) return;
  add(page('/pay', paying));
  if (goesOn('booked')) add(act('booking_done', '/pay', { value: 60 + 20 * Math.floor(random() * 5), host: paying }));
}

function shop({ random, add, goesOn }: Parameters<typeof walk>[0]): void {
  add(page('/shop'));
  if (random() < 0.8) add(page(`/shop/${1 + Math.floor(random() * 12)}`));
  if (!goesOn('cart')) return;
  add(page('/cart'));
  if (!goesOn('checkout')) return;
  add(act('checkout_start', '/cart'));
  if (!goesOn('payment')) return;
  add(act('checkout_pay', '/cart'));
  if (goesOn('purchase')) add(act('purchase', '/cart', { value: 20 + 10 * Math.floor(random() * 9) }));
}

function fillIn(
  form: string,
  path: string,
  fields: readonly string[],
  { add, goesOn }: Pick<Parameters<typeof walk>[0], 'add' | 'goesOn'>,
): void {
  add(act('form_start', path, { props: { form, field: fields[0] ?? '' } }));
  for (const field of fields) {
    if (goesOn(`${form} ${field}`)) continue;
    add(act('form_abandon', path, { props: { form, field } }));
    return;
  }
  add(act('form_submit', path, { props: { form } }));
}

/** The rows that the collector would have stored. */
export function rowsOf(visit: Visit): Partial<EventRow>[] {
  return visit.steps.map((one, index) => ({
    ts: toTimestamp(visit.startMs + index * stepMs),
    visitor_id: hash64('visitor', String(visit.id)),
    session_id: hash64('session', String(visit.id)),
    seq: index,
    name: one.name,
    path: one.path,
    host: one.host,
    props: one.props,
    value: one.value,
    device: visit.device,
    browser: visit.browser,
    os: visit.os,
    country: visit.country,
    channel: visit.channel,
    source: visit.source,
    persistent: visit.persistent,
  }));
}
