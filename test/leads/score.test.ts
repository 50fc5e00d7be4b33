import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ScoreRule, type Scoring, scoring as scoringSchema } from '../../collector/contract/scoring.ts';
import { type Hit, type LeadFacts, signalKey } from '../../collector/leads/lead-facts.ts';
import { scoreAt } from '../../collector/leads/score.ts';

const noon = Date.parse('2026-09-01T12:00:00Z');
const day = 86_400_000;
const pricing = { kind: 'page', path: '/pricing' } as const;
const call = { kind: 'touch', touch: 'call' } as const;

type Draft = Partial<ScoreRule> & Pick<ScoreRule, 'when' | 'points'>;

function scoringOf(rules: Draft[], more: Partial<Scoring> = {}): Scoring {
  return scoringSchema.parse({
    rules: rules.map((rule, index) => ({ id: `r${index}`, name: `Rule ${index}`, ...rule })),
    ...more,
  });
}

/** Ana, who did these things this many days before noon. */
function ana(done: [ScoreRule['when'], number[]][] = [], fields: LeadFacts['fields'] = {}): LeadFacts {
  const hits = done.flatMap(([when, daysAgo]): [string, Hit[]][] =>
    when.kind === 'field'
      ? []
      : [
          [
            signalKey(when),
            daysAgo.toSorted((a, b) => a - b).map((ago) => ({ atMs: noon - ago * day, id: `e${ago}` })),
          ],
        ],
  );
  return { fields, hits: new Map(hits) };
}

const pointsOf = (scoring: Scoring, facts: LeadFacts, atMs = noon) => scoreAt(scoring, facts, atMs).score;

describe('a score', () => {
  test('counts the newest times up to the limit of the rule', () => {
    const rules = scoringOf([{ when: pricing, points: 5, most: 3 }]);
    expect(pointsOf(rules, ana([[pricing, [1, 2]]]))).toBe(10);
    expect(pointsOf(rules, ana([[pricing, [1, 2, 3, 4]]]))).toBe(15);
  });

  test('halves by the half-life of each rule alone', () => {
    const rules = scoringOf([
      { when: pricing, points: 20, halfLife: '10d' },
      { when: call, points: 8 },
    ]);
    // 20 after ten days is 10, after twenty 5; the call stays 8.
    expect(
      pointsOf(
        rules,
        ana([
          [pricing, [10]],
          [call, [40]],
        ]),
      ),
    ).toBe(18);
    expect(
      pointsOf(
        rules,
        ana([
          [pricing, [20]],
          [call, [40]],
        ]),
      ),
    ).toBe(13);
  });

  test('takes points away for what speaks against somebody', () => {
    const job = { kind: 'page', path: '/jobs/**' } as const;
    const free: ScoreRule['when'] = { kind: 'field', field: 'email', op: 'contains', value: ['@mailinator.com'] };
    const rules = scoringOf([
      { when: pricing, points: 20 },
      { when: job, points: -15, halfLife: '1d' },
      { when: free, points: -50 },
    ]);
    // −15 after one day is −7.5, and half a point counts as one: −8.
    expect(
      pointsOf(
        rules,
        ana([
          [pricing, [1]],
          [job, [1]],
        ]),
      ),
    ).toBe(12);
    expect(pointsOf(rules, ana([[pricing, [1]]], { email: 'x@Mailinator.com' }))).toBe(-30);
  });

  test('says in a line of its own what the cap of a group takes off', () => {
    const rules = scoringOf(
      [
        { when: pricing, points: 10, most: 5, group: 'Pages' },
        { when: { kind: 'page', path: '/cases' }, points: 10, group: 'Pages' },
        { when: call, points: 7 },
      ],
      { groups: [{ name: 'Pages', most: 25 }] },
    );
    const { score, lines } = scoreAt(
      rules,
      ana([
        [pricing, [1, 2, 3]],
        [{ kind: 'page', path: '/cases' }, [1]],
        [call, [1]],
      ]),
      noon,
    );
    expect(lines.map(({ name, points }) => [name, points])).toEqual([
      ['Rule 0', 30],
      ['Rule 1', 10],
      ['Rule 2', 7],
      ['No more than 25 for Pages', -15],
    ]);
    expect(score).toBe(32);
  });

  test('leaves out what has not happened yet, and says when it will count', () => {
    const rules = scoringOf([{ when: pricing, points: 20 }]);
    const facts = ana([[pricing, [-1]]]);
    expect(scoreAt(rules, facts, noon)).toMatchObject({ score: 0, nextMs: noon + day });
    expect(pointsOf(rules, facts, noon + day)).toBe(20);
  });

  test('makes a lead warm and hot at the thresholds, not before', () => {
    const rules = scoringOf([{ when: call, points: 1, most: 50 }], { warm: 2, hot: 3 });
    const of = (times: number) =>
      scoreAt(rules, ana([[call, Array.from({ length: times }, (_, i) => i)]]), noon).temperature;
    expect([of(1), of(2), of(3)]).toEqual(['cold', 'warm', 'hot']);
  });
});

