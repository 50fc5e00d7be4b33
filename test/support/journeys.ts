import type { EventRow } from '../../collector/contract/row.ts';
import { pick, seededRandom } from '../../collector/demo/seeded-random.ts';
import { event, pageview } from './factories.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export interface Journeys {
  rows: EventRow[];
  /** Journeys in all: one intent and what followed from it. */
  count: number;
  /** People by visitor: those with an address, and those with two devices. */
  known: { visitor: string; email: string }[];
}

/** What the four kinds of journeys begin and end with. */
const kinds = {
  booking: { start: 'booking_start', done: 'booking_done' },
  form: { start: 'form_start', done: 'form_submit' },
  quote: { start: 'quote_start', done: 'quote_sent' },
  browse: { start: '/pricing', done: 'contact_click' },
} as const;
type Kind = keyof typeof kinds;

/**
 * A month of people who begin something and finish it in time, late, much too late or never; who come back with another booking, on
 * another device, with events held back by the browser, twice, or within the same millisecond. The same number, the same month.
 *
 * Completions come either at once or at least half a day after the wait, never around the time at which a follow-up goes out: what
 * a receiver that fails at that moment has got would depend on its schedule.
 */
export function monthOfJourneys({ people, startMs }: { people: number; startMs: number }): Journeys {
  const rows: EventRow[] = [];
  const known: Journeys['known'] = [];
  let count = 0;
  for (let person = 0; person < people; person += 1) {
    const random = seededRandom('month', person);
    const visitor = `person-${person}`;
    const devices = random() < 0.05 ? [visitor, `${visitor}-phone`] : [visitor];
    if (devices.length > 1 || random() < 0.3) {
      for (const device of devices) known.push({ visitor: device, email: `${visitor}@example.com` });
    }
    const persistent = random() < 0.7 ? (1 as const) : (0 as const);
    // A second journey comes within the cool-down, or long after it; of another kind within the cap, or long after it.
    const starts = [random() * 29 * day];
    if (random() < 0.2) starts.push((starts[0] ?? 0) + (random() < 0.5 ? 2 * day + random() * day : 9 * day));
    const first = pick<Kind>(random, [
      ['booking', 3],
      ['form', 5],
      ['quote', 2],
      ['browse', 1],
    ]);
    for (const [index, offset] of starts.entries()) {
      if (offset > 29.5 * day) continue;
      const kind = index === 0 || random() < 0.7 ? first : 'quote';
      rows.push(...journey({ random, kind, devices, persistent, atMs: startMs + offset, id: `${person}-${index}` }));
      count += 1;
      if (random() < 0.12) {
        // Another thing begun three hours later: the cap per person is about this.
        const other = kind === 'booking' ? 'quote' : 'booking';
        const atMs = startMs + offset + 3 * hour + random() * hour;
        rows.push(...journey({ random, kind: other, devices, persistent, atMs, id: `${person}-${index}-other` }));
        count += 1;
      }
    }
  }
  return { rows, count, known };
}

interface Journey {
  random: () => number;
  kind: Kind;
  devices: readonly string[];
  persistent: 0 | 1;
  atMs: number;
  id: string;
}

function journey({ random, kind, devices, persistent, atMs, id }: Journey): EventRow[] {
  const { start, done } = kinds[kind];
  const visitor = devices[0] ?? '';
  const at = (offset: number) => new Date(Math.round(atMs + offset)).toISOString();
  const props: Record<string, string> =
    kind === 'booking' ? { booking_id: id } : kind === 'form' ? { form: 'Contact' } : {};
  const make = (
    name: string,
    offset: number,
    more: { visitor?: string; heldBackMs?: number; seq?: number; keyless?: boolean } = {},
  ) => {
    const { heldBackMs = 0, keyless = false, ...rest } = more;
    const sketch = {
      visitor,
      at: at(offset),
      receivedAt: at(offset + heldBackMs),
      persistent,
      props: keyless ? {} : props,
      value: 50,
      currency: 'EUR',
      ...rest,
    };
    return name.startsWith('/') ? pageview({ ...sketch, path: name }) : event(name, { ...sketch, path: '/book' });
  };
  const rows = [make('/treatments/facial', -2 * minute)];
  // A tenth of the intents is held back by the browser for up to twenty minutes.
  rows.push(make(start, 0, random() < 0.1 ? { heldBackMs: random() * 20 * minute } : {}));
  if (random() < 0.1) rows.push(make(start, 2 * minute));
  const outcome = pick(random, [
    ['in time', id.endsWith('-0') ? 82 : 45],
    ['never', 6],
    ['late', 5],
    ['too late', 2],
    ['before', 2],
    ['early arrival', 4],
    ['same millisecond', 3],
  ] as const);
  const device = devices.at(-1) ?? visitor;
  const waitMs = { booking: 60, form: 30, quote: 120, browse: 24 * 60 }[kind] * minute;
  switch (outcome) {
    case 'in time':
      rows.push(
        make(done, 3 * minute + random() * (waitMs - 4 * minute), { visitor: device, keyless: random() < 0.2 }),
      );
      break;
    case 'late':
      // Between half a day and 20 hours, or two to six days after: not near the message of the next day.
      rows.push(
        make(done, waitMs + (random() < 0.5 ? 12 * hour + random() * 8 * hour : 2 * day + random() * 4 * day), {
          visitor: device,
        }),
      );
      break;
    case 'too late':
      rows.push(make(done, waitMs + 7 * day + 3 * hour + random() * day));
      break;
    case 'before':
      rows.push(make(done, -minute));
      break;
    case 'early arrival': {
      // Finished ten minutes later, and that reached the server first.
      rows[1] = make(start, 0, { heldBackMs: 15 * minute });
      rows.push(make(done, 10 * minute));
      break;
    }
    case 'same millisecond':
      rows.push(make(done, 0, { seq: 1 }));
      break;
    case 'never':
      break;
  }
  return rows;
}
