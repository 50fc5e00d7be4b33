import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EventRow } from '../../collector/contract/row.ts';
import { checkParameter, createInstallChecks } from '../../collector/install/install-checks.ts';
import { createLog } from '../../collector/log.ts';
import { createAddressGuard } from '../../collector/webhooks/address-guard.ts';
import { anasAddress, firefox, openDoor, view } from '../ingest/door.ts';
import { fakeClock } from '../support/clock.ts';
import { type TestDatabase, testDatabase } from '../support/engine.ts';
import { until } from '../support/product.ts';
import { openReceiver, type Receiver } from '../support/receiver.ts';

const browser = { address: anasAddress, userAgent: firefox };
const script = new URL('https://stats.example/t/site1.js');
const page = `<script defer src="${script}"></script><form data-tt-form="Quote"><input name="name"></form>`;

let database: TestDatabase;
let server: Receiver;
beforeAll(async () => {
  [database, server] = await Promise.all([
    testDatabase(),
    openReceiver({ behaviourOf: () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: page }) }),
  ]);
});
afterAll(async () => {
  await server.close();
  await database.drop();
});

/** Ingest of the site at 127.0.0.1, with the tests of its installation; `ship` brings to the database what was kept. */
async function open(domains = ['127.0.0.1']) {
  const clock = fakeClock();
  const checks = createInstallChecks({
    clickhouse: database.clickhouse,
    rules: { list: () => [] },
    guard: createAddressGuard(['127.0.0.1/32']),
    log: createLog('silent'),
    now: clock.now,
  });
  const door = await openDoor({ site: { domains }, clock, onEvent: checks.onEvent });
  const url = `${new URL(server.url).origin}/contact?lang=de`;
  const start = () => checks.start(door.site, { url, script, browser, asksForPrivacy: false });
  const visit = (address: string, more: Record<string, unknown> = {}) =>
    door.send({ page: `page-${Math.random()}`, events: [view('/', { url: address, ...more })] });
  const ship = async () => {
    const rows: EventRow[] = door.rows.splice(0);
    await database.insert(rows);
    return rows;
  };
  const see = async (token: string) => {
    const answer = await checks.get(door.site, token);
    return { ...answer, findings: answer.steps.map(({ finding }) => finding).join(' ') };
  };
  return { clock, checks, door, url, start, visit, ship, see };
}

test('a check is followed from the request of the script to the answer of the database, and leaves no trace', async () => {
  const { checks, start, visit, ship, see, url, clock } = await open();
  const { token, openUrl } = start();
  expect(openUrl).toBe(`${url}&${checkParameter}=${token}`);
  await until(async () => (await see(token)).findings.startsWith('page-found policy-none script-waiting'));
  checks.onScript(1, browser);
  await visit(openUrl, { ref: openUrl });
  expect((await see(token)).findings).toBe('page-found policy-none script-seen event-kept query-waiting');
  const rows = await ship();
  expect(JSON.stringify(rows)).not.toContain(token);
  expect(rows.map(({ path }) => path)).toEqual(['/contact']);
  clock.advance(1_000);
  const done = await see(token);
  expect([done.state, done.findings]).toEqual(['ok', 'page-found policy-none script-seen event-kept query-found']);
});

test('rules are offered for what the page holds, with the events of the last hour', async () => {
  const { start, visit, ship, see } = await open();
  const { token, openUrl } = start();
  for (const name of ['form_start', 'form_start', 'form_submit'])
    await visit(openUrl, { name, props: { form: 'Quote' } });
  await visit(openUrl, { name: 'form_start', props: { form: 'Newsletter' } });
  await ship();
  const { offers, found } = await until(async () => {
    const answer = await see(token);
    return answer.offers.length > 0 && answer;
  });
  expect(found).toMatchObject({ forms: [{ name: 'Quote' }], widgets: [], contacts: 0 });
  expect(offers.map(({ from, lastHour }) => [from, lastHour])).toEqual([['Quote', { intents: 2, completions: 1 }]]);
});

test('a page of another domain is told with the reason', async () => {
  const { start, visit, see } = await open(['example.com']);
  const { token, openUrl } = start();
  await visit(openUrl);
  const step = (await see(token)).steps.find((one) => one.step === 'event');
  expect(step).toMatchObject({ finding: 'event-dropped', reason: 'origin' });
});

test('a page that loses the parameter on the way is known by its browser; another visitor is not', async () => {
  const { start, visit, see, door, url } = await open();
  const { token } = start();
  await door.send({ page: 'p', events: [view('/', { url })] }, { address: '203.0.113.8' });
  // Nor does what a page that was open before says about itself.
  await visit(url, { name: 'engagement' });
  expect((await see(token)).findings).toContain('event-waiting');
  await visit(url);
  expect((await see(token)).findings).toContain('event-kept');
});

test('the next check knows that the browser still has the script', async () => {
  const { checks, start, see, clock } = await open();
  start();
  checks.onScript(1, browser);
  clock.advance(60_000);
  expect((await see(start().token)).findings).toContain('script-kept');
});

test('a token of another site, an old one and an eleventh check in a minute are refused', async () => {
  const { checks, door, start, clock } = await open();
  const { token } = start();
  await expect(checks.get({ ...door.site, id: 2 }, token)).rejects.toMatchObject({ code: 'not_found' });
  for (let more = 0; more < 9; more++) start();
  expect(start).toThrow(expect.objectContaining({ code: 'too_many_requests' }));
  clock.advance(20 * 60_000);
  await expect(checks.get(door.site, token)).rejects.toMatchObject({ code: 'not_found' });
});
