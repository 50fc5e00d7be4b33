import { expect, test } from 'vitest';
import { noteServerEvent } from '../../collector/leads/server-events.ts';
import { visitorsOfLead } from '../../collector/state/leads.ts';
import { testLedger } from '../support/ledger.ts';

async function setUp() {
  const all = await testLedger();
  const { ledger, site, clock } = all;
  let count = 0;
  return {
    ...all,
    send: (lead: string, name: string, more: { id?: string; visitorId?: string } = {}) =>
      noteServerEvent(ledger, {
        site,
        event: { id: `e${++count}`, name, atMs: clock.now(), lead, visitorId: '77', props: {}, ...more },
      }),
    leads: () => all.state.db.selectFrom('leads').selectAll().orderBy('number').execute(),
  };
}

test('an event of a server with a lead ties its visitor to that lead, and makes it where it is new', async () => {
  const { send, leads, state } = await setUp();
  await send('ana@example.com', 'invoice_paid');
  await send('ANA@example.com', 'invoice_paid', { visitorId: '88' });
  const [ana, ...others] = await leads();
  expect(others).toEqual([]);
  expect(ana).toMatchObject({ stage: 'incomplete', email: 'ana@example.com', touch_count: 0 });
  expect(await visitorsOfLead(state, 1, ana?.id ?? '')).toEqual(['77', '88']);
});

test('an event with the name of a touch is one, once, and the event store is not told again', async () => {
  const { send, leads, told } = await setUp();
  await send('+49 30 1234567', 'call', { id: 'c1' });
  await send('+49 30 1234567', 'call', { id: 'c1' });
  await send('crm-7', 'meeting', { visitorId: '99' });
  expect(await leads()).toMatchObject([
    { phone: '+49301234567', touch_count: 1, last_touch_channel: 'phone' },
    { external_id: 'crm-7', touch_count: 1, last_touch_channel: 'meeting' },
  ]);
  expect((await told()).map(({ name }) => name)).toEqual([
    'lead_stage',
    'lead_first_reply',
    'lead_stage',
    'lead_first_reply',
  ]);
});

test('an id of a lead that was erased makes nobody', async () => {
  const { send, leads } = await setUp();
  await send('led_gone', 'call');
  expect(await leads()).toEqual([]);
});
