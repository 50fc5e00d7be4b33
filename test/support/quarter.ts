import type { LeadEventData, TouchKind } from '../../collector/contract/leads.ts';

/** One thing that somebody does to, or with, a lead; everything but what the house does by itself. */
export type Act = { atMs: number } & (
  | { kind: 'page'; path: string }
  | { kind: 'form' }
  | { kind: 'touch'; touch: TouchKind; direction: 'in' | 'out'; answered: boolean }
  | {
      kind: 'stage';
      to: 'contacted' | 'appointment' | 'proposal' | 'won' | 'lost' | 'nurture';
      more: Partial<LeadEventData['stage']>;
    }
  | { kind: 'step'; untilMs: number }
  | { kind: 'accept' }
);

/** A person and all that will happen in the quarter. */
export interface Person {
  visitor: string;
  email: string;
  company: string | null;
  country: 'DE' | 'AT' | 'FR';
  source: string;
  leadKind: '' | 'quote';
  /** When they said who they are. */
  cameMs: number;
  /** By time; visits may lie before they came. */
  acts: Act[];
}

const hour = 3_600_000;
const day = 24 * hour;

/** A small generator with a seed: https://en.wikipedia.org/wiki/Linear_congruential_generator */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** People who come in over a quarter, and what becomes of them, as far as it does not depend on the house. */
export function peopleOfQuarter({
  seed,
  people,
  fromMs,
  toMs,
}: {
  seed: number;
  people: number;
  fromMs: number;
  toMs: number;
}): Person[] {
  const random = seeded(seed);
  const among = <Item>(items: readonly [Item, ...Item[]]): Item =>
    items[Math.floor(random() * items.length)] ?? items[0];
  const chance = (probability: number) => random() < probability;
  return Array.from({ length: people }, (_, index): Person => {
    const cameMs = Math.floor(fromMs + random() * (toMs - fromMs - day));
    const acts: Act[] = [];
    const later = (days: number) => Math.floor(cameMs + random() * days * day);
    const add = (act: Act) => {
      if (act.atMs < toMs) acts.push(act);
    };
    for (let visit = Math.floor(random() * 3); visit > 0; visit -= 1) {
      add({
        kind: 'page',
        path: among(['/pricing', '/pricing', '/', '/jobs/cook']),
        atMs: Math.max(fromMs, cameMs - Math.floor(random() * 20 * day)),
      });
    }
    if (chance(0.3)) add({ kind: 'page', path: '/pricing', atMs: later(30) });
    // A hand raised, perhaps after months.
    if (chance(0.15)) add({ kind: 'form', atMs: later(75) });
    if (chance(0.6)) {
      const touch = among<TouchKind>(['call', 'call', 'email_sent', 'email_opened', 'email_replied']);
      const direction: 'in' | 'out' =
        touch === 'email_opened' || touch === 'email_replied' ? 'in' : among<'in' | 'out'>(['in', 'out', 'out']);
      add({ kind: 'touch', touch, direction, answered: chance(0.6), atMs: later(6) });
    }
    if (chance(0.15)) add({ kind: 'accept', atMs: later(2) });
    if (chance(0.35)) {
      const contactedMs = later(12);
      add({ kind: 'stage', to: 'contacted', more: {}, atMs: contactedMs });
      if (chance(0.6))
        add({ kind: 'step', untilMs: contactedMs + Math.floor(random() * 20 * day), atMs: contactedMs + hour });
      const endMs = contactedMs + Math.floor((1 + random() * 25) * day);
      if (chance(0.5))
        add({
          kind: 'stage',
          to: among(['appointment', 'proposal']),
          more: {},
          atMs: contactedMs + Math.floor(random() * day),
        });
      if (chance(0.6)) {
        const to = among(['won', 'lost', 'lost', 'nurture'] as const);
        const more =
          to === 'won'
            ? { value: 1_000 }
            : to === 'lost'
              ? { reason: 'too expensive' }
              : { reason: 'no budget', ...wakeOf() };
        add({ kind: 'stage', to, more, atMs: endMs });
      }
    }
    function wakeOf(): Partial<LeadEventData['stage']> {
      return among<Partial<LeadEventData['stage']>>([
        { wakeAtMs: cameMs + 45 * day },
        { wakeOn: { score: 20 } },
        { wakeOn: { visit: true } },
        { wakeOn: { mails: { opened: 1, of: 2 } } },
      ]);
    }
    return {
      visitor: String(1_000_000 + index),
      email: `person-${index}@example.com`,
      company: chance(0.4) ? 'Example GmbH' : null,
      country: among(['DE', 'DE', 'AT', 'FR']),
      source: among(['google', 'newsletter', 'fair']),
      leadKind: chance(0.2) ? 'quote' : '',
      cameMs,
      acts: acts.toSorted((one, other) => one.atMs - other.atMs),
    };
  });
}
