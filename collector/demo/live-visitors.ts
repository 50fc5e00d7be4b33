import type { Logger } from '../log.ts';
import { type Act, journey, type Setting, type Source } from './journey.ts';
import { makePerson, type Person } from './people.ts';
import { pick } from './seeded-random.ts';
import { salonTimeZone } from './visitors.ts';

export interface LiveVisitors {
  stop(): void;
}

/** A pause between two simulated visitors, milliseconds. */
const pauseMs = { shortest: 4_000, longest: 12_000 };
/** At most this many are on the site at once. */
const atOnce = 6;
/** A live visitor does in this share of the time what a real one would, so that one sees them move. */
const pace = 0.2;

/**
 * Simulated visitors who walk through the salon now and send what the tag would send to the real `POST /e`. Some type an e-mail
 * address into a booking and leave. `stop` sends them all away.
 */
export function startLiveVisitors(options: {
  /** Where the collector listens. */
  address: string;
  /** Origin of the pages in what they send. */
  origin: string;
  siteId: string;
  /** The server believes one X-Forwarded-For entry: then the visitors come from different countries. */
  forwarded: boolean;
  now: () => number;
  random: () => number;
  log: Logger;
}): LiveVisitors {
  const { now, random, log } = options;
  const stopped = new AbortController();
  const timers = new Set<NodeJS.Timeout>();
  let present = 0;
  let arrived = 0;

  const later = (ms: number, run: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timer.unref();
    timers.add(timer);
  };

  const send = async (visit: LiveVisit, batch: LiveBatch) => {
    try {
      const response = await fetch(`${options.address}/e`, {
        method: 'POST',
        headers: {
          'content-type': 'text/plain',
          'user-agent': visit.person.userAgent,
          origin: options.origin,
          ...(options.forwarded ? { 'x-forwarded-for': visit.person.ip } : {}),
        },
        body: JSON.stringify({ v: 1, site: options.siteId, sent: now(), visitor: visit.person.visitor, ...batch }),
        signal: stopped.signal,
      });
      await response.arrayBuffer();
    } catch (error) {
      if (!stopped.signal.aborted) log.debug({ err: error }, 'a simulated visitor could not send');
    }
  };

  const arrive = () => {
    later(pauseMs.shortest + random() * (pauseMs.longest - pauseMs.shortest), arrive);
    if (present >= atOnce) return;
    arrived += 1;
    // The first one and every third after: otherwise a newcomer looks at an empty inbox for minutes.
    const visit =
      arrived % 3 === 1 ? makeAbandonedBooking({ now: now(), random }) : makeLiveVisit({ now: now(), random });
    const batches = toBatches(visit, options.origin);
    present += 1;
    batches.forEach(({ second, ...batch }, index) => {
      later(second * 1000 * pace, () => {
        void send(visit, { ...batch, events: batch.events.map((event) => ({ ...event, at: now() })) });
        if (index === batches.length - 1) present -= 1;
      });
    });
  };

  arrive();
  return {
    stop() {
      stopped.abort();
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

interface LiveVisit {
  id: string;
  person: Person;
  source: Source;
  acts: Act[];
}

interface LiveEvent {
  seq: number;
  name: string;
  url: string;
  title: string;
  ref?: string;
  props?: Act['props'];
  identity?: { email: string; name: string };
}
interface LiveBatch {
  page: string;
  consent: 'granted';
  events: LiveEvent[];
}

/** One visit of somebody new. */
export function makeLiveVisit({ now, random }: { now: number; random: () => number }): LiveVisit {
  const id = `${now.toString(36)}${Math.floor(random() * 1e6).toString(36)}`;
  const person = makePerson(`demo-live-${id}`, random);
  const source = pick(random, liveSources);
  const weekday = new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: salonTimeZone }).format(now);
  const setting: Setting = { device: person.device, day: 0, weekend: /Sat|Sun/.test(weekday), source, visit: id };
  return { id, person, source, acts: journey(setting, random) };
}

/** A visit of somebody who says a name in a booking and does not finish it; any visit where none turns up in 2,000 draws. */
export function makeAbandonedBooking(options: { now: number; random: () => number }): LiveVisit {
  let visit = makeLiveVisit(options);
  for (let draws = 0; draws < 2_000 && !isAbandonedBooking(visit); draws++) visit = makeLiveVisit(options);
  return visit;
}

function isAbandonedBooking({ acts }: LiveVisit): boolean {
  const names = new Set(acts.map((act) => act.name));
  return names.has('booking_time') && !names.has('booking_done');
}

/**
 * What the tag would send: one batch for each second in which something happens, numbered through within a page view. Whoever
 * gets to the booking's details types name and e-mail address there.
 */
export function toBatches(visit: LiveVisit, origin: string): (LiveBatch & { second: number })[] {
  const batches: (LiveBatch & { second: number })[] = [];
  let page = 0;
  let seq = 0;
  let url = '';
  const name = nameOf(visit.id);
  for (const act of visit.acts) {
    if (act.name === 'pageview') {
      page += 1;
      seq = 0;
      url = origin + act.path;
    }
    const last = batches.at(-1);
    const pageId = `${visit.id}-${page}`;
    const batch =
      last?.second === act.second && last.page === pageId
        ? last
        : { second: act.second, page: pageId, consent: 'granted' as const, events: [] };
    if (batch !== last) batches.push(batch);
    const base = { url, title: act.title };
    const referrer = act.ref ? { ref: act.ref } : {};
    const props = act.props?.booking_id ? { ...act.props, resume_url: url } : act.props;
    batch.events.push({ seq: seq++, name: act.name, ...base, ...referrer, ...(props ? { props } : {}) });
    if (act.name === 'booking_time') {
      batch.events.push({ seq: seq++, name: 'identify', ...base, identity: { name, email: mailOf(name) } });
    }
  }
  return batches;
}

const liveSources: readonly (readonly [Source, number])[] = [
  [{ name: 'google', ref: 'https://www.google.com/', query: '' }, 4],
  [
    {
      name: 'spring',
      ref: 'https://l.instagram.com/',
      query: 'utm_source=instagram&utm_medium=paid_social&utm_campaign=spring',
    },
    2,
  ],
  // From here people often go straight to the booking, so that there is something to see.
  [{ name: 'ads', ref: 'https://www.google.com/', query: 'utm_source=google&utm_medium=cpc&utm_campaign=berlin' }, 4],
  [{ name: 'direct', ref: '', query: '' }, 2],
];

const firstNames = ['Mia', 'Lina', 'Samira', 'Paula', 'Ada', 'Yara', 'Ines', 'Greta', 'Olga', 'Jonas', 'Emre', 'Noah'];
const lastNames = ['Berger', 'Kaya', 'Novak', 'Lorenz', 'Haddad', 'Winter', 'Sommer', 'Ilic', 'Roth', 'Petrov'];

function nameOf(id: string): string {
  const sum = [...id].reduce((total, letter) => total * 31 + letter.charCodeAt(0), 7) >>> 0;
  return `${firstNames[sum % firstNames.length]} ${lastNames[(sum >>> 8) % lastNames.length]}`;
}

/** example.com is reserved: a mail to it reaches nobody. */
function mailOf(name: string): string {
  return `${name.toLowerCase().replace(' ', '.')}@example.com`;
}
