import { expect, test } from 'vitest';
import { leadTimeline } from '../../collector/leads/lead-timeline.ts';
import { mergeLeads, unmergeLead } from '../../collector/leads/merge-leads.ts';
import { eventsOfPerson } from '../../collector/state/lead-ledger.ts';
import { visitorsOfLead } from '../../collector/state/leads.ts';
import { openHouse } from '../support/house.ts';

const hour = 3_600_000;
const day = 24 * hour;
const pricing = { kind: 'page', path: '/pricing' };
const team = {
  owners: [
    { id: 'ben', name: 'Ben' },
    { id: 'cem', name: 'Cem' },
  ],
  routes: [{ name: 'Team', to: { owners: ['ben', 'cem'] } }],
};

test('a lead is scored by what its browser did before anybody knew who it is, and by what it does after', async () => {
  const house = await openHouse();
  await house.save('scoring', {
    rules: [{ id: 'prices', name: 'Looked at prices', when: pricing, points: 20, most: 5 }],
    warm: 30,
    hot: 60,
  });
  await house.visit('11', '/pricing');
  await house.visit('99', '/pricing');
  house.clock.advance(hour);
  const ana = await house.identify('11', { email: 'ana@example.com' });
  await house.work.runOnce();
  expect(await house.lead(ana)).toMatchObject({ score: 20, temperature: 'cold' });

  for (const path of ['/pricing', '/', '/pricing']) {
    house.clock.advance(hour);
    await house.visit('11', path);
  }
  await house.work.runOnce();
  expect(await house.lead(ana)).toMatchObject({ score: 60, temperature: 'hot' });
  // Once, however often it is looked at.
  await house.work.runOnce();
  expect(await house.messages()).toEqual(['lead.hot ana@example.com']);

  // A second browser of hers had a history of its own.
  await house.identify('99', { email: 'ana@example.com' });
  await house.work.runOnce();
  expect((await house.lead(ana)).score).toBe(80);

  // Fewer points: she is judged anew by the new version.
  await house.save('scoring', {
    rules: [{ id: 'prices', name: 'Looked at prices', when: pricing, points: 4, most: 3 }],
    warm: 10,
    hot: 60,
  });
  await house.work.runOnce();
  expect(await house.lead(ana)).toMatchObject({ score: 12, temperature: 'warm' });
});

test('points fade by themselves, and a lead that was hot cools down', async () => {
  const house = await openHouse();
  await house.save('scoring', {
    rules: [{ id: 'form', name: 'Sent a form', when: { kind: 'form' }, points: 60, halfLife: '10d' }],
  });
  await house.visit('11', '/contact', { name: 'form_submit', props: { form: 'Quote' } });
  const ana = await house.identify('11', { email: 'ana@example.com' });
  await house.work.runOnce();
  expect(await house.lead(ana)).toMatchObject({ score: 60, temperature: 'hot' });
  house.clock.advance(10 * day);
  await house.work.runOnce();
  expect(await house.lead(ana)).toMatchObject({ score: 30, temperature: 'warm' });
  house.clock.advance(10 * day);
  await house.work.runOnce();
  expect(await house.lead(ana)).toMatchObject({ score: 15, temperature: 'cold' });
});