/** Any scoring over four signals, with groups, caps, half-lives and negative points. */
const signals = [pricing, call, { kind: 'form' } as const, { kind: 'page', path: '/a' } as const];
const anyScoring = fc
  .array(
    fc.record({
      when: fc.constantFrom(...signals),
      points: fc.integer({ min: -40, max: 40 }).filter((points) => points !== 0),
      most: fc.integer({ min: 1, max: 6 }),
      halfLife: fc.option(fc.constantFrom('1h', '6h', '3d', '90d'), { nil: undefined }),
      group: fc.option(fc.constantFrom('one', 'two'), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((rules) =>
    scoringOf(
      rules.map(({ halfLife, group, ...rule }) => ({
        ...rule,
        ...(halfLife ? { halfLife } : {}),
        ...(group ? { group } : {}),
      })),
      {
        groups: [
          { name: 'one', most: 25 },
          { name: 'two', most: 9 },
        ],
      },
    ),
  );
const anyHits = fc.array(
  fc.record({
    signal: fc.constantFrom(...signals),
    atMs: fc.integer({ min: noon - 120 * day, max: noon + 5 * 60_000 }),
  }),
  { maxLength: 30 },
);

function factsOf(hits: { signal: (typeof signals)[number]; atMs: number }[]): LeadFacts {
  const map = new Map<string, Hit[]>();
  for (const { signal, atMs } of hits) {
    const key = signalKey(signal);
    map.set(
      key,
      [...(map.get(key) ?? []), { atMs, id: String(atMs) }].toSorted((a, b) => b.atMs - a.atMs),
    );
  }
  return { fields: {}, hits: map };
}

/** The slow obvious way: every rule by itself, every hit by itself. */
function slowScore(scoring: Scoring, hits: { signal: (typeof signals)[number]; atMs: number }[], atMs: number): number {
  const worth = scoring.rules.map((rule) => {
    const own = hits
      .filter(({ signal }) => JSON.stringify(signal) === JSON.stringify(rule.when))
      .filter((hit) => hit.atMs <= atMs);
    const newest = own.toSorted((a, b) => b.atMs - a.atMs).slice(0, rule.most);
    const hours = { '1h': 1, '6h': 6, '3d': 72, '90d': 2160 } as Record<string, number>;
    let exact = 0;
    for (const hit of newest) {
      const age = (atMs - hit.atMs) / 3_600_000;
      exact += rule.halfLife ? 0.5 ** (age / (hours[rule.halfLife] ?? 1)) : 1;
    }
    const points = rule.points * exact;
    return { group: rule.group, points: Math.sign(points) * Math.round(Math.abs(points)) };
  });
  let total = worth.filter(({ group }) => !group).reduce((sum, { points }) => sum + points, 0);
  for (const { name, most } of scoring.groups) {
    total += Math.min(
      most,
      worth.filter(({ group }) => group === name).reduce((sum, { points }) => sum + points, 0),
    );
  }
  return total + 0;
}

describe('for any rules and any history', () => {
  test('the lines add up to the score exactly, in whole points', () => {
    fc.assert(
      fc.property(anyScoring, anyHits, (scoring, hits) => {
        const { score, lines } = scoreAt(scoring, factsOf(hits), noon);
        expect(lines.every(({ points }) => Number.isInteger(points))).toBe(true);
        expect(lines.reduce((sum, { points }) => sum + points, 0)).toBe(score);
      }),
    );
  });

  test('the score is the same in whatever order things arrive, and that of the slow way', () => {
    fc.assert(
      fc.property(
        anyScoring,
        anyHits,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (scoring, hits, random) => {
          const shuffled = hits
            .map((hit) => ({ hit, at: random.next().value as number }))
            .toSorted((a, b) => a.at - b.at);
          const score = pointsOf(scoring, factsOf(hits));
          expect(pointsOf(scoring, factsOf(shuffled.map(({ hit }) => hit)))).toBe(score);
          expect(score).toBe(slowScore(scoring, hits, noon));
        },
      ),
    );
  });

  test('the score stays as it is until the moment it is said to change', () => {
    fc.assert(
      fc.property(anyScoring, anyHits, fc.double({ min: 0, max: 0.999, noNaN: true }), (scoring, hits, part) => {
        const facts = factsOf(hits);
        const { score, lines, nextMs } = scoreAt(scoring, facts, noon);
        const laterMs = nextMs === null ? noon + 365 * day : noon + Math.floor((nextMs - noon) * part) - 1;
        if (laterMs <= noon) return;
        const later = scoreAt(scoring, facts, laterMs);
        expect(later.score).toBe(score);
        expect(later.lines).toEqual(lines);
      }),
    );
  });
});
