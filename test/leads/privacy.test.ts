import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { addPhoto } from '../../collector/leads/lead-photos.ts';
import { erase } from '../../collector/leads/privacy.ts';
import { tablesOfLeads } from '../../collector/state/delete-records.ts';
import { createEndpoint } from '../../collector/state/endpoints.ts';
import { testLedger } from '../support/ledger.ts';

async function setUp() {
  const all = await testLedger();
  const { state, site, ledger } = all;
  const erased: string[][] = [];
  return {
    ...all,
    erased,
    erase: (named: { email?: string; lead?: string; visitor?: string }) =>
      erase(
        {
          ledger,
          erasures: {
            erase: async (_, visitors) => {
              erased.push([...visitors]);
              return { done: true };
            },
          },
        },
        { site, named },
      ),
    /** All that the store has, as one text. */
    everything: async () => {
      const tables = await sql<{ name: string }>`
        SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`.execute(state.db);
      const texts: string[] = [];
      for (const { name } of tables.rows) {
        const { rows } = await sql`SELECT * FROM ${sql.table(name)}`.execute(state.db);
        texts.push(...rows.map((row) => `${name}: ${JSON.stringify(row)}`));
      }
      return texts;
    },
  };
}

test('whoever is erased is in no table, under no name, with both leads that were one person; others stay', async () => {
  const {
    identify,
    add,
    merge,
    touch,
    patch,
    ledger,
    site,
    state,
    erase: eraseNow,
    erased,
    everything,
    clock,
  } = await setUp();
  await createEndpoint(state, {
    siteId: site.id,
    endpoint: { name: 'CRM', url: 'https://crm.example.org/', events: ['lead.created', 'lead.updated'], enabled: true },
    nowMs: clock.now(),
  });
  const visitor = '1234567890123456789';
  const ana = (await identify(visitor, { email: 'ana@example.com', name: 'Ana' }))?.leadId ?? '';
  const second = await add({ email: 'ana@work.example', phone: '030 1234567' });
  await add({ email: 'ben@example.com', name: 'Ben' });
  await merge(ana, second.lead.id);
  await touch(ana, { kind: 'call', text: 'Wants a balayage.' });
  await patch(ana, { name: 'Ana Lopez' });
  await addPhoto(ledger, { site, leadId: ana, content: Uint8Array.from([0xff, 0xd8, 0xff, 1]), actor: 'user:u1' });

  // Both were new, the call moved the stage, and the name changed.
  expect(await eraseNow({ email: 'ANA@work.example ' })).toMatchObject({ done: true, leads: 2, cases: 0, messages: 4 });
  expect(erased).toEqual([expect.arrayContaining([visitor])]);
  const left = await everything();
  expect(left.filter((text) => /ana@|Ana|balayage|1234567/.test(text) || text.includes(ana))).toEqual([]);
  expect(left.filter((text) => text.startsWith('leads:'))).toHaveLength(1);
});

test('a visitor of whom nothing is known can be erased, an address that nobody has cannot', async () => {
  const { erase: eraseNow, erased } = await setUp();
  expect(await eraseNow({ visitor: '42' })).toEqual({ done: true, visitors: 1, leads: 0, cases: 0, messages: 0 });
  expect(erased).toEqual([['42']]);
  await expect(eraseNow({ email: 'nobody@example.com' })).rejects.toThrow('Nobody is known by that name.');
});

test('every table that refers to leads is known to the erasing, or goes with the lead by itself', async () => {
  const { state } = await setUp();
  const { rows } = await sql<{ name: string }>`
    SELECT tables.name AS name FROM sqlite_master AS tables, pragma_foreign_key_list(tables.name) AS keys
    WHERE tables.type = 'table' AND keys."table" = 'leads' AND keys.on_delete != 'CASCADE'`.execute(state.db);
  expect(rows.map(({ name }) => name).toSorted()).toEqual([...tablesOfLeads].toSorted());
});
