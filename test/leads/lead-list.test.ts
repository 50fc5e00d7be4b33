import { expect, test } from 'vitest';
import type { LeadSort } from '../../collector/contract/lead-answers.ts';
import { leadSorts } from '../../collector/contract/lead-answers.ts';
import type { LeadRow } from '../../collector/state/lead-ledger.ts';
import { type LeadListQuestion, listLeads } from '../../collector/state/lead-list.ts';
import { memoryLedger } from '../support/ledger.ts';

type Question = Omit<LeadListQuestion, 'siteId' | 'sort' | 'nowMs'>;

const hourMs = 3_600_000;

/** Ana, Ben and so on: every second one has a next step, every third an owner, every fifth is in nurture. Two were merged into others. */
async function fullLedger() {
  const { add, patch, merge, addUser, state, site, clock } = await memoryLedger();
  await addUser('u1');
  const ids: string[] = [];
  for (let index = 0; index < 24; index += 1) {
    const name = `${['Ana', 'Ben', 'Çağla', "D'Or"][index % 4]} ${index}`;
    const { lead } = await add({
      name,
      email: `${name.slice(0, 2)}-${index}@example.com`.toLowerCase(),
      company: index % 2 === 0 ? '50 % Rabatt_GmbH' : 'Example AG',
      ...(index % 3 === 0 ? { owner: 'u1' } : {}),
      ...(index % 2 === 0 ? { nextStep: { text: 'Call', at: `2026-09-0${1 + (index % 5)}` } } : {}),
      kind: index % 4 === 0 ? 'quote' : 'card',
      source: ['google', 'fair'][index % 2] ?? '',
    });
    if (index % 5 === 0) await patch(lead.id, { stage: 'nurture', reason: 'later' });
    await state.db
      .updateTable('leads')
      .set({ score: (index * 7) % 20, temperature: index % 3 === 0 ? 'hot' : 'cold' })
      .where('id', '=', lead.id)
      .execute();
    ids.push(lead.id);
    // Some begin at the same moment: pages must not lose any of them.
    if (index % 3 === 0) clock.advance(7 * hourMs);
  }
  await merge(ids[1] ?? '', ids[7] ?? '');
  await merge(ids[2] ?? '', ids[8] ?? '');
  const rows = await state.db.selectFrom('leads').selectAll().where('merged_into', 'is', null).execute();
  const nowMs = clock.now();
  /** All pages, seven at a time. */
  const all = async (question: Question, sort: LeadSort = 'newest') => {
    const found: LeadRow[] = [];
    let cursor: string | undefined;
    do {
      const page = await listLeads(state.db, { siteId: site.id, nowMs, sort, ...question }, { limit: 7, cursor });
      found.push(...page.rows);
      cursor = page.next ?? undefined;
      if (cursor === undefined) expect(page.total).toBe(found.length);
    } while (cursor !== undefined);
    return found;
  };
  return { rows, all, nowMs };
}

test('every filter and order gives, over all its pages, exactly the leads it names, each once', async () => {
  const { rows, all, nowMs } = await fullLedger();
  const leaks = (row: LeadRow) => row.leaks_at_ms !== null && row.leaks_at_ms <= nowMs;
  const dueMs = nowMs - 30 * hourMs;
  const filters: [Question, (row: LeadRow) => boolean][] = [
    [{}, () => true],
    [{ stage: ['new'] }, ({ stage }) => stage === 'new'],
    [{ stage: ['new', 'nurture'] }, ({ stage }) => stage === 'new' || stage === 'nurture'],
    [{ temperature: ['hot'] }, ({ temperature }) => temperature === 'hot'],
    [{ owner: 'u1' }, ({ owner_id }) => owner_id === 'u1'],
    [{ owner: 'none' }, ({ owner_id }) => owner_id === null],
    [{ source: 'fair' }, ({ first_source }) => first_source === 'fair'],
    [{ kind: 'quote' }, ({ kind }) => kind === 'quote'],
    [{ leaking: 'true' }, leaks],
    [{ leaking: 'false' }, (row) => !leaks(row)],
    [{ dueMs }, ({ next_step_at_ms }) => next_step_at_ms !== null && next_step_at_ms < dueMs],
    [
      { stage: ['new'], owner: 'none', source: 'google', leaking: 'true' },
      (row) => row.stage === 'new' && row.owner_id === null && row.first_source === 'google' && leaks(row),
    ],
    [{ search: 'rabatt_g', leaking: 'true' }, (row) => row.company === '50 % Rabatt_GmbH' && leaks(row)],
    [{ search: 'an' }, ({ name }) => name?.startsWith('Ana') === true],
  ];
  const orders: Record<LeadSort, [(row: LeadRow) => number | null, 1 | -1]> = {
    newest: [(row) => row.began_at_ms, -1],
    active: [(row) => row.active_at_ms, -1],
    score: [(row) => row.score, -1],
    urgent: [(row) => row.leaks_at_ms, 1],
    'next-step': [(row) => row.next_step_at_ms, 1],
  };
  for (const [question, fits] of filters) {
    for (const sort of leadSorts) {
      const [by, way] = orders[sort];
      const slow = rows
        .filter((row) => fits(row) && by(row) !== null)
        .toSorted((a, b) => way * (Number(by(a)) - Number(by(b)) || (a.id < b.id ? -1 : 1)));
      const names = (list: readonly LeadRow[]) => list.map(({ id }) => id);
      expect([question, sort, names(await all(question, sort))]).toEqual([question, sort, names(slow)]);
    }
  }
});

test('a search finds parts of what is known of a lead, however it is written, and a merged lead as the person it is part of', async () => {
  const { all } = await fullLedger();
  const found = async (search: string) => (await all({ search })).map(({ name }) => name).sort();
  expect(await found('an-12@example.com')).toEqual(['Ana 12']);
  expect(await found('AN-12@')).toEqual(['Ana 12']);
  expect(await found('çağla 1')).toEqual(['Çağla 10', 'Çağla 14', 'Çağla 18']);
  expect(await found("d'or 11")).toEqual(["D'Or 11"]);
  // D'Or 7 was merged into Ben 1, who is found by either address.
  expect(await found('be-1@')).toEqual(await found("d'-7@"));
  expect(await found('50 % rabatt')).toHaveLength(11);
  // The beginning of a word, of which this company has one.
  expect(await found('%')).toHaveLength(11);
  expect(await found('"')).toEqual([]);
  expect(await found('nobody@example.com')).toEqual([]);
});
