import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Kysely } from 'kysely';
import { expect, test } from 'vitest';
import { balanceSources, balanceTerms, weeklyCounts } from '../../collector/contract/balance.ts';
import { touchDefaults } from '../../collector/contract/leads.ts';
import { toTimestamp } from '../../collector/contract/row.ts';
import { type BalanceQuestion, balance, checkBalance, leadsOf } from '../../collector/leads/balance.ts';
import { listLeads } from '../../collector/leads/counted-leads.ts';
import { recordOnLead } from '../../collector/leads/record.ts';
import { weekly, weeklyLeads } from '../../collector/leads/weekly-questions.ts';
import { localDate, startOfDate } from '../../collector/queries/range.ts';
import { toWeek } from '../../collector/queries/week.ts';
import { insertLead, type NewLeadEvent } from '../../collector/state/lead-ledger.ts';
import { tieVisitor } from '../../collector/state/leads.ts';
import type { StateSchema } from '../../collector/state/schema.ts';
import { eventRow } from '../support/engine.ts';
import { openHouse } from '../support/house.ts';
import { type Act, type Person, peopleOfQuarter } from '../support/quarter.ts';
import {
  actOn,
  clockSlowly,
  judgeSlowly,
  newSlowLead,
  openMinutes,
  type SlowLead,
  type SlowRules,
  slowDue,
  slowTerm,
} from '../support/quarter-fold.ts';
import { memoryState } from '../support/state.ts';

const hour = 3_600_000;
const day = 24 * hour;
const zone = 'Europe/Berlin';
const firstMonday = '2026-08-31';
const fromMs = startOfDate(firstMonday, zone);
const weeks = 13;
const mondays = Array.from({ length: weeks + 1 }, (_, index) =>
  new Date(Date.parse(firstMonday) + index * 7 * day).toISOString().slice(0, 10),
);
const toMs = startOfDate(mondays[weeks] ?? '', zone);
const holiday = '2026-10-05';
/** Not a divisor of a day, so that the house is looked at in every hour of it. */
const tickMs = 59 * hour;
const staff = ['ana', 'ben', 'cem', 'dora'];

/** What happens at a moment by itself. */
type Happening = { atMs: number; person: Person; act: Act | 'came' };

const routes = [
  { name: 'Germany', when: { countries: ['DE'] }, to: { owners: ['ana', 'ben'] } },
  { name: 'Fair', when: { sources: ['fair'] }, to: { owners: ['dora'] }, whenFull: 'wait' },
  { name: 'Rest', to: { owners: ['cem', 'dora'] } },
];
const doraPerDay = 9;

function rulesOf(rules: SlowRules) {
  const page = (path: string) => ({ kind: 'page', path });
  return {
    scoring: {
      rules: [
        {
          id: 'prices',
          name: 'Prices',
          when: page('/pricing'),
          points: rules.prices,
          most: 3,
          halfLife: '14d',
          group: 'web',
        },
        { id: 'form', name: 'Form', when: { kind: 'form' }, points: 25, most: 2, halfLife: '30d', group: 'web' },
        {
          id: 'opened',
          name: 'Opened',
          when: { kind: 'touch', touch: 'email_opened' },
          points: 5,
          most: 4,
          halfLife: '7d',
        },
        { id: 'called', name: 'Called us', when: { kind: 'touch', touch: 'call', direction: 'in' }, points: 20 },
        { id: 'jobs', name: 'Wants a job', when: page('/jobs/**'), points: -20 },
        { id: 'firm', name: 'A company', when: { kind: 'field', field: 'company', op: 'is_set' }, points: 10 },
      ],
      groups: [{ name: 'web', most: 60 }],
      warm: 25,
      hot: 60,
    },
    definition: {
      lead: [{ id: 'mail', name: 'Address', check: { kind: 'field', field: 'email', op: 'is_set' } }],
      marketing: [{ id: 'warm', name: 'Warm', check: { kind: 'score', atLeast: 25 } }],
      sales: [
        { id: 'prices', name: 'Prices', check: { kind: 'behaviour', of: page('/pricing'), atLeast: 2, within: '14d' } },
      ],
      agreed: { marketing: { name: 'Maja', since: `2026-08-0${rules.version}` }, sales: null },
    },
    routing: {
      owners: staff.map((id) => ({
        id,
        name: id,
        left: rules.left.includes(id),
        ...(id === 'dora' ? { perDay: doraPerDay } : {}),
      })),
      routes,
    },
    clocks: {
      acceptance: '6h',
      hours: { holidays: [holiday] },
      stalled: { new: '20d', contacted: '20d', appointment: '20d', proposal: '30d' },
    },
  };
}

