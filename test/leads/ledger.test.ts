import { expect, test } from 'vitest';
import { testLedger } from '../support/ledger.ts';

test('one known field is enough for a lead, which is incomplete until it can be answered', async () => {
  const { add, patch, detail } = await testLedger();
  const { lead, created } = await add({
    name: 'Man from hall 4',
    nextStep: { text: 'Find his card', at: '2026-09-03' },
  });
  expect(created).toBe(true);
  // The end of 3 September in Berlin.
  expect(lead).toMatchObject({ stage: 'incomplete', next_step_at_ms: Date.parse('2026-09-03T21:59:59.999Z') });
  await patch(lead.id, { phone: '030 1234567', company: 'Example GmbH' });
  expect(await detail(lead.id)).toMatchObject({
    stage: 'new',
    phone: '+49301234567',
    leaking: ['no-owner'],
    nextStep: { text: 'Find his card' },
  });
});

test('nothing at all makes no lead, and says what to do', async () => {
  const { add } = await testLedger();
  await expect(add({ name: ' ' })).rejects.toThrow('Say one thing that is known');
  await expect(add({ email: 'ana' })).rejects.toThrow('“ana” is not an e-mail address');
});

test('a telephone that is none is kept as it is written, told, and ties nobody together', async () => {
  const { add } = await testLedger();
  const ana = await add({ name: 'Ana', phone: 'ask her sister' });
  expect(ana).toMatchObject({ lead: { phone: 'ask her sister', stage: 'incomplete' } });
  expect(ana.problems).toEqual(['“ask her sister” is not a telephone number, so it was kept as it is written.']);
  expect((await add({ name: 'Ben', phone: 'ask her sister' })).created).toBe(true);
});

test('somebody who is known already is not added twice', async () => {
  const { add, detail } = await testLedger();
  const first = await add({ email: 'Ana@Example.com' });
  const again = await add({ email: 'ana@example.com ', phone: '+49 30 1234567', name: 'Ana' });
  expect(again).toMatchObject({ created: false, lead: { id: first.lead.id, name: 'Ana' } });
  expect(await add({ phone: '030/1234567' })).toMatchObject({ created: false });
  // The last one said nothing new.
  expect((await detail(first.lead.id)).history.map(({ kind }) => kind)).toEqual(['identified', 'identified']);
});

test('an address that belongs to another lead is not taken from it: both are told, and can be merged', async () => {
  const { add, patch, detail, merge } = await testLedger();
  const ana = await add({ email: 'ana@example.com', externalId: 'c-7' });
  const ben = await add({ email: 'ben@example.com' });
  await expect(patch(ben.lead.id, { email: 'ana@example.com' })).rejects.toThrow(
    `ana@example.com (${ana.lead.id}) has ana@example.com already. Merge the two if they are one person.`,
  );
  const said = await add({ email: 'ben@example.com', externalId: 'c-7' });
  expect(said.problems).toEqual([
    `“c-7” belongs to another lead (${ana.lead.id}). Merge the two if they are one person.`,
  ]);
  expect((await detail(ben.lead.id)).claims).toMatchObject([{ field: 'externalId', lead: { id: ana.lead.id } }]);
  await merge(ben.lead.id, ana.lead.id);
  expect(await detail(ben.lead.id)).toMatchObject({ claims: [], merged: [{ email: 'ana@example.com' }] });
  expect((await add({ email: 'ana@example.com' })).lead.id).toBe(ben.lead.id);
});

test('a lead moves by its stages, and says why when it is lost', async () => {
  const { add, patch, clock, detail } = await testLedger();
  const { lead } = await add({ email: 'ana@example.com' });
  await expect(patch(lead.id, { stage: 'lost' })).rejects.toThrow('Say why it was lost');
  await patch(lead.id, { stage: 'proposal', value: 900 });
  clock.advance(1000);
  await patch(lead.id, { stage: 'lost', reason: 'price' });
  expect(await detail(lead.id)).toMatchObject({
    stage: 'lost',
    lostReason: 'price',
    value: 900,
    currency: 'EUR',
    leaking: [],
  });
  await expect(patch(lead.id, { stage: 'incomplete' })).rejects.toThrow('does not become incomplete again');
});

test('a change can be taken back, and stays in the history', async () => {
  const { add, patch, detail, undo } = await testLedger();
  const { lead } = await add({ email: 'ana@example.com' });
  await patch(lead.id, { stage: 'lost', reason: 'a slip of the hand' });
  const [slip] = (await detail(lead.id)).history;
  await undo(lead.id, slip?.id ?? '');
  const after = await detail(lead.id);
  expect(after).toMatchObject({ stage: 'new', lostReason: null });
  expect(after.history.map(({ kind, undone }) => [kind, undone])).toEqual([
    ['undone', false],
    ['stage', true],
    ['identified', false],
  ]);
  await expect(undo(lead.id, slip?.id ?? '')).rejects.toThrow('taken back before');
});

test('an owner must be somebody, and is told of as nobody when the user has left', async () => {
  const { add, patch, detail, addUser, state } = await testLedger();
  await addUser('u1');
  const { lead } = await add({ email: 'ana@example.com', owner: 'u1', nextStep: { text: 'Call', at: '2026-09-02' } });
  expect(await detail(lead.id)).toMatchObject({ owner: { id: 'u1', name: 'u1@example.com' }, leaking: [] });
  await expect(patch(lead.id, { owner: 'u2' })).rejects.toThrow('There is no such owner');
  await state.db.deleteFrom('users').execute();
  expect(await detail(lead.id)).toMatchObject({ owner: { id: 'u1', name: null } });
});

test('the event store is told of stages, owners, touches and the first reply, on the browser of the lead', async () => {
  const { identify, patch, touch, told, addUser, clock } = await testLedger();
  await addUser('u1');
  const visitor = '1234567890123456789';
  const leadId = (await identify(visitor, { email: 'ana@example.com' }))?.leadId ?? '';
  clock.advance(60_000);
  await patch(leadId, { owner: 'u1' });
  clock.advance(60_000);
  await touch(leadId, { kind: 'call', outcome: 'answered', seconds: 95 });
  await patch(leadId, { stage: 'won', value: 900 });
  const events = await told();
  expect(events.map(({ name, props }) => [name, props?.stage ?? props?.outcome ?? ''])).toEqual([
    ['lead_stage', 'new'],
    ['lead_owner', ''],
    ['call', 'answered'],
    ['lead_stage', 'contacted'],
    ['lead_first_reply', ''],
    ['lead_stage', 'won'],
  ]);
  expect(new Set(events.map((event) => event.visitor))).toEqual(new Set([visitor]));
  expect(events.at(-1)?.props).toMatchObject({ value: 900, currency: 'EUR', from: 'contacted' });
  expect(await told()).toEqual([]);
});

test('the same touch sent twice is one touch', async () => {
  const { add, touch, told } = await testLedger();
  const { lead } = await add({ email: 'ana@example.com' });
  await touch(lead.id, { kind: 'call', id: 'CAL1' });
  expect(await touch(lead.id, { kind: 'call', id: 'CAL1' })).toMatchObject({ touch_count: 1 });
  expect((await told()).filter(({ name }) => name === 'call')).toHaveLength(1);
});
