import { expect, test } from 'vitest';
import type { FunnelAnswer } from '../../collector/contract/funnel.ts';
import type { PathsAnswer } from '../../collector/contract/paths.ts';
import { identifyLead } from '../../collector/leads/identify.ts';
import { emptyOutbox } from '../../collector/leads/tell-events.ts';
import { reactToTouches } from '../../collector/leads/touch-reaction.ts';
import { funnelRoutes } from '../../collector/routes/funnel.ts';
import { leadRoutes } from '../../collector/routes/leads.ts';
import { pathRoutes } from '../../collector/routes/paths.ts';
import { openDoor, view } from '../ingest/door.ts';
import { openHouse } from '../support/house.ts';
import { siteApp } from '../support/site-app.ts';

const minute = 60_000;

test('a call is an event: a step of a funnel after page and form, a node of paths, and worth points; a funnel of leads sees both browsers of a person', async () => {
  const { store, clock, db, work, save, lead } = await openHouse();
  const { site, state } = store;
  const ledger = { state, now: clock.now, reactions: [reactToTouches] };
  await save('scoring', {
    rules: [{ id: 'call', name: 'Was called', when: { kind: 'touch', touch: 'call' }, points: 20 }],
  });
  const leadIds = new Map<string, string>();
  const door = await openDoor({
    clock,
    site,
    identify: async (said) => {
      const found = await identifyLead(ledger, said);
      if (found) leadIds.set(String(said.identity.email), found.leadId);
    },
  });
  const deps = { clickhouse: db.clickhouse, state, now: clock.now };
  const { send } = siteApp(site, leadRoutes({ ledger, ...deps }), funnelRoutes(deps), pathRoutes(deps));
  const ask = <Answer>(path: string, body: unknown) => send<Answer>('POST', path, body);
  let pages = 0;
  const visit = async (visitor: string, path: string, ...more: object[]) => {
    clock.advance(minute);
    const own = more.map((event, index) => ({ seq: index + 1, age: 0, ...event }));
    await door.send({ site: site.publicId, visitor, page: `page-${++pages}`, events: [view(path), ...own] });
  };
  const sent = { name: 'form_submit', props: { form: 'Quote' } };
  const named = (email: string) => ({ name: 'identify', identity: { email } });
  for (const visitor of ['ana', 'bea', 'eva on the phone']) await visit(visitor, '/pricing');
  await visit('ana', '/contact', sent, named('ana@example.com'));
  await visit('bea', '/contact', sent, named('bea@example.com'));
  // Eva looks in one browser, and asks in another.
  await visit('eva on the phone', '/news', named('eva@example.com'));
  await visit('eva at work', '/contact', sent, named('eva@example.com'));
  clock.advance(60 * minute);
  for (const email of ['ana@example.com', 'eva@example.com']) {
    const call = { kind: 'call', direction: 'out', outcome: 'answered' };
    expect((await ask(`/leads/${leadIds.get(email)}/touches`, call))[0]).toBe(201);
  }
  await emptyOutbox(state, (_, events) => door.ingest.server(door.site, events, { offSite: true }));
  await db.insert(door.rows);

  const range = { from: '2026-09-01', to: '2026-09-02' };
  const steps = [{ path: '/pricing' }, { event: 'form_submit' }, { event: 'call' }].map((match) => ({ match }));
  const counts = async (by: string) =>
    (await ask<FunnelAnswer>('/funnel', { ...range, by, window: '24h', steps }))[1].steps.map(({ count }) => count);
  // Bea was not called. Of Eva's browsers the one that saw the prices sent no form.
  expect(await counts('lead')).toEqual([3, 3, 2]);
  expect(await counts('visitor')).toEqual([3, 2, 1]);

  const [, paths] = await ask<PathsAnswer>('/paths', { ...range, by: 'visitor', start: steps[0]?.match, depth: 5 });
  expect(paths.columns.map(({ nodes }) => nodes.find(({ label }) => label === 'call')?.count ?? 0)).toEqual([
    // Eva: /pricing, /news, identify, call. Ana: /pricing, /contact, form_submit, identify, call.
    0, 0, 0, 1, 1,
  ]);
  await work.runOnce();
  const scores = [...leadIds.values()].map(async (id) => (await lead(id)).score);
  expect(await Promise.all(scores)).toEqual([20, 0, 20]);
});
