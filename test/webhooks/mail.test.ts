import { expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../collector/log.ts';
import { listDeliveries } from '../../collector/state/deliveries.ts';
import { listEndpoints, patchEndpoint } from '../../collector/state/endpoints.ts';
import { prepareMailEndpoints } from '../../collector/state/mail-endpoints.ts';
import { createDispatcher } from '../../collector/webhooks/dispatcher.ts';
import { sampleMessage } from '../../collector/webhooks/events.ts';
import { createMailer } from '../../collector/webhooks/mail.ts';
import { announce } from '../../collector/webhooks/outbox.ts';
import { fakeClock } from '../support/clock.ts';
import { openSmtpServer } from '../support/smtp-server.ts';
import { testState } from '../support/state.ts';

async function setUp(to: string[] = []) {
  const clock = fakeClock('2026-09-07T06:00:00Z');
  const { state, site } = await testState(clock.now);
  const smtp = await openSmtpServer();
  onTestFinished(() => smtp.close());
  for (const [email, role] of [
    ['anna@example.com', 'owner'],
    ['otto@example.com', 'owner'],
    ['vera@example.com', 'viewer'],
  ] as const) {
    const user = { id: email, email, password_hash: 'x', role, created_at: '2026-09-01T00:00:00.000Z' };
    await state.db.insertInto('users').values(user).execute();
  }
  const mailer = createMailer(
    { smtpUrl: smtp.url, from: 'Telltale <reports@example.com>', to },
    { state, now: clock.now, publicUrl: 'https://telltale.example.com' },
  );
  onTestFinished(() => mailer.close());
  const prepare = async (recipients: string[] | null) =>
    prepareMailEndpoints(state, { siteIds: [site.id], recipients, nowMs: clock.now() });
  await prepare(await mailer.recipients());
  const dispatcher = createDispatcher({
    state,
    now: clock.now,
    log: createLog('silent'),
    allow: [],
    isStillAbandoned: async () => 'yes',
    random: () => 0.5,
    mailer,
  });
  const tell = (type: 'report.weekly' | 'leak.detected' | 'lead.created') =>
    announce(state.db, {
      siteId: site.id,
      message: sampleMessage(type, { site: site.publicId, at: new Date(clock.now()).toISOString() }),
      once: [type],
      nowMs: clock.now(),
    });
  return { clock, state, smtp, dispatcher, tell, prepare };
}

test('mail: the weekly report and a new leak go to the owners, each once, and nothing else does', async () => {
  const { clock, smtp, dispatcher, tell } = await setUp();
  await tell('report.weekly');
  await tell('report.weekly');
  clock.advance(1);
  await tell('leak.detected');
  await tell('lead.created');
  while ((await dispatcher.runOnce()) > 0);
  expect(smtp.mails.map(({ to }) => to)).toEqual(Array(2).fill(['anna@example.com', 'otto@example.com']));
  const [report = '', leak = ''] = smtp.mails.map(({ text }) => text);
  expect(report).toContain('From: Telltale <reports@example.com>');
  expect(report).toMatch(/^Message-ID: <msg_[\w-]+@telltale>$/m);
  expect(report).toMatch(/Visitors +1,200 +1,000/);
  expect(report).toMatch(/Recovered +9 +7/);
  expect(leak).toContain('Subject: example.com: a new leak at /book');
});

test('mail: TELLTALE_MAIL_TO replaces the owners', async () => {
  const { smtp, dispatcher, tell } = await setUp(['team@example.com']);
  await tell('leak.detected');
  await dispatcher.runOnce();
  expect(smtp.mails.map(({ to }) => to)).toEqual([['team@example.com']]);
});

test('mail: one that is refused is tried again by the same schedule, with the same id', async () => {
  const { clock, state, smtp, dispatcher, tell } = await setUp();
  smtp.refuse('451 try again later');
  await tell('report.weekly');
  await dispatcher.runOnce();
  expect(await dispatcher.runOnce()).toBe(0);
  clock.advance(5_000);
  await dispatcher.runOnce();
  expect(smtp.mails).toHaveLength(1);
  const [delivery] = (await listDeliveries(state.db, { siteId: 1 }, { limit: 10 })).items;
  expect(delivery).toMatchObject({
    state: 'delivered',
    attempts: [{ error: expect.stringContaining('451') }, { error: null }],
  });
  expect(smtp.mails[0]?.text).toContain(`<${delivery?.id}@telltale>`);
});

test('mail: it is an endpoint of the site that can be switched off, and is gone where no mail can be sent', async () => {
  const { clock, state, smtp, dispatcher, tell, prepare } = await setUp();
  const [mail] = await listEndpoints(state.db, 1, clock.now());
  expect(mail).toMatchObject({
    kind: 'mail',
    url: 'mailto:anna@example.com,otto@example.com',
    events: ['leak.detected', 'report.weekly'],
    enabled: true,
  });
  await patchEndpoint(state, { siteId: 1, id: mail?.id ?? '', patch: { enabled: false }, nowMs: clock.now() });
  // A restart does not switch it on again.
  await prepare(['anna@example.com']);
  await tell('report.weekly');
  await dispatcher.runOnce();
  expect(smtp.mails).toEqual([]);
  await prepare(null);
  expect(await listEndpoints(state.db, 1, clock.now())).toEqual([]);
});

test('mail: a line break in what a visitor caused adds no header', async () => {
  const { smtp, dispatcher, state, clock } = await setUp();
  const message = sampleMessage('leak.detected', { site: 'abc', at: new Date(clock.now()).toISOString() });
  const data = { ...message.data, where: '/book\r\nBcc: evil@example.com' };
  await announce(state.db, { siteId: 1, message: { ...message, data }, once: ['x'], nowMs: clock.now() });
  await dispatcher.runOnce();
  expect(smtp.mails[0]?.to).toEqual(['anna@example.com', 'otto@example.com']);
  expect(smtp.mails[0]?.text).not.toMatch(/^Bcc:/m);
});
