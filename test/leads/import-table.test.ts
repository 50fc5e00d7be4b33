import { expect, test } from 'vitest';
import { csvRows } from '../../collector/import/csv-rows.ts';
import { importTable } from '../../collector/leads/import-table.ts';
import { addPhoto, readPhoto } from '../../collector/leads/lead-photos.ts';
import { testLedger } from '../support/ledger.ts';

async function setUp() {
  const all = await testLedger('2026-09-01T10:00:00Z');
  const { ledger, site } = all;
  const take = (what: 'leads' | 'touches', ...lines: string[]) =>
    importTable(ledger, {
      site,
      what,
      rows: csvRows(
        (async function* () {
          yield Buffer.from(lines.join('\n'));
        })(),
      ),
      actor: 'import',
    });
  return { ...all, take };
}

test('a table of leads: duplicates and broken numbers are told with their line, and nothing is lost', async () => {
  const { take, state } = await setUp();
  const answer = await take(
    'leads',
    'E-Mail,First name,Last name,Phone,Company,Follow up,Budget',
    'ana@example.com,Ana,Lopez,030 1234567,Example GmbH,2026-09-08,900',
    'ben@example.com,Ben,,call me,,,',
    'ANA@example.com,Ana,Lopez,,,,',
    ',,,,Nobody Ltd,,',
    'cleo,,,,,,',
    'dora@example.com,Dora',
  );
  expect(answer).toEqual({
    rows: 6,
    created: 3,
    known: 1,
    touches: 0,
    problems: [
      { line: 3, message: '“call me” is not a telephone number, so it was kept as it is written.' },
      { line: 4, message: 'It is the same person as in line 2, so both are one lead.' },
      { line: 6, message: '“cleo” is not an e-mail address, so it was left out.' },
      { line: 7, message: 'It has 2 columns, and the header has 7.' },
    ],
    moreProblems: 0,
  });
  const leads = await state.db.selectFrom('leads').selectAll().orderBy('number').execute();
  expect(
    leads.map(({ name, phone, company, traits, next_step, stage }) => [name, phone, company, traits, next_step, stage]),
  ).toEqual([
    ['Ana Lopez', '+49301234567', 'Example GmbH', '{"Budget":"900"}', 'Follow up', 'new'],
    ['Ben', 'call me', null, '{}', null, 'new'],
    [null, null, 'Nobody Ltd', '{}', null, 'incomplete'],
  ]);
});

test('the same table twice changes nothing, also for people of whom only a name is known', async () => {
  const { take, state } = await setUp();
  const table = ['name,note', 'Man from hall 4,Wants a brochure'] as const;
  expect(await take('leads', ...table)).toMatchObject({ created: 1, known: 0 });
  expect(await take('leads', ...table)).toMatchObject({ created: 0, known: 1 });
  expect(await state.db.selectFrom('lead_events').select('kind').execute()).toEqual([
    { kind: 'identified' },
    { kind: 'note' },
  ]);
});

test('a table of touches: each finds its lead or makes an incomplete one', async () => {
  const { take, add, detail, state } = await setUp();
  const { lead } = await add({ email: 'ana@example.com' });
  const answer = await take(
    'touches',
    'kind,email,phone,date,direction,seconds',
    'call,ana@example.com,,2026-08-30T09:00:00Z,in,120',
    'letter,,030 7654321,2026-08-31,,',
    'telepathy,ana@example.com,,,,',
    'call,,,,,',
  );
  expect(answer).toMatchObject({ rows: 4, touches: 2 });
  expect(answer.problems.map(({ line }) => line)).toEqual([4, 5]);
  expect(await detail(lead.id)).toMatchObject({
    touches: 1,
    reachedAt: '2026-08-30T09:00:00.000Z',
    stage: 'contacted',
  });
  expect(await state.db.selectFrom('leads').select('stage').where('phone', '=', '+49307654321').execute()).toEqual([
    { stage: 'incomplete' },
  ]);
});

test('a photo of a card is kept with its lead; what is no picture is not', async () => {
  const { add, ledger, site, detail } = await setUp();
  const { lead } = await add({ name: 'Man from hall 4' });
  const photo = (content: Uint8Array) => addPhoto(ledger, { site, leadId: lead.id, content, actor: 'user:u1' });
  const jpeg = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
  const { id } = await photo(jpeg);
  expect(await readPhoto(ledger, { siteId: site.id, id })).toEqual({ type: 'image/jpeg', content: jpeg });
  expect((await detail(lead.id)).photos).toMatchObject([{ id, type: 'image/jpeg', bytes: 7 }]);
  await expect(photo(Buffer.from('<svg onload="alert(1)"/>'))).rejects.toThrow('This is no photo');
  await expect(photo(new Uint8Array(2 * 1024 * 1024 + 1))).rejects.toThrow('2 MB');
  await expect(readPhoto(ledger, { siteId: 99, id })).rejects.toThrow();
});
