import * as z from 'zod';
import { limits } from './limits.ts';
import { signal } from './signal.ts';
import { duration, durationMs, isDate } from './time.ts';

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'Write a time as 08:00.');

/** When the house is open. Only this time counts for clocks. */
export const openingHours = z
  .strictObject({
    from: timeOfDay.default('08:00'),
    /** Up to 24:00. */
    to: timeOfDay.default('18:00'),
    days: z.array(z.enum(weekdays)).min(1, 'Name at least one day.').default(['mon', 'tue', 'wed', 'thu', 'fri']),
    /** Dates on which the house is closed. */
    holidays: z.array(z.string().refine(isDate, 'Write a date as 2026-12-25.')).max(400).default([]),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'The house closes after it opens.' });
export type OpeningHours = z.infer<typeof openingHours>;

const clockTime = duration.refine(
  (text) => durationMs(text) >= 60_000 && durationMs(text) <= 90 * 24 * 3_600_000,
  'A clock runs for 1m to 90d of open time.',
);
const dayTime = duration.refine((text) => durationMs(text) >= 24 * 3_600_000, 'Give at least a day, written as 1d.');

/** How fast a lead must be taken and answered, and when one that nobody works on goes back to marketing. */
export const clocks = z.strictObject({
  hours: openingHours.prefault({}),
  /** Whose time the hours are in: `lead`: that of its trait `timezone` where it has one, else the site's. */
  zone: z.enum(['lead', 'site']).default('lead'),
  /** Open time in which an owner must take a lead; null: none must. */
  acceptance: clockTime.nullable().default(null),
  /** Open time in which somebody must answer, by the kind of lead; `other` is for all kinds that are not named. */
  response: z
    .strictObject({
      other: clockTime.default('24h'),
      kinds: z.record(z.string().min(1).max(60), clockTime).default({ quote: '1h' }),
    })
    .prefault({}),
  /** A lead of this stage on which nobody has worked for so long goes back to marketing by itself; absent: it stays. */
  stalled: z
    .strictObject({
      new: dayTime.optional(),
      contacted: dayTime.optional(),
      appointment: dayTime.optional(),
      proposal: dayTime.optional(),
    })
    .default({ new: '30d', contacted: '30d', appointment: '30d', proposal: '45d' }),
  /** What counts as a raised hand of somebody in nurture or lost: it is hot at once. */
  raised: z
    .array(signal)
    .max(20)
    .default([
      { kind: 'form' },
      { kind: 'event', match: { event: 'booking_done' } },
      { kind: 'event', match: { event: 'contact_click' } },
      { kind: 'touch', touch: 'call', direction: 'in' },
      { kind: 'touch', touch: 'chat', direction: 'in' },
      { kind: 'touch', touch: 'email_replied' },
      { kind: 'touch', touch: 'appointment_booked', direction: 'in' },
      { kind: 'touch', touch: 'trade_show' },
    ]),
  /** The one person who is told when a clock runs out. */
  accountable: z
    .strictObject({
      name: z.string().min(1).max(limits.nameLength),
      email: z.email('This is not an e-mail address.').max(254),
    })
    .nullable()
    .default(null),
});
export type Clocks = z.infer<typeof clocks>;