test('a lead gets an owner and a clock; when nobody answers, the accountable person is told once', async () => {
  const house = await openHouse();
  await house.save('routing', team);
  await house.save('clocks', { accountable: { name: 'Greta', email: 'greta@example.com' } });
  const ana = await house.identify('11', { email: 'ana@example.com' });
  const bea = await house.identify('22', { email: 'bea@example.com' });
  await house.work.runOnce();
  // 24 hours of ten a day from Tuesday 10:00: eight today, ten on Wednesday, six on Thursday, 14:00 there, 12:00 UTC.
  const due = Date.parse('2026-09-03T12:00:00Z');
  expect(await house.lead(ana)).toMatchObject({ owner_id: 'ben', clock: 'response', clock_due_ms: due });
  expect(await house.lead(bea)).toMatchObject({ owner_id: 'cem' });

  house.clock.advance(5 * hour);
  await house.touch(bea, 'call', { outcome: 'no_answer' });
  house.clock.set(due);
  // The process dies and comes back; it looks twice.
  const { work } = await house.boot();
  await work.runOnce();
  await work.runOnce();
  expect(await house.messages()).toEqual(['lead.neglected ana@example.com']);
  const [sent] = await house.store.state.db.selectFrom('deliveries').select('body').execute();
  expect(JSON.parse(sent?.body ?? '')).toMatchObject({
    data: {
      owner: 'Ben',
      neglected: {
        clock: 'response',
        since: '2026-09-01T08:00:00.000Z',
        dueAt: '2026-09-03T12:00:00.000Z',
        accountable: 'greta@example.com',
      },
    },
  });
  expect(await house.history(ana)).toEqual(['owner ben', 'clock response', 'judged cold', 'neglected response']);
  // A call that nobody took is an attempt: her clock has stopped.
  expect(await house.lead(bea)).toMatchObject({ clock: null, neglected_at_ms: null });
});

test('leads of an owner who left go to the others', async () => {
  const house = await openHouse();
  await house.save('routing', team);
  const ana = await house.identify('11', { email: 'ana@example.com' });
  await house.work.runOnce();
  const [ben, cem] = team.owners;
  const { leadsToJudge } = await house.save('routing', { ...team, owners: [{ ...ben, left: true }, cem] });
  expect(leadsToJudge).toBe(1);
  await house.work.runOnce();
  expect(await house.lead(ana)).toMatchObject({ owner_id: 'cem' });
});

test('whoever nobody works on goes back to marketing, and a hand raised months later is hot at once', async () => {
  const house = await openHouse();
  await house.save('routing', team);
  const ana = await house.identify('11', { email: 'ana@example.com' });
  await house.work.runOnce();
  await house.touch(ana, 'call', { outcome: 'answered' });
  await house.stage(ana, 'contacted');
  house.clock.advance(30 * day);
  await house.work.runOnce();
  expect(await house.lead(ana)).toMatchObject({ stage: 'nurture', owner_id: null, recycle_count: 1 });
  expect(await house.messages()).toEqual(['lead.recycled ana@example.com']);

  house.clock.advance(60 * day);
  await house.visit('11', '/');
  await house.work.runOnce();
  expect(await house.lead(ana)).toMatchObject({ stage: 'nurture' });

  house.clock.advance(hour);
  await house.visit('11', '/contact', { name: 'form_submit', props: { form: 'Quote' } });
  await house.work.runOnce();
  expect(await house.lead(ana)).toMatchObject({
    stage: 'new',
    temperature: 'hot',
    score: 0,
    owner_id: 'cem',
    clock: 'response',
  });
  expect(await house.messages()).toEqual(['lead.recycled ana@example.com', 'lead.hot ana@example.com']);

  // Answered: her score speaks again.
  await house.touch(ana, 'call', { outcome: 'answered' });
  await house.work.runOnce();
  expect(await house.lead(ana)).toMatchObject({ temperature: 'cold', clock: null });
});

