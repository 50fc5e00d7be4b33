import { expect, test } from 'vitest';
import { rule as ruleSchema } from '../../collector/contract/rule.ts';
import { compare, differenceOfShares, holdoutReport } from '../../collector/detection/holdout.ts';
import { createEndpoint } from '../../collector/state/endpoints.ts';
import { loadRules } from '../../collector/state/rules.ts';
import { fakeClock } from '../support/clock.ts';
import { testState } from '../support/state.ts';

test('difference of shares: the interval of the paper', () => {
  // Newcombe 1998, table II, method 10: 56/70 − 48/80 is 0.2 with 0.0524 to 0.3339; 9/10 − 3/10 is 0.6 with 0.1705 to 0.8090.
  const [large, small, none] = [
    [56, 70, 48, 80],
    [9, 10, 3, 10],
    [10, 10, 0, 10],
  ].map(([a = 0, m = 0, b = 0, n = 0]) => differenceOfShares({ recovered: a, cases: m }, { recovered: b, cases: n }));
  expect(large?.rate).toBeCloseTo(0.2, 10);
  expect([large?.low, large?.high].map((value) => value?.toFixed(4))).toEqual(['0.0524', '0.3339']);
  expect([small?.low, small?.high].map((value) => value?.toFixed(4))).toEqual(['0.1705', '0.8090']);
  // Everybody against nobody: 1 with 0.6075 to 1.
  expect([none?.low, none?.high].map((value) => value?.toFixed(4))).toEqual(['0.6075', '1.0000']);
});

const group = (cases: number, recovered: number, value = recovered * 100) => ({ cases, recovered, value });

test.each<[string, Parameters<typeof compare>[0]['written'], Parameters<typeof compare>[0]['heldOut'], string]>([
  ['a plain difference', group(400, 80), group(100, 5), 'more-come-back'],
  ['a plain difference the other way', group(400, 20), group(100, 20), 'fewer-come-back'],
  ['about the same', group(400, 40), group(100, 9), 'no-difference'],
  ['few held out', group(400, 80), group(49, 2), 'not-enough'],
  ['few came back at all', group(400, 5), group(100, 2), 'not-enough'],
])('holdout: %s', (_title, written, heldOut, verdict) => {
  const report = compare({ written, heldOut, currency: 'EUR', hasHoldout: true });
  expect(report.verdict).toBe(verdict);
  expect(report.difference === null).toBe(verdict === 'not-enough');
  expect(report.money.becauseOfMessages === null).toBe(verdict === 'not-enough');
});

test('holdout: the money that messages brought is what came beyond the rate of the others', () => {
  const report = compare({
    written: group(400, 80, 8_000),
    heldOut: group(100, 5, 500),
    currency: 'EUR',
    hasHoldout: true,
  });
  // Without messages 400 people would have brought 5 each: 2,000 of the 8,000.
  expect(report.money).toEqual({ currency: 'EUR', recovered: 8_000, becauseOfMessages: 6_000 });
  expect(report.sentence).toContain('20% of those who were written to came back, 5% of those who were not');
  expect(compare({ written: group(9, 1), heldOut: group(1, 0), currency: 'EUR', hasHoldout: true })).toMatchObject({
    needed: { written: 41, heldOut: 49 },
    sentence: expect.stringContaining('Not enough cases yet'),
  });
});

test('holdout report: each person once, only cases that are over, and nobody withheld for another reason', async () => {
  const clock = fakeClock('2026-09-20T00:00:00Z');
  const store = await testState(clock.now);
  const { state, site } = store;
  const rules = await loadRules(state, clock.now);
  const { id: endpoint } = await createEndpoint(store.state, {
    siteId: 1,
    endpoint: { name: 'Mail', url: 'https://example.com/hook', events: [], enabled: true },
    nowMs: clock.now(),
  });
  const { id: ruleId } = await rules.create(
    1,
    ruleSchema.parse({
      name: 'Booking abandoned',
      intent: { event: 'booking_start' },
      complete: [{ event: 'booking_done' }],
      holdout: 0.5,
      followUps: [{ after: '0s', endpoint }],
      enabled: true,
    }),
  );
  let count = 0;
  const add = async (
    person: string,
    more: { at: string; reason?: 'holdout' | 'person-cap'; recovered?: number; currency?: string },
  ) => {
    count += 1;
    const recovered = more.recovered !== undefined;
    await state.db
      .insertInto('cases')
      .values({
        id: `cas_${count}`,
        site_id: 1,
        rule_id: ruleId,
        rule_version: 1,
        dedup_key: String(count),
        visitor_id: String(count),
        session_id: '1',
        key: '',
        state: more.reason ? 'suppressed' : recovered ? 'recovered' : 'expired',
        reason: more.reason ?? null,
        intent: '{}',
        occurred_at: more.at,
        occurred_seq: 0,
        received_at_ms: Date.parse(more.at),
        due_at_ms: Date.parse(more.at),
        abandoned_at: more.at,
        notified_at: null,
        recovered_at: recovered ? more.at : null,
        created_at: more.at,
        person,
        value: 10,
        currency: more.currency ?? 'EUR',
        recovered_value: recovered ? (more.recovered ?? 0) : null,
        recovered_currency: recovered ? (more.currency ?? 'EUR') : null,
      })
      .execute();
  };
  const early = '2026-09-01T10:00:00.000Z';
  await add('ana', { at: early, recovered: 90 });
  await add('ana', { at: '2026-09-05T10:00:00.000Z', recovered: 50 }); // her second case
  await add('ben', { at: early });
  await add('cleo', { at: early, reason: 'holdout', recovered: 40 });
  await add('dan', { at: early, reason: 'holdout' });
  await add('eve', { at: early, reason: 'person-cap' }); // in neither group
  await add('fay', { at: '2026-09-18T10:00:00.000Z' }); // may still come back
  await add('gil', { at: early, recovered: 70, currency: 'USD' }); // not in the site's money
  const report = await holdoutReport({ state, rules, now: clock.now }, site, { ruleId });
  expect(report).toMatchObject({
    rule: 'Booking abandoned',
    share: 0.5,
    verdict: 'not-enough',
    written: { cases: 3, recovered: 2, value: 90 },
    heldOut: { cases: 2, recovered: 1, rate: 0.5, value: 40 },
    undecided: 1,
  });
  const range = { from: '2026-09-02T00:00:00.000Z', to: '2026-09-06T00:00:00.000Z' };
  expect(await holdoutReport({ state, rules, now: clock.now }, site, { ruleId, ...range })).toMatchObject({
    written: { cases: 1, recovered: 1, value: 50 },
    heldOut: { cases: 0, rate: null },
  });
});
