import { expect, test } from 'vitest';
import type { Identity } from '../../collector/contract/wire.ts';
import { identifyLead } from '../../collector/leads/identify.ts';
import { createEndpoint } from '../../collector/state/endpoints.ts';
import { leadOfVisitors, visitorsOfSamePerson } from '../../collector/state/leads.ts';
import { fakeClock } from '../support/clock.ts';
import { testState } from '../support/state.ts';

async function setUp() {
  const clock = fakeClock('2026-09-01T12:00:00Z');
  const { state, site } = await testState(clock.now);
  return {
    clock,
    state,
    identify: (visitorId: string, identity: Identity) => {
      clock.advance(1000);
      return identifyLead({ state, reactions: [] }, { site, visitorId, identity, now: clock.now() });
    },
    leads: () => state.db.selectFrom('leads').selectAll().orderBy('created_at').execute(),
    messages: async () =>
      (await state.db.selectFrom('deliveries').select(['type', 'body']).orderBy('created_at').execute()).map(
        ({ type, body }) => [type, JSON.parse(body).data.email],
      ),
    subscribe: (events: ('lead.created' | 'lead.updated' | 'abandonment.created')[]) =>
      createEndpoint(state, {
        siteId: 1,
        endpoint: { name: 'CRM', url: 'https://crm.example.org/', events, enabled: true },
        nowMs: clock.now(),
      }),
  };
}

test('identify: the same address in other letters, from two browsers, is one lead', async () => {
  const { identify, state, leads } = await setUp();
  const first = await identify('11', { email: 'Ana@Example.com ', name: 'Ana' });
  const second = await identify('22', { email: 'ana@example.com' });
  expect(first).toMatchObject({ created: true });
  expect(second).toEqual({ leadId: first?.leadId, created: false });
  expect(await leads()).toMatchObject([{ email: 'ana@example.com', name: 'Ana' }]);
  expect(await leadOfVisitors(state, 1, ['11', '22', '33'])).toEqual(
    new Map(
      ['11', '22'].map((id) => [
        id,
        {
          id: first?.leadId,
          name: 'Ana',
          email: 'ana@example.com',
          phone: null,
          stage: 'new',
          score: 0,
          temperature: 'cold',
        },
      ]),
    ),
  );
  expect((await visitorsOfSamePerson(state, 1, ['11', '33'])).get('11')?.toSorted()).toEqual(['11', '22']);
  expect((await visitorsOfSamePerson(state, 1, ['33'])).get('33')).toEqual(['33']);
});

test('identify: finds a lead by external id, and by phone however it is written', async () => {
  const { identify, leads } = await setUp();
  const ana = await identify('11', { id: 'c-7', email: 'ana@example.com' });
  const ben = await identify('22', { phone: '+49 (30) 123 456-7' });
  expect(await identify('33', { id: 'c-7' })).toMatchObject({ leadId: ana?.leadId, created: false });
  expect(await identify('44', { phone: '0049 30 1234567' })).toMatchObject({ leadId: ben?.leadId, created: false });
  expect(await leads()).toHaveLength(2);
});

test('identify: two people who share a phone stay two leads', async () => {
  const { identify } = await setUp();
  const ana = await identify('11', { email: 'ana@example.com', phone: '030 1234567' });
  const ben = await identify('22', { email: 'ben@example.com', phone: '030 1234567' });
  expect(ben).toMatchObject({ created: true });
  expect(ben?.leadId).not.toBe(ana?.leadId);
});

test('identify: what is learned later is added to the lead of the visitor', async () => {
  const { identify, leads } = await setUp();
  await identify('11', { phone: '030 1234567' });
  expect(await identify('11', { email: 'ana@example.com', plan: 'pro' })).toMatchObject({ created: false });
  await identify('11', { name: 'Ana' });
  expect(await leads()).toMatchObject([
    { email: 'ana@example.com', phone: '+49301234567', name: 'Ana', traits: '{"plan":"pro"}' },
  ]);
});

test('identify: a browser that changes hands goes to the lead of the new address', async () => {
  const { identify, state } = await setUp();
  const ana = await identify('11', { email: 'ana@example.com' });
  const ben = await identify('22', { email: 'ben@example.com' });
  expect(await identify('11', { email: 'ben@example.com' })).toMatchObject({ leadId: ben?.leadId });
  expect((await leadOfVisitors(state, 1, ['11'])).get('11')?.id).toBe(ben?.leadId);
  const cleo = await identify('11', { email: 'cleo@example.com' });
  expect(cleo).toMatchObject({ created: true });
  expect(cleo?.leadId).not.toBe(ana?.leadId);
});

test('identify: an external id that another lead has is not taken from it', async () => {
  const { identify, leads } = await setUp();
  await identify('11', { id: 'c-7', email: 'ana@example.com' });
  await identify('22', { email: 'ben@example.com' });
  await identify('22', { email: 'ben@example.com', id: 'c-7' });
  expect((await leads()).map(({ email, external_id }) => [email, external_id])).toEqual([
    ['ana@example.com', 'c-7'],
    ['ben@example.com', null],
  ]);
});

test.each<[string, Identity]>([
  ['only a name', { name: 'Ana' }],
  ['an address without @', { email: 'ana' }],
  ['an extension as phone', { phone: '12' }],
  ['nothing', {}],
])('identify: %s names nobody', async (_what, identity) => {
  const { identify, leads } = await setUp();
  expect(await identify('11', identity)).toBeNull();
  expect(await leads()).toEqual([]);
});

test('identify: tells the endpoints that named the type, once, and nobody else', async () => {
  const { identify, subscribe, messages } = await setUp();
  await subscribe(['lead.created', 'lead.updated']);
  await subscribe([]);
  await subscribe(['abandonment.created']);
  await identify('11', { email: 'ana@example.com' });
  await identify('11', { email: 'ana@example.com' });
  await identify('11', { email: 'ana@example.com', company: 'Ana Ltd' });
  expect(await messages()).toEqual([
    ['lead.created', 'ana@example.com'],
    ['lead.updated', 'ana@example.com'],
  ]);
});
