import { clocks } from '../../contract/clocks.ts';
import type { HouseParts } from '../../contract/house.ts';
import { leadDefinition } from '../../contract/lead-definition.ts';
import { routing } from '../../contract/routing.ts';
import { scoring } from '../../contract/scoring.ts';
import { salonPaths } from '../salon/paths.ts';
import { addDays } from '../visitors.ts';
import { salonAccountable, salonOwners } from './lead-story.ts';

/** The rules of the salon's house. */
export function demoHouse(today: string): HouseParts {
  // Before the first of its leads came.
  const since = addDays(today, -80);
  return {
    definition: leadDefinition.parse({
      lead: [{ id: 'reachable', name: 'Can be written to', check: { kind: 'field', field: 'email', op: 'is_set' } }],
      marketing: [{ id: 'interest', name: 'Showed interest', check: { kind: 'score', atLeast: 30 } }],
      sales: [{ id: 'phone', name: 'Left a telephone number', check: { kind: 'field', field: 'phone', op: 'is_set' } }],
      agreed: {
        marketing: { name: salonAccountable.name, since },
        sales: { name: salonOwners.ines, since },
      },
    }),
    scoring: scoring.parse({
      rules: [
        {
          id: 'quote',
          name: 'Asked for a quote',
          when: { kind: 'form', form: 'Quote' },
          points: 30,
          most: 2,
          halfLife: '60d',
        },
        {
          id: 'prices',
          name: 'Looked at the prices',
          when: { kind: 'page', path: salonPaths.prices },
          points: 8,
          most: 3,
          halfLife: '14d',
          group: 'Website',
        },
        {
          id: 'treatment',
          name: 'Looked at a treatment',
          when: { kind: 'page', path: salonPaths.treatment('*') },
          points: 4,
          most: 5,
          halfLife: '14d',
          group: 'Website',
        },
        {
          id: 'called',
          name: 'Called us',
          when: { kind: 'touch', touch: 'call', direction: 'in' },
          points: 20,
          halfLife: '30d',
        },
        {
          id: 'opened',
          name: 'Opened a mail',
          when: { kind: 'touch', touch: 'email_opened' },
          points: 5,
          most: 4,
          halfLife: '30d',
        },
        {
          id: 'phone',
          name: 'Left a telephone number',
          when: { kind: 'field', field: 'phone', op: 'is_set' },
          points: 10,
        },
      ],
      groups: [{ name: 'Website', most: 25 }],
      warm: 25,
      hot: 50,
    }),
    routing: routing.parse({
      owners: Object.entries(salonOwners).map(([id, name]) => ({ id, name, email: `${id}@salon.example`, perDay: 12 })),
      routes: [{ name: 'All quotes', to: { owners: Object.keys(salonOwners) }, whenFull: 'wait' }],
    }),
    clocks: clocks.parse({
      hours: { from: '09:00', to: '19:00', days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
      zone: 'site',
      accountable: salonAccountable,
    }),
  };
}