/** Gives leads away as the routes say, the slow way; in the order in which the house did, because among those of one moment any is right. */
function createSlowRouting() {
  const turns = new Map<string, number>();
  const today = new Map<string, number>();
  let turn = 0;
  return (lead: SlowLead, { nowMs, left }: { nowMs: number; left: string[] }): string | null => {
    const { country, source } = lead.person;
    const team = country === 'DE' ? ['ana', 'ben'] : source === 'fair' ? ['dora'] : ['cem', 'dora'];
    const on = localDate(nowMs, zone);
    const free = team.filter(
      (id) => !left.includes(id) && (id !== 'dora' || (today.get(`${id} ${on}`) ?? 0) < doraPerDay),
    );
    const [next] = free.toSorted((one, other) => (turns.get(one) ?? 0) - (turns.get(other) ?? 0));
    if (next === undefined) return null;
    turn += 1;
    turns.set(next, turn);
    today.set(`${next} ${on}`, (today.get(`${next} ${on}`) ?? 0) + 1);
    return next;
  };
}

test('a quarter of 5,000 leads: stage, score, owner and clock of each are those of a slow reference, and every week adds up', async () => {
  const house = await openHouse(new Date(fromMs).toISOString(), memoryState);
  const { db } = house.store.state;
  const { site } = house.store;
  const people = peopleOfQuarter({ seed: 7, people: 5_000, fromMs, toMs });
  await storeWeb(house, people);
  const rules: SlowRules = { version: 1, prices: 15, left: [] };
  const saveRules = async () => {
    const { scoring, definition, routing, clocks } = rulesOf(rules);
    for (const [part, value] of Object.entries({ scoring, definition, routing, clocks }))
      await house.save(part as 'clocks', value);
  };
  await saveRules();

  const minutes = openMinutes(fromMs, toMs + 30 * day, holiday);
  const due = (since: number, openMs: number) => slowDue(minutes, fromMs, since, openMs);
  const route = createSlowRouting();
  const slow = new Map<string, SlowLead>();
  const ids = new Map<string, string>();
  const emails = new Map<string, string>();
  const happenings = people
    .flatMap((person): Happening[] => [
      { atMs: person.cameMs, person, act: 'came' },
      ...person.acts.flatMap((act) =>
        act.kind === 'page' || act.kind === 'form' ? [] : [{ atMs: act.atMs, person, act }],
      ),
    ])
    .toSorted((one, other) => one.atMs - other.atMs);

  const expected: Record<string, number>[] = [];
  let week: { index: number } = { index: 0 };
  const endWeek = (endMs: number) => {
    expected.push(slowWeek([...slow.values()], { fromMs: startOfDate(mondays[week.index] ?? '', zone), endMs }));
    for (const lead of slow.values()) {
      lead.wasOpen = lead.stage !== 'won' && lead.stage !== 'lost';
      lead.wasClosed = !lead.wasOpen;
      lead.reopened = false;
      lead.entered = new Set();
    }
    week = { index: week.index + 1 };
  };
  const happen = async (until: number) => {
    const now = happenings.splice(0, happenings.findIndex(({ atMs }) => atMs >= until) >>> 0);
    await db.transaction().execute(async (trx) => {
      for (const { person, act, atMs } of now) {
        if (act === 'came') {
          const id = await comes(trx, site, person);
          ids.set(person.email, id);
          emails.set(id, person.email);
          slow.set(person.email, newSlowLead(person));
        } else {
          await recordOnLead(trx, {
            site,
            leadId: ids.get(person.email) ?? '',
            events: [toEvent(act)],
            nowMs: atMs,
            reactions: [],
          });
          const lead = slow.get(person.email);
          if (lead) actOn(lead, act);
        }
      }
    });
  };

  for (let nowMs = fromMs + 5 * hour; nowMs < toMs; nowMs += tickMs) {
    const weekEndMs = startOfDate(mondays[week.index + 1] ?? '', zone);
    if (weekEndMs <= nowMs) {
      await happen(weekEndMs);
      endWeek(weekEndMs);
    }
    await happen(nowMs + 1);
    house.clock.set(nowMs);
    // In the fifth week Ben leaves; in the eighth prices count for more, and marketing agrees anew.
    const at = Math.floor((nowMs - fromMs) / (7 * day));
    if (at === 4 && rules.left.length === 0) {
      rules.left = ['ben'];
      await saveRules();
    }
    if (at === 7 && rules.version === 1) {
      rules.version = 2;
      rules.prices = 24;
      await saveRules();
    }
    await house.work.runOnce();

    const given = await db
      .selectFrom('lead_events')
      .select('lead_id')
      .where('site_id', '=', 1)
      .where('kind', '=', 'owner')
      .where('at_ms', '=', nowMs)
      .orderBy('seq')
      .execute();
    const order = new Map(given.map(({ lead_id }, index) => [emails.get(lead_id), index]));
    const without = [...slow.values()].filter((lead) => judgeSlowly(lead, { rules, nowMs }));
    const rank = (lead: SlowLead) => order.get(lead.person.email) ?? Number.POSITIVE_INFINITY;
    for (const lead of without.toSorted((one, other) => rank(one) - rank(other))) {
      const owner = route(lead, { nowMs, left: rules.left });
      if (owner === null) continue;
      Object.assign(lead, { owner, ownerMs: nowMs, accepted: false });
    }
    for (const lead of slow.values()) clockSlowly(lead, { nowMs, due });
    if (nowMs + tickMs >= weekEndMs) await compare(db, slow);
  }
  await happen(toMs);
  endWeek(toMs);
  await compare(db, slow, { exceptScores: true });

  house.clock.set(toMs + day);
  for (let index = 0; index < weeks; index += 1) {
    const name = toWeek(undefined, { timezone: zone, nowMs: startOfDate(mondays[index] ?? '', zone) }).week;
    const question: BalanceQuestion = {
      siteId: 1,
      week: toWeek(name, { timezone: zone, nowMs: toMs + day }),
      nowMs: toMs + day,
    };
    expect({ name, ...(await numbersOf(db, question)) }).toEqual({ name, ...expected[index] });
    expect(await checkBalance(db, question)).toMatchObject({ agrees: true, problems: [] });
  }
}, 300_000);