test('nurture ends on its date, at a visit, or when enough mails were opened', async () => {
  const house = await openHouse();
  const wakeAtMs = house.clock.now() + 90 * day;
  const sleep = async (visitor: string, email: string, more: object) => {
    const id = await house.identify(visitor, { email });
    await house.stage(id, 'nurture', { reason: 'no budget', ...more });
    return id;
  };
  const dated = await sleep('11', 'ana@example.com', { wakeAtMs });
  const visiting = await sleep('22', 'bea@example.com', { wakeOn: { visit: '/pricing' } });
  const reading = await sleep('33', 'cleo@example.com', { wakeOn: { mails: { opened: 2, of: 3 } } });
  const stages = async () => Promise.all([dated, visiting, reading].map(async (id) => (await house.lead(id)).stage));
  house.clock.advance(day);
  await house.visit('22', '/');
  for (const [message, opened] of [
    ['m1', true],
    ['m2', false],
    ['m3', false],
  ] as const) {
    house.clock.advance(day);
    await house.touch(reading, 'email_sent', { notCounted: 'automatic', message });
    if (opened) await house.touch(reading, 'email_opened', { message });
    // A scanner that opens everything wakes nobody.
    await house.touch(reading, 'email_opened', { message, notCounted: 'scanner' });
  }
  await house.work.runOnce();
  expect(await stages()).toEqual(['nurture', 'nurture', 'nurture']);

  house.clock.advance(hour);
  await house.visit('22', '/pricing');
  await house.touch(reading, 'email_clicked', { message: 'm3' });
  await house.work.runOnce();
  expect(await stages()).toEqual(['nurture', 'new', 'new']);

  house.clock.set(wakeAtMs);
  await house.work.runOnce();
  // Nobody has worked on the other two since: they have gone back.
  expect(await stages()).toEqual(['new', 'nurture', 'nurture']);
  expect((await house.history(visiting)).slice(0, 3)).toEqual([
    'judged cold',
    'woken came back to the website',
    'stage new',
  ]);
});

test('two leads that are merged have the score and the timeline of one who was one from the start; parted, each has its own again', async () => {
  const house = await openHouse();
  const { site, state } = house.store;
  const ledger = { state, now: house.clock.now, reactions: [] };
  const ofTwo = { site, actor: 'user:ana' };
  await house.save('scoring', {
    rules: [
      { id: 'prices', name: 'Looked at prices', when: pricing, points: 10, most: 3, group: 'web' },
      { id: 'call', name: 'Was called', when: { kind: 'touch', touch: 'call' }, points: 20 },
    ],
    groups: [{ name: 'web', most: 25 }],
  });
  // Ana and Eva do the same in two browsers each. Ana gives another address in the second one, Eva the same.
  const people = { ana: ['11', '12'], eva: ['21', '22'] } as const;
  for (const minutes of [0, 10, 20]) {
    house.clock.advance(minutes * 60_000);
    for (const [first, second] of Object.values(people)) {
      await house.visit(first, '/pricing');
      await house.visit(second, '/pricing');
    }
  }
  const ana = await house.identify('11', { email: 'ana@example.com' });
  const work = await house.identify('12', { email: 'ana@work.example' });
  const eva = await house.identify('21', { email: 'eva@example.com' });
  await house.identify('22', { email: 'eva@example.com', id: 'crm-7' });
  house.clock.advance(hour);
  for (const id of [work, eva]) await house.touch(id, 'call', { direction: 'out', outcome: 'answered' });
  house.clock.advance(hour);

  const scores = async () => {
    await house.work.runOnce();
    return Promise.all([ana, work, eva].map(async (id) => (await house.lead(id)).score));
  };
  /** What people did, without what the house made of it. */
  const timeline = async (leadId: string) => {
    const { items } = await leadTimeline(house.db.clickhouse, {
      siteId: site.id,
      visitorIds: await visitorsOfLead(state, site.id, leadId),
      events: await eventsOfPerson(state.db, leadId),
      names: { users: new Map(), keys: new Map() },
      limit: 100,
    });
    return items.flatMap((entry) => {
      if (entry.from === 'site') return [`${entry.at} ${entry.path}`];
      return entry.kind === 'touch' || entry.kind === 'identified' ? [`${entry.at} ${entry.kind}`] : [];
    });
  };
  // Three looks at prices in each browser: 30 points, of which the group lets 25 stand.
  expect(await scores()).toEqual([25, 45, 45]);
  const before = await Promise.all([ana, work].map(timeline));
  expect(before.map((entries) => entries.length)).toEqual([4, 5]);

  await mergeLeads(ledger, { ...ofTwo, leadId: ana, from: work });
  expect((await scores())[0]).toBe(45);
  expect(await timeline(ana)).toEqual(await timeline(eva));

  await unmergeLead(ledger, { ...ofTwo, leadId: work });
  expect(await scores()).toEqual([25, 45, 45]);
  expect(await Promise.all([ana, work].map(timeline))).toEqual(before);
});
