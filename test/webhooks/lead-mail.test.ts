import { expect, onTestFinished, test } from 'vitest';
import type { LeadEventData } from '../../collector/contract/leads.ts';
import { type Routing, routing } from '../../collector/contract/routing.ts';
import { createLead } from '../../collector/leads/create-lead.ts';
import { recordOnLead } from '../../collector/leads/record.ts';
import { createLog } from '../../collector/log.ts';
import { listDeliveries } from '../../collector/state/deliveries.ts';
import { patchEndpoint } from '../../collector/state/endpoints.ts';
import { loadHouseRules } from '../../collector/state/house-rules.ts';
import { prepareMailEndpoints } from '../../collector/state/mail-endpoints.ts';
import { createDispatcher } from '../../collector/webhooks/dispatcher.ts';
import { createMailer } from '../../collector/webhooks/mail.ts';
import { testLedger } from '../support/ledger.ts';
import { openSmtpServer } from '../support/smtp-server.ts';

const minute = 60_000;
const hour = 60 * minute;

/** The ledger of example.com in Berlin, at 10:00 UTC on Tuesday, 1 September 2026, with a mail server. */
async function setUp({ publicUrl = 'https://telltale.example.com' as string | null } = {}) {
  const all = await testLedger();
  const { clock, state, site } = all;
  const smtp = await openSmtpServer();
  onTestFinished(() => smtp.close());
  const settings = { smtpUrl: smtp.url, from: 'Telltale <telltale@example.com>', to: ['team@example.com'] };
  const mailer = createMailer(settings, { state, now: clock.now, publicUrl });
  onTestFinished(() => mailer.close());
  await prepareMailEndpoints(state, {
    siteIds: [site.id],
    recipients: await mailer.recipients(),
    nowMs: clock.now(),
  });
  const dispatcher = createDispatcher({
    state,
    now: clock.now,
    log: createLog('silent'),
    allow: [],
    isStillAbandoned: async () => 'yes',
    random: () => 0.5,
    mailer,
  });
  const house = await loadHouseRules(state, clock.now);
  const bySystem = { atMs: clock.now(), actor: 'system' };
  const record = (leadId: string, events: Parameters<typeof recordOnLead>[1]['events']) =>
    state.db
      .transaction()
      .execute((trx) => recordOnLead(trx, { site, leadId, events, nowMs: clock.now(), reactions: [] }));
  return {
    ...all,
    smtp,
    route: (rules: Partial<Routing>) =>
      house.save(site.id, 'routing', {
        rules: routing.parse({ owners: [{ id: 'ben', name: 'Ben', email: 'ben@example.com' }], ...rules }),
        by: 'local',
      }),
    /** What the house does when a clock runs out. */
    neglect: (leadId: string, said: Partial<LeadEventData['neglected']> = {}) =>
      record(leadId, [
        {
          kind: 'neglected',
          data: { clock: 'response', sinceMs: clock.now() - hour, dueMs: clock.now(), escalatedTo: null, ...said },
          ...bySystem,
        },
      ]),
    /** What routing does with a lead that came in: an owner, and an hour to answer. */
    give: (leadId: string, dueMs: number | null = clock.now() + hour) =>
      record(leadId, [
        { kind: 'owner', data: { to: 'ben', why: 'All' }, ...bySystem },
        { kind: 'clock', data: { clock: dueMs === null ? null : 'response', dueMs }, ...bySystem },
      ]),
    /** Everything that waits goes out. Answers whom it went to, and the texts. */
    async sent() {
      while ((await dispatcher.runOnce()) > 0);
      return smtp.mails.splice(0).map(({ to, text }) => ({ to, text: text.replaceAll('=\n', '') }));
    },
  };
}