/** Every number of a week; its list must have exactly its length. */
async function numbersOf(db: Kysely<StateSchema>, question: BalanceQuestion): Promise<Record<string, number>> {
  const counted = await balance(db, question);
  const asked = await weekly(db, question);
  for (const of of [...balanceSources, ...balanceTerms]) {
    const names = await namesOf(db, { ...question, selection: leadsOf(question, of) });
    expect([of, new Set(names).size, names.length]).toEqual([of, counted[of], counted[of]]);
  }
  for (const of of weeklyCounts) {
    const names = await namesOf(db, { ...question, selection: weeklyLeads(question, of) });
    expect([of, new Set(names).size, names.length]).toEqual([of, asked[of], asked[of]]);
  }
  expect(Object.values(counted.leakingBy).reduce((sum, leads) => sum + leads, 0)).toBe(counted.leaking);
  expect(asked.cameFrom.reduce((sum, { leads }) => sum + leads, 0)).toBe(asked.in);
  const terms = Object.fromEntries([...balanceSources, ...balanceTerms].map((of) => [of, counted[of]]));
  return { ...terms, ...Object.fromEntries(weeklyCounts.map((of) => [of, asked[of]])) };
}

/** Everybody on the list, page by page. */
async function namesOf(db: Kysely<StateSchema>, counted: Parameters<typeof listLeads>[1]): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const { items, total, next } = await listLeads(db, counted, { limit: 400, cursor });
    names.push(...items.map(({ id }) => id));
    if (!next) expect(names).toHaveLength(total);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return names;
}

/** The same numbers from what the reference knows at the end of a week. */
function slowWeek(
  leads: SlowLead[],
  { fromMs: startMs, endMs }: { fromMs: number; endMs: number },
): Record<string, number> {
  const isNew = (lead: SlowLead) => lead.person.cameMs >= startMs;
  const counts: Record<string, number> = {
    new: 0,
    back: 0,
    carried: 0,
    won: 0,
    lost: 0,
    nurture: 0,
    progress: 0,
    leaking: 0,
  };
  const add = (key: string) => {
    counts[key] = (counts[key] ?? 0) + 1;
  };
  for (const lead of leads) {
    if (isNew(lead)) add('new');
    else if (lead.wasOpen) add('carried');
    else if (lead.reopened) add('back');
    else continue;
    add(slowTerm(lead, endMs));
  }
  const reached = leads.filter(
    ({ reachedMs, entered }) =>
      (reachedMs !== null && reachedMs >= startMs) || (entered.has('contacted') && reachedMs === null),
  );
  const entered = (stage: string) => leads.filter((lead) => lead.entered.has(stage)).length;
  return {
    ...counts,
    in: (counts.new ?? 0) + (counts.back ?? 0),
    reached: reached.length,
    appointments: entered('appointment'),
    proposals: entered('proposal'),
    closed: entered('won'),
  };
}

