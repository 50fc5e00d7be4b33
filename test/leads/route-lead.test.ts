import { describe, expect, test } from 'vitest';
import { type Routing, routing as routingSchema } from '../../collector/contract/routing.ts';
import { type OwnerLoad, type RoutedLead, routeLead } from '../../collector/leads/route-lead.ts';
import { routingMistakes, routingWarnings } from '../../collector/leads/routing-mistakes.ts';

const nothing: RoutedLead = { country: '', region: '', postcode: '', channel: '', source: '', campaign: '', kind: '' };
const people = ['ana', 'ben', 'cem'].map((id) => ({ id, name: id }));

function routingOf(routes: unknown[], owners: unknown[] = people): Routing {
  return routingSchema.parse({ owners, routes });
}

/** Gives leads one after the other on one day, as the worker does; answers who got each. */
function give(routing: Routing, leads: Partial<RoutedLead>[]): string[] {
  const loads = new Map<string, OwnerLoad>();
  return leads.map((lead, index) => {
    const routed = routeLead(routing, { ...nothing, ...lead }, loads);
    if (routed.to !== 'owner') return routed.to;
    loads.set(routed.ownerId, { today: (loads.get(routed.ownerId)?.today ?? 0) + 1, lastTurn: index + 1 });
    return routed.ownerId;
  });
}

const team = { name: 'Team', to: { owners: ['ana', 'ben', 'cem'] } };

describe('routing', () => {
  test('lets owners take turns', () => {
    expect(give(routingOf([team]), [{}, {}, {}, {}])).toEqual(['ana', 'ben', 'cem', 'ana']);
  });

  test('gives a lead to the first route whose country, postcode and source fit', () => {
    const routing = routingOf([
      { name: 'Munich', when: { countries: ['de'], postcodes: ['80', '81'] }, to: { owners: ['ana'] } },
      { name: 'Ads', when: { sources: ['google', 'bing'] }, to: { owners: ['ben'] } },
      { name: 'Rest', to: { owners: ['cem'] } },
    ]);
    expect(
      give(routing, [
        { country: 'DE', postcode: '80 331', source: 'google' },
        { country: 'DE', postcode: '10115', source: 'Google' },
        { country: 'DE' },
        { country: 'AT', postcode: '8010' },
      ]),
    ).toEqual(['ana', 'ben', 'cem', 'cem']);
  });

  test('stops at the capacity of the day and goes on as the route says', () => {
    const owners = [
      { id: 'ana', name: 'Ana', perDay: 2 },
      { id: 'ben', name: 'Ben' },
    ];
    const full = (whenFull: unknown) =>
      give(
        routingOf(
          [
            { name: 'Ana', to: { owners: ['ana'] }, whenFull },
            { name: 'Ben', to: { owners: ['ben'] } },
          ],
          owners,
        ),
        [{}, {}, {}],
      );
    expect(full('next')).toEqual(['ana', 'ana', 'ben']);
    expect(full('wait')).toEqual(['ana', 'ana', 'wait']);
    expect(full('nurture')).toEqual(['ana', 'ana', 'nurture']);
    expect(full({ route: 'Ben' })).toEqual(['ana', 'ana', 'ben']);
  });

  test('gives nothing to somebody who has left, and does not wait for them', () => {
    const owners = [
      { id: 'ana', name: 'Ana', left: true },
      { id: 'ben', name: 'Ben' },
    ];
    expect(give(routingOf([{ name: 'Both', to: { owners: ['ana', 'ben'] } }], owners), [{}, {}])).toEqual([
      'ben',
      'ben',
    ]);
    const alone = routingOf(
      [
        { name: 'Ana', to: { owners: ['ana'] }, whenFull: 'wait' },
        { name: 'Ben', to: { owners: ['ben'] } },
      ],
      owners,
    );
    expect(give(alone, [{}])).toEqual(['ben']);
    expect(routingWarnings(alone)).toEqual([
      { path: 'routes.0.to.owners', message: 'Everybody of Ana has left: its leads go on as if all were full.' },
    ]);
  });

  test('gives a lead to nobody where no route fits', () => {
    expect(give(routingOf([{ ...team, when: { countries: ['DE'] } }]), [{ country: 'FR' }, {}])).toEqual([
      'nobody',
      'nobody',
    ]);
  });

  test('hands on to another route without asking whether it fits', () => {
    const routing = routingOf([
      { name: 'Partners', when: { countries: ['FR'] }, to: { owners: ['ben'] } },
      { name: 'Abroad', to: { route: 'Partners' } },
    ]);
    expect(give(routing, [{ country: 'ES' }])).toEqual(['ben']);
  });
});

describe('saving a routing', () => {
  test('refuses a loop and names its routes', () => {
    const loop = routingOf([
      { name: 'A', to: { owners: ['ana'] }, whenFull: { route: 'B' } },
      { name: 'B', to: { route: 'C' } },
      { name: 'C', to: { owners: ['ben'] }, whenFull: { route: 'A' } },
    ]);
    expect(routingMistakes(loop)).toEqual([
      { path: 'routes.0', message: 'These routes go round in a loop: A → B → C → A.' },
    ]);
    expect(routingMistakes(routingOf([{ name: 'A', to: { route: 'A' } }]))).toEqual([
      { path: 'routes.0', message: 'These routes go round in a loop: A → A.' },
    ]);
  });

  test('refuses names that are nowhere or there twice', () => {
    const routing = routingOf([team, { name: 'Team', to: { owners: ['dora'] }, whenFull: { route: 'Nowhere' } }]);
    expect(routingMistakes(routing).map(({ message }) => message)).toEqual([
      'Another route is called Team.',
      'There is no owner dora.',
      'There is no route Nowhere.',
    ]);
  });

  test('takes routes that meet without going round', () => {
    const routing = routingOf([
      { name: 'A', to: { owners: ['ana'] }, whenFull: { route: 'C' } },
      { name: 'B', to: { owners: ['ben'] }, whenFull: { route: 'C' } },
      { name: 'C', to: { owners: ['cem'] } },
    ]);
    expect(routingMistakes(routing)).toEqual([]);
  });
});
