// @ts-check
// A full ledger for the benchmarks: the leads are folded by the product's own fold; only the writing is done in large pieces.

/** @param {string} name a module of the built collector; not a literal import, so that the type check leaves the build alone */
export const built = (name) => import(new URL(`../dist/collector/${name}.js`, import.meta.url).href);

const dayMs = 86_400_000;
const names = ['Ana', 'Ben', 'Cleo', 'Dora', 'Emil', 'Fay', 'Gus', 'Hana'];
const surnames = ['Adler', 'Brandt', 'Celik', 'Dietz', 'Ernst', 'Falk', 'Graf', 'Hahn', 'Iser', 'Jansen', 'Keller'];
const companies = ['Nordlicht GmbH', 'Salon Schwan', 'Praxis am Park', 'Hotel Zur Post'];
const sources = ['google', 'facebook', 'newsletter', 'trade-show', ''];
export const owners = ['u0', 'u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7'];
const leadsPerWrite = 500;
/** One lead that half the house has spoken to for years. */
const eventsOfOldFriend = 2_000;

/** @param {number} index */
export const leadIdOf = (index) => `led_${String(index).padStart(8, '0')}`;
/** @param {number} index */
export const emailOf = (index) => `person${index}@example.com`;

/**
 * Writes leads who came in over two years. Lead 0 has thousands of events.
 * @param {any} state
 * @param {{ siteId: number, leads: number, nowMs: number, staleMs: number, visitors: string[] }} options `visitors`: each lead's browser
 */
export async function fillLedger(state, { siteId, leads, nowMs, staleMs, visitors }) {
  const { foldLead } = await built('state/lead-fold');
  const { seededRandom } = await built('demo/seeded-random');
  const random = seededRandom('ledger', 1);
  let seq = 0;
  for (let start = 0; start < leads; start += leadsPerWrite) {
    /** @type {Record<string, Record<string, unknown>[]>} */
    const rows = { leads: [], lead_events: [], lead_spans: [], lead_identities: [], lead_visitors: [] };
    for (let index = start; index < Math.min(start + leadsPerWrite, leads); index += 1) {
      const id = leadIdOf(index);
      const person = {
        name: `${names[index % names.length]} ${surnames[Math.floor(index / 8) % surnames.length]}`,
        email: emailOf(index),
        phone: `+4930${String(10_000_000 + index * 7)}`,
        company: companies[index % 9] ?? '',
      };
      const source = sources[index % sources.length] ?? '';
      const beganMs = nowMs - Math.floor(random() * 730 * dayMs);
      const told = story({ random, beganMs, person, source, calls: index === 0 ? eventsOfOldFriend : 0 });
      const events = told.map((event) => {
        seq += 1;
        return { id: `lev_${seq}`, leadId: id, seq, actor: 'system', ...event };
      });
      const { lead, spans } = foldLead(events, { staleMs });
      const score = Math.floor(random() * 100);
      const temperature = score >= 60 ? 'hot' : score >= 30 ? 'warm' : 'cold';
      const at = new Date(beganMs).toISOString();
      const own = { id, site_id: siteId, person_id: id, number: index + 1, created_at: at, updated_at: at };
      rows.leads?.push({ ...own, ...lead, score, temperature });
      for (const { leadId, data, atMs, ...event } of events) {
        const times = { at_ms: atMs, recorded_at_ms: atMs };
        const row = {
          ...event,
          ...times,
          site_id: siteId,
          lead_id: leadId,
          data: JSON.stringify(data),
          source_id: null,
        };
        rows.lead_events?.push(row);
      }
      for (const span of spans) rows.lead_spans?.push({ ...span, site_id: siteId, lead_id: id });
      for (const kind of /** @type {const} */ (['email', 'phone']))
        rows.lead_identities?.push({ site_id: siteId, kind, value: person[kind], lead_id: id, since: at });
      const visitor = visitors[index];
      if (visitor !== undefined)
        rows.lead_visitors?.push({ site_id: siteId, visitor_id: visitor, lead_id: id, said_lead_id: id, since: at });
    }
    await write(state, rows);
  }
}

/**
 * @param {any} state
 * @param {Record<string, Record<string, unknown>[]>} tables
 */
async function write(state, tables) {
  const { sql } = await import('kysely');
  await state.db.transaction().execute(async (/** @type {any} */ trx) => {
    for (const [table, rows] of Object.entries(tables)) {
      const columns = Object.keys(rows[0] ?? {});
      if (columns.length === 0) continue;
      // One text for all: binding each value of 500 rows takes several times as long.
      await sql`INSERT INTO ${sql.table(table)} (${sql.join(columns.map((name) => sql.ref(name)))})
        SELECT ${sql.join(columns.map((name) => sql`value ->> ${sql.lit(`$.${name}`)}`))} FROM json_each(${JSON.stringify(rows)})`.execute(
        trx,
      );
    }
  });
}

/**
 * A life of a lead: most are closed after two years, some wait, some are worked on, some were forgotten.
 * @param {{ random: () => number, beganMs: number, person: Record<string, string>, source: string, calls: number }} lead
 */
function story({ random, beganMs, person, source, calls }) {
  let atMs = beganMs;
  /** @type {{ kind: string, data: Record<string, unknown>, atMs: number }[]} */
  const events = [];
  const add = (/** @type {string} */ kind, /** @type {Record<string, unknown>} */ data) =>
    events.push({ kind, data, atMs });
  const later = () => (atMs += Math.floor(random() * 3 * dayMs));
  const kind = random() < 0.3 ? 'quote' : '';
  add('identified', { ...person, source, channel: 'direct', kind, complete: true, how: 'form' });
  if (random() < 0.9) add('owner', { to: owners[Math.floor(random() * owners.length)] });
  add('clock', { clock: 'response', dueMs: atMs + dayMs });
  later();
  if (random() < 0.1) return events;
  const call = { touch: 'call', channel: 'phone', direction: 'out', outcome: 'answered' };
  add('touch', call);
  for (let more = 0; more < calls; more += 1) {
    atMs += 60_000;
    add('touch', { ...call, text: `Call ${more}` });
  }
  add('clock', { clock: null, dueMs: null });
  add('stage', { to: 'contacted' });
  if (random() < 0.8) add('next_step', { text: 'Call again', atMs: atMs + Math.floor(random() * 40 * dayMs) });
  later();
  if (random() < 0.5) add('touch', { touch: 'email_sent', channel: 'email', direction: 'out', subject: 'Your offer' });
  const end = random();
  if (end < 0.2) add('stage', { to: 'won', value: 900, currency: 'EUR' });
  else if (end < 0.6) add('stage', { to: 'lost', reason: 'price' });
  else if (end < 0.75) add('stage', { to: 'nurture', reason: 'next season', wakeAtMs: atMs + 90 * dayMs });
  else if (end < 0.83) add('stage', { to: 'appointment' });
  else if (end < 0.9) add('stage', { to: 'proposal', value: 500, currency: 'EUR' });
  return events;
}