async function compare(
  db: Kysely<StateSchema>,
  slow: ReadonlyMap<string, SlowLead>,
  { exceptScores = false } = {},
): Promise<void> {
  const rows = await db.selectFrom('leads').selectAll().execute();
  const told = await db
    .selectFrom('lead_events')
    .select(({ fn }) => ['lead_id', fn.countAll<number>().as('times')])
    .where('kind', '=', 'neglected')
    .groupBy('lead_id')
    .execute();
  const neglected = new Map(told.map(({ lead_id, times }) => [lead_id, times]));
  expect(rows.length).toBe(slow.size);
  const wrong: unknown[] = [];
  for (const row of rows) {
    const lead = slow.get(row.email ?? '');
    if (!lead) throw new Error(`nobody is ${row.email}`);
    const is = [row.stage, row.owner_id, row.clock, row.clock_due_ms, row.recycle_count, neglected.get(row.id) ?? 0];
    const should = [
      lead.stage,
      lead.owner,
      lead.clock?.name ?? null,
      lead.clock?.dueMs ?? null,
      lead.recycled,
      lead.told.length,
    ];
    if (!exceptScores) {
      is.push(row.score, row.temperature, row.qualified, row.definition_version);
      should.push(lead.score, lead.temperature, lead.level, lead.version);
    }
    if (JSON.stringify(is) !== JSON.stringify(should)) wrong.push({ email: row.email, is, should });
  }
  expect(wrong.slice(0, 3)).toEqual([]);
}

async function storeWeb(house: Awaited<ReturnType<typeof openHouse>>, people: readonly Person[]): Promise<void> {
  let page = 0;
  const rows = people.flatMap(({ visitor, acts }) =>
    acts.flatMap((act) => {
      if (act.kind !== 'page' && act.kind !== 'form') return [];
      page += 1;
      const what =
        act.kind === 'page' ? { path: act.path } : { name: 'form_submit', path: '/contact', props: { form: 'Quote' } };
      return [eventRow({ visitor_id: visitor, ts: toTimestamp(act.atMs), page_id: String(page), ...what })];
    }),
  );
  await house.db.insert(rows);
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  await house.db.clickhouse.insertLines({ table: 'intents', token: randomUUID(), lines: () => Readable.from([text]) });
}

async function comes(
  trx: Kysely<StateSchema>,
  site: Parameters<typeof recordOnLead>[1]['site'],
  person: Person,
): Promise<string> {
  const { email, company, country, source, leadKind, visitor, cameMs } = person;
  const lead = await insertLead(trx, { siteId: site.id, nowMs: cameMs });
  const data = {
    email,
    ...(company ? { company } : {}),
    traits: { country },
    source,
    kind: leadKind,
    complete: true,
    how: 'form',
    visitor,
  };
  await recordOnLead(trx, {
    site,
    leadId: lead.id,
    events: [{ kind: 'identified', data, atMs: cameMs, actor: 'visitor' }],
    nowMs: cameMs,
    reactions: [],
    isNew: true,
  });
  await tieVisitor(trx, { visitorId: visitor, lead, at: new Date(cameMs).toISOString() });
  return lead.id;
}

function toEvent(act: Act): NewLeadEvent {
  const by = { atMs: act.atMs, actor: 'user:ana' };
  switch (act.kind) {
    case 'touch': {
      const outcome =
        act.touch === 'call' ? { outcome: act.answered ? ('answered' as const) : ('no_answer' as const) } : {};
      return {
        kind: 'touch',
        data: { touch: act.touch, channel: touchDefaults[act.touch].channel, direction: act.direction, ...outcome },
        ...by,
      };
    }
    case 'stage':
      return { kind: 'stage', data: { to: act.to, ...act.more }, ...by };
    case 'step':
      return { kind: 'next_step', data: { text: 'Call again', atMs: act.untilMs }, ...by };
    case 'accept':
      return { kind: 'accepted', data: {}, ...by };
    default:
      throw new Error(`${act.kind} happens on the website`);
  }
}