test('mail: when a clock has run out, the accountable person is told once: who waits, since when, what was promised, where to look', async () => {
  const { add, route, give, neglect, sent, site } = await setUp();
  await route({});
  const { lead } = await add({ name: 'Ana Lopez', email: 'ana@example.com', phone: '030 1234567', kind: 'quote' });
  await give(lead.id);
  await neglect(lead.id, { escalatedTo: 'greta@example.com' });
  const [mail, ...others] = await sent();
  expect(others).toEqual([]);
  expect(mail?.to).toEqual(['greta@example.com']);
  expect(mail?.text).toContain('Subject: Ana Lopez is still waiting for an answer');
  // 9:00 and 10:00 UTC are 11:00 and 12:00 in Berlin.
  for (const words of [
    'Ana Lopez (quote) has been waiting for an answer since Tuesday 1 September at 11:00.',
    'It was promised until Tuesday 1 September at 12:00, and so far nobody has got in touch.',
    'ben@example.com has this lead.',
    'To reach them: +49301234567, ana@example.com',
    `https://telltale.example.com/sites/${site.publicId}/leads/${lead.id}`,
  ]) {
    expect(mail?.text).toContain(words);
  }
});

test('mail: nobody is written to about a clock where nobody is accountable, or where mail is switched off', async () => {
  const { add, neglect, sent, state, clock } = await setUp();
  const { lead } = await add({ name: 'Ana', email: 'ana@example.com' });
  await neglect(lead.id);
  expect(await sent()).toEqual([]);
  await patchEndpoint(state, { siteId: 1, id: 'end_mail_1', patch: { enabled: false }, nowMs: clock.now() });
  await neglect(lead.id, { escalatedTo: 'greta@example.com' });
  expect(await sent()).toEqual([]);
});

test('mail: an address that nobody has holds up no other mail, and is not tried again', async () => {
  const { add, neglect, sent, smtp, state, clock } = await setUp();
  smtp.refuseAddress('gerta@example.com');
  const { lead } = await add({ name: 'Ana', email: 'ana@example.com' });
  for (let count = 0; count < 12; count++) await neglect(lead.id, { escalatedTo: 'gerta@example.com' });
  expect(await sent()).toEqual([]);
  await neglect(lead.id, { escalatedTo: 'greta@example.com' });
  expect((await sent()).map(({ to }) => to)).toEqual([['greta@example.com']]);
  clock.advance(48 * hour);
  expect(await sent()).toEqual([]);
  const { items } = await listDeliveries(state.db, { siteId: 1, state: 'failed' }, { limit: 20 });
  expect(items).toHaveLength(12);
  expect(items[0]).toMatchObject({ attempts: [{ error: expect.stringContaining('550') }] });
});

test('mail: a new owner is told only where the house wants it, and until when to answer', async () => {
  const { add, route, give, sent } = await setUp({ publicUrl: null });
  const next = async (email: string) => (await add({ email })).lead.id;
  await route({});
  await give(await next('ana@example.com'));
  expect(await sent()).toEqual([]);

  await route({ tellOwners: true });
  await give(await next('bea@example.com'));
  const [mail, ...others] = await sent();
  expect(others).toEqual([]);
  expect(mail?.to).toEqual(['ben@example.com']);
  expect(mail?.text).toContain('Subject: A lead is yours now: bea@example.com');
  expect(mail?.text).toContain('Please answer until Tuesday 1 September at 13:00.');
  expect(mail?.text).toContain('Everything that is known stands under Leads in Telltale.');
});

test('mail: whoever gives a lead to somebody else writes to them; not to themselves, and not for each line of a list', async () => {
  const { add, addUser, patch, route, give, sent, ledger, site } = await setUp();
  await route({ tellOwners: true });
  await addUser('u1');
  const { lead } = await add({ name: 'Ana', email: 'ana@example.com' });
  // The tests act as u1.
  await patch(lead.id, { owner: 'u1' });
  expect(await sent()).toEqual([]);
  await patch(lead.id, { owner: 'ben' });
  expect((await sent()).map(({ to }) => to)).toEqual([['ben@example.com']]);

  const said = { name: 'Bea', owner: 'ben' };
  await createLead(ledger, { site, said, actor: 'import', how: 'import' });
  const { lead: cleo } = await createLead(ledger, { site, said: { name: 'Cleo' }, actor: 'import', how: 'import' });
  await give(cleo.id, null);
  expect(await sent()).toEqual([]);
});
