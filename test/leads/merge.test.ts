import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryLedger } from '../support/ledger.ts';

/** What one of two leads does; `first` and `second` are two browsers with an address each. */
type Act = { of: 'first' | 'second'; what: 'call' | 'mail' | 'proposal' | 'lost' | 'note' | 'name' };
const acts = fc.array(
  fc.record({
    of: fc.constantFrom('first' as const, 'second' as const),
    what: fc.constantFrom(
      'call' as const,
      'mail' as const,
      'proposal' as const,
      'lost' as const,
      'note' as const,
      'name' as const,
    ),
  }),
  { maxLength: 8 },
);

type Desk = Awaited<ReturnType<typeof memoryLedger>>;

async function act({ touch, patch }: Desk, leadId: string, { what, of }: Act, count: number): Promise<void> {
  if (what === 'call') await touch(leadId, { kind: 'call', outcome: 'answered' });
  if (what === 'mail') await touch(leadId, { kind: 'email_opened' });
  if (what === 'proposal') await patch(leadId, { stage: 'proposal', value: 100 + count });
  if (what === 'lost') await patch(leadId, { stage: 'lost', reason: `${of} ${count}` });
  if (what === 'note') await patch(leadId, { note: `${of} ${count}` });
  if (what === 'name') await patch(leadId, { name: `${of} ${count}` });
}

/** What a lead is and what was said of it, without ids, without the pair it is of, and without that it was ever merged. */
async function essence({ detail }: Desk, leadId: string, pair: string): Promise<{ said: unknown[] }> {
  const { id, number, updatedAt, history, merged, visitors, claims, ...lead } = await detail(leadId);
  const said = history.filter(({ kind }) => kind !== 'merged' && kind !== 'unmerged');
  const all = { ...lead, said: said.map(({ at, kind, data, by }) => ({ at, kind, data, by })) };
  return JSON.parse(
    JSON.stringify(all, (key, value: unknown) => (key === 'visitor' ? undefined : value)).replaceAll(pair, 'pair'),
  ) as { said: unknown[] };
}

test('two leads that are merged and parted again are what two people are who were never one', async () => {
  const desk = await memoryLedger();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(acts, acts, acts, async (before, during, after) => {
      run += 1;
      const pairs = await Promise.all(
        ['merged', 'never'].map(async (what, place) => {
          const pair = `${what}${run}x`;
          const visitors = { first: `${run}${place}1`, second: `${run}${place}2` };
          const identify = async (of: Act['of'], more = {}) =>
            (await desk.identify(visitors[of], { email: `${of}@${pair}.example`, ...more }))?.leadId ?? '';
          return { pair, identify, ids: { first: await identify('first'), second: await identify('second') } };
        }),
      );
      const [merged] = pairs;
      let count = 0;
      const both = async (some: readonly Act[], say: (one: Act, of: (typeof pairs)[number]) => Promise<unknown>) => {
        for (const one of some) {
          desk.clock.advance(60_000);
          count += 1;
          for (const of of pairs) await say(one, of);
        }
      };
      await both(before, (one, { ids }) => act(desk, ids[one.of], one, count));
      if (merged) await desk.merge(merged.ids.first, merged.ids.second);
      // While they are one, each goes on in its own browser, by its own address.
      await both(during, (one, { identify }) => identify(one.of, { name: `${one.of} ${count}`, visits: count }));
      if (merged) await desk.unmerge(merged.ids.second);
      await both(after, (one, { ids }) => act(desk, ids[one.of], one, count));
      for (const of of ['first', 'second'] as const) {
        const [one, other] = await Promise.all(pairs.map(({ ids, pair }) => essence(desk, ids[of], pair)));
        expect(one).toEqual(other);
      }
    }),
    { numRuns: 12, seed: 6 },
  );
});

test('a merged lead is what one person is who had said it all, in that order', async () => {
  const desk = await memoryLedger();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(acts, acts, async (before, after) => {
      run += 1;
      const [two, one] = [`two${run}x`, `one${run}x`];
      const first = (await desk.identify(`${run}01`, { email: `ana@${two}.example` }))?.leadId ?? '';
      const second = (await desk.identify(`${run}02`, { id: `crm-${two}` }))?.leadId ?? '';
      const lone = (await desk.identify(`${run}11`, { email: `ana@${one}.example` }))?.leadId ?? '';
      await desk.identify(`${run}12`, { email: `ana@${one}.example`, id: `crm-${one}` });
      // What follows from a stage is decided when it happens, and before the merge each has a stage of its own.
      const facts = before.filter(({ what }) => what === 'note' || what === 'name' || what === 'mail');
      let count = 0;
      const both = async (fact: Act) => {
        desk.clock.advance(60_000);
        count += 1;
        await act(desk, fact.of === 'first' ? first : second, fact, count);
        await act(desk, lone, fact, count);
      };
      for (const fact of facts) await both(fact);
      await desk.merge(first, second);
      for (const fact of after) await both(fact);
      // The second browser of the one person names her address, too: the words differ, what follows from them does not.
      const [{ said: _, ...merged }, { said: __, ...single }] = [
        await essence(desk, first, two),
        await essence(desk, lone, one),
      ];
      expect(merged).toEqual(single);
    }),
    { numRuns: 12, seed: 7 },
  );
});
