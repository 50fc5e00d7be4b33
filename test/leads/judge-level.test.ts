import { describe, expect, test } from 'vitest';
import { type LeadDefinition, leadDefinition } from '../../collector/contract/lead-definition.ts';
import { judgeLevel } from '../../collector/leads/judge-level.ts';
import { type LeadFacts, signalKey } from '../../collector/leads/lead-facts.ts';

const noon = Date.parse('2026-09-01T12:00:00Z');
const day = 86_400_000;
const pricing = { kind: 'page', path: '/pricing' } as const;

const agreed = { marketing: { name: 'Maja', since: '2026-08-01' }, sales: { name: 'Sven', since: '2026-08-03' } };
const definition: LeadDefinition = leadDefinition.parse({
  lead: [{ id: 'mail', name: 'Has an address', check: { kind: 'field', field: 'email', op: 'is_set' } }],
  marketing: [
    { id: 'score', name: 'At least 30 points', check: { kind: 'score', atLeast: 30 } },
    {
      id: 'prices',
      name: 'Looked at prices twice in a week',
      check: { kind: 'behaviour', of: pricing, atLeast: 2, within: '7d' },
    },
  ],
  sales: [
    {
      id: 'budget',
      name: 'Budget of 5,000',
      check: { kind: 'field', field: 'trait:budget', op: 'at_least', value: ['5000'] },
    },
  ],
  agreed,
});

function judge(of: { fields?: LeadFacts['fields']; prices?: number[]; score?: number; by?: LeadDefinition }) {
  const hits = (of.prices ?? []).map((ago) => ({ atMs: noon - ago * day, id: String(ago) }));
  const facts = { fields: of.fields ?? {}, hits: new Map([[signalKey(pricing), hits]]) };
  const { level, missing, nextMs } = judgeLevel(of.by ?? definition, { facts, score: of.score ?? 0, atMs: noon });
  return { level, missing: missing.map(({ id }) => id), nextMs };
}

describe('a definition', () => {
  const email = 'ana@example.com';

  test('takes a person up level by level, and says what is missing for the next', () => {
    expect(judge({})).toMatchObject({ level: 'none', missing: ['mail'] });
    expect(judge({ fields: { email } })).toMatchObject({ level: 'lead', missing: ['score', 'prices'] });
    expect(judge({ fields: { email }, score: 30, prices: [1, 2] })).toMatchObject({
      level: 'marketing',
      missing: ['budget'],
    });
    const budget = { email, 'trait:budget': 5000 };
    expect(judge({ fields: budget, score: 30, prices: [1, 2] })).toMatchObject({ level: 'sales', missing: [] });
  });

  test('asks every level below, too', () => {
    expect(judge({ fields: { email, 'trait:budget': 9000 }, score: 80 })).toMatchObject({
      level: 'lead',
      missing: ['prices'],
    });
  });

  test('looks back only as long as it says, and knows when that ends', () => {
    // The older of the two visits was six days ago, so tomorrow it is too old.
    expect(judge({ fields: { email }, score: 30, prices: [1, 6] })).toMatchObject({
      level: 'marketing',
      nextMs: noon + day,
    });
    expect(judge({ fields: { email }, score: 30, prices: [1, 7] })).toMatchObject({
      level: 'lead',
      missing: ['prices'],
    });
  });

  test('makes everybody a lead where nothing is asked, and nobody more than that', () => {
    const nothing = leadDefinition.parse({
      lead: [],
      marketing: [],
      sales: [],
      agreed: { marketing: null, sales: null },
    });
    expect(judge({ by: nothing, score: 100 })).toMatchObject({ level: 'lead', missing: [], nextMs: null });
  });

  test('is refused with two conditions of one id', () => {
    const twice = { ...definition, sales: definition.lead };
    expect(leadDefinition.safeParse(twice).error?.issues.map(({ path }) => path.join('.'))).toEqual([
      'lead.0.id',
      'sales.0.id',
    ]);
  });
});
