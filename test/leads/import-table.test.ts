import { expect, test } from 'vitest';
import { csvRows } from '../../collector/import/csv-rows.ts';
import { importTable } from '../../collector/leads/import-table.ts';
import { addPhoto, readPhoto } from '../../collector/leads/lead-photos.ts';
import { leadCsvRoutes } from '../../collector/routes/lead-csv.ts';
import { leadUploadRoutes } from '../../collector/routes/lead-uploads.ts';
import { testLedger } from '../support/ledger.ts';
import { siteApp } from '../support/site-app.ts';

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

test('a broken number does not replace one that works', async () => {
  const { take, state } = await setUp();
  const table = ['name,email,phone', 'Ana,ana@example.com,030 1234567', 'Ana,ana@example.com,call me'];
  const { problems } = await take('leads', ...table);
  expect(problems[0]).toEqual({
    line: 3,
    message: '“call me” is not a telephone number, so the one that is known stays.',
  });
  expect(await state.db.selectFrom('leads').select('phone').execute()).toEqual([{ phone: '+49301234567' }]);
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

test('the list of leads as a table is safe for spreadsheets, and comes back without a second lead or a lost word', async () => {
  const { take, add, addUser, merge, touch, patch, detail, ledger, site, state, clock } = await setUp();
  await addUser('ben');
  await add({ name: '=HYPERLINK("https://evil.example","win")', email: 'ana@example.com', phone: '030 1234567' });
  const { lead: card } = await add({
    name: 'Man; from "hall 4"',
    phone: '+ call him',
    owner: 'ben',
    nextStep: { text: '-find his card', at: '2026-09-08' },
    source: 'fair',
    consent: 'granted',
  });
  const { lead: cleo } = await add({ name: 'Cleo', company: '@home', externalId: '+7', kind: 'quote' });
  const { lead: other } = await add({ email: 'cleo@example.com' });
  await merge(cleo.id, other.id);
  await touch(card.id, { kind: 'call', outcome: 'answered' });
  await patch(card.id, { stage: 'proposal', value: 900 });
  clock.advance(86_400_000);
  const { text } = siteApp(site, leadCsvRoutes({ ledger }));
  const table = await text('/leads.csv');
  expect(table).toContain(`"'=HYPERLINK(""https://evil.example"",""win"")",ana@example.com,'+49301234567`);
  // A cell that a spreadsheet would run.
  expect(table).not.toMatch(/(^|[,\n])"?[=+@-]/);

  const everything = async () => [
    await state.db.selectFrom('leads').selectAll().orderBy('number').execute(),
    await state.db.selectFrom('lead_events').selectAll().orderBy('seq').execute(),
  ];
  const before = await everything();
  expect(await take('leads', table)).toMatchObject({ rows: 3, created: 0, known: 3 });
  expect(await everything()).toEqual(before);

  // Somebody fills in what was missing and comes back with it.
  const filled = table.replace('"Man; from ""hall 4"""', 'Moritz').replace("'-find his card", 'Ring him');
  expect(await take('leads', filled)).toMatchObject({ created: 0, known: 3 });
  expect(await detail(card.id)).toMatchObject({
    name: 'Moritz',
    nextStep: { text: 'Ring him' },
    stage: 'proposal',
    value: 900,
    first: { source: 'fair' },
    traits: {},
  });
});

test('a table may part its cells by semicolons, and be of a Windows that knows no UTF-8', async () => {
  const { ledger, site, state } = await setUp();
  const { send } = siteApp(site, leadUploadRoutes({ ledger }));
  const table = Buffer.from('E-Mail;Nachname;Firma\njoerg@example.com;M\xFCller;"Haar, Haut & mehr"\n', 'latin1');
  expect(await send('POST', '/leads/import', table)).toMatchObject([200, { rows: 1, created: 1, problems: [] }]);
  expect(await state.db.selectFrom('leads').select(['name', 'company']).execute()).toEqual([
    { name: 'Müller', company: 'Haar, Haut & mehr' },
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
