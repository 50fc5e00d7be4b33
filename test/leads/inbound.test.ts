import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type InboundPreset, inboundPresets } from '../../collector/contract/inbound.ts';
import { inboundReaders } from '../../collector/leads/inbound-presets.ts';
import { receiveTouch } from '../../collector/leads/receive-touch.ts';
import { listLeads } from '../../collector/state/lead-list.ts';
import { testLedger } from '../support/ledger.ts';

const guide = readFileSync(new URL('../../docs/touches.md', import.meta.url), 'utf8');
const messageOf = (preset: InboundPreset) =>
  JSON.parse(new RegExp(`\`\`\`json ${preset}\\n([\\s\\S]*?)\`\`\``).exec(guide)?.[1] ?? '') as Record<string, unknown>;

async function setUp() {
  const all = await testLedger('2026-09-01T10:00:00Z');
  const { ledger, site, state } = all;
  return {
    ...all,
    receive: async (preset: InboundPreset, body: unknown) => {
      for (const said of inboundReaders[preset](body))
        await receiveTouch(ledger, { site, said, actor: `hook:${preset}` });
    },
    leads: async () => (await listLeads(state.db, { siteId: site.id, sort: 'newest', nowMs: 0 }, { limit: 10 })).rows,
  };
}

test.each(inboundPresets)(
  'the message of %s in the guide is a touch of an incomplete lead, however often it is sent',
  async (preset) => {
    const { receive, leads } = await setUp();
    await receive(preset, messageOf(preset));
    await receive(preset, messageOf(preset));
    const kinds = {
      callrail: 'call',
      calcom: 'appointment_booked',
      mailgun: 'email_opened',
      postmark: 'email_clicked',
      touch: 'chat',
    };
    expect(await leads()).toMatchObject([{ last_touch_kind: kinds[preset], touch_count: 1 }]);
  },
);

test('a call tracker tells how the call went and what brought it', async () => {
  const { receive, leads, detail } = await setUp();
  await receive('callrail', messageOf('callrail'));
  const [lead] = await leads();
  expect(lead).toMatchObject({
    phone: '+4930123456',
    name: 'Ana Example',
    stage: 'incomplete',
    reached_at_ms: Date.parse('2026-09-01T09:58:00Z'),
    first_source: 'google',
    first_channel: 'phone',
  });
  expect((await detail(lead?.id ?? '')).history[0]).toMatchObject({
    by: 'hook:callrail',
    data: { direction: 'in', outcome: 'answered', seconds: 95, campaign: 'autumn' },
  });
});

test('a booked appointment is the stage and the next step of a lead that was known', async () => {
  const { receive, add, detail } = await setUp();
  const { lead } = await add({ email: 'ana@example.com' });
  await receive('calcom', messageOf('calcom'));
  expect(await detail(lead.id)).toMatchObject({
    stage: 'appointment',
    nextStep: { text: 'Appointment', at: '2026-09-04T12:00:00.000Z' },
    traits: { timezone: 'Europe/Berlin' },
  });
});

test('what a tool tells besides is passed over, and what is none of its messages is refused', async () => {
  const { receive, leads } = await setUp();
  await receive('calcom', { triggerEvent: 'FORM_SUBMITTED', payload: {} });
  await receive('postmark', { RecordType: 'SubscriptionChange' });
  expect(await leads()).toEqual([]);
  await expect(receive('callrail', { hello: 1 })).rejects.toThrow('resource_id');
});

test('an open right after the delivery, and one by a program, are kept and not counted; a later one counts', async () => {
  const { receive, leads, detail } = await setUp();
  const mail = (RecordType: string, at: string, more = {}) =>
    receive('postmark', {
      RecordType,
      MessageID: 'm1',
      Recipient: 'ana@example.com',
      ReceivedAt: `2026-09-01T09:${at}Z`,
      ...more,
    });
  await mail('Delivery', '50:00');
  await mail('Open', '50:03', { UserAgent: 'Mozilla/5.0 (Windows NT 10.0)' });
  await mail('Open', '52:00', { UserAgent: 'Mozilla/5.0' });
  expect(await leads()).toMatchObject([{ touch_count: 1, last_touch_kind: 'email_sent' }]);
  await mail('Open', '54:00', {
    UserAgent: 'Mozilla/5.0 (Windows NT 5.1) Firefox/11.0 (via ggpht.com GoogleImageProxy)',
  });
  const [lead] = await leads();
  expect(lead).toMatchObject({ touch_count: 2, last_touch_kind: 'email_opened', first_reply_at_ms: null });
  expect((await detail(lead?.id ?? '')).history.map(({ data }) => 'notCounted' in data && data.notCounted)).toEqual([
    false,
    'scanner',
    'scanner',
    'automatic',
    false,
  ]);
});

test('three links of one mail clicked at once are a filter: those that had counted are taken back', async () => {
  const { receive, leads, told } = await setUp();
  const click = (link: string, at: string) =>
    receive('postmark', {
      RecordType: 'Click',
      MessageID: 'm1',
      Recipient: 'ana@example.com',
      OriginalLink: `https://example.com${link}`,
      UserAgent: 'Mozilla/5.0 (Windows NT 10.0) Firefox/140',
      ReceivedAt: `2026-09-01T09:${at}Z`,
    });
  await click('/pricing', '30:00');
  await click('/book', '30:01');
  expect(await leads()).toMatchObject([{ touch_count: 2 }]);
  await click('/imprint', '30:02');
  expect(await leads()).toMatchObject([{ touch_count: 0, last_touch_kind: null }]);
  await click('/pricing', '45:00');
  expect(await leads()).toMatchObject([{ touch_count: 1 }]);
  expect((await told()).filter(({ name }) => name === 'email_clicked')).toHaveLength(3);
});
