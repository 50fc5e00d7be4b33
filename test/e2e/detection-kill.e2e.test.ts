import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AbandonmentSummary } from '../../collector/contract/abandonment.ts';
import type { List } from '../../collector/contract/answers.ts';
import type { Delivery, StoredEndpoint } from '../../collector/contract/webhooks.ts';
import { build } from '../../scripts/build.js';
import { type Product, startProduct, until } from '../support/product.ts';
import { openReceiver, type Receiver } from '../support/receiver.ts';

const kills = 5;
const people = 24;
let product: Product;
let receiver: Receiver;

beforeAll(async () => {
  await build();
  receiver = await openReceiver();
  product = await startProduct({ env: { TELLTALE_WEBHOOK_ALLOW: '127.0.0.1/32' } });
});
afterAll(async () => {
  await product?.remove();
  await receiver?.close();
});

test('kill -9 during detection and delivery: one case, one message and one event for each abandonment', async () => {
  const { id: site } = await product.api<{ id: string }>('POST', '/sites', { domain: 'shop.example' });
  const endpoint = await product.api<StoredEndpoint>('POST', `/sites/${site}/endpoints`, {
    name: 'Mail tool',
    url: receiver.url,
  });
  await product.api('POST', `/sites/${site}/rules`, {
    name: 'Booking abandoned',
    intent: { event: 'booking_start' },
    key: 'prop:booking_id',
    complete: [{ event: 'booking_done' }],
    wait: '1s',
    cooldown: '0s',
    perPersonCap: '0s',
    followUps: [{ after: '0s', endpoint: endpoint.id }],
    enabled: true,
  });

  // Every fourth person finishes; each wave is killed at another moment of what follows.
  const abandoned = new Set<string>();
  for (let wave = 0; wave <= kills; wave += 1) {
    const events = Array.from({ length: people }, (_, person) => {
      const booking = `${wave}-${person}`;
      const event = (name: string, seq: number) => ({
        seq,
        id: `${name}-${booking}`,
        name,
        visitor: `person-${booking}`,
        url: 'https://shop.example/book',
        props: { booking_id: booking },
      });
      if (person % 4 === 0) return [event('booking_start', 0), event('booking_done', 1)];
      abandoned.add(booking);
      return [event('booking_start', 0)];
    });
    const before = receiver.received.length;
    await product.api('POST', `/sites/${site}/events`, { events: events.flat() });
    if (wave === kills) break;
    const moments = [
      // Cases have been made, their waits run.
      async () => (await cases(site)).length > people * wave,
      async () => (await cases(site)).some(({ state }) => state === 'abandoned'),
      // Messages are on their way.
      () => receiver.received.length > before,
      () => receiver.received.length > before + 5,
      () => receiver.received.length > before + 15,
    ];
    await until(moments[wave] ?? (() => true), 240_000, () => `nothing to kill came in wave ${wave}`);
    await product.killAll();
    await product.restart();
  }

  // What a killed process had reserved is free again after a minute.
  const all = await until(
    async () => {
      const found = await cases(site);
      const open = found.filter(({ state }) => state === 'waiting' || state === 'abandoned');
      return found.length >= people * (kills + 1) && open.length === 0 && found;
    },
    240_000,
    () => 'some cases were not brought to an end',
  );
  const keysOf = (state: string) => all.flatMap((one) => (one.state === state ? [one.key] : [])).toSorted();
  expect(all).toHaveLength(people * (kills + 1));
  expect(keysOf('notified')).toEqual([...abandoned].toSorted());
  expect(keysOf('suppressed')).toHaveLength((people / 4) * (kills + 1));

  const { items: deliveries } = await product.api<List<Delivery>>('GET', `/sites/${site}/deliveries?limit=1000`);
  expect(deliveries).toHaveLength(abandoned.size);
  expect(new Set(deliveries.map(({ caseId }) => caseId)).size).toBe(abandoned.size);
  expect(deliveries.every(({ state }) => state === 'delivered')).toBe(true);
  // A message may be sent again by whoever does not know that it arrived, but always under its one id.
  const ids = new Map<unknown, Set<string>>();
  for (const { id, message } of receiver.received) {
    // The endpoint was tested when it was saved.
    if (message.type === 'webhook.test') continue;
    ids.set(message.data.key, (ids.get(message.data.key) ?? new Set()).add(id));
  }
  expect([...ids.keys()].toSorted()).toEqual([...abandoned].toSorted());
  expect([...ids.values()].every((one) => one.size === 1)).toBe(true);

  const written = await until(
    async () => {
      const found = await caseEvents(site);
      return found.length >= 2 * abandoned.size && found;
    },
    120_000,
    () => 'some cases were not written as events',
  );
  expect(written).toHaveLength(2 * abandoned.size);
  expect(new Set(written).size).toBe(written.length);
  console.log(
    `${kills} kills, ${abandoned.size} abandonments, ${receiver.received.length} requests, CASES ${all.length}`,
  );
}, 600_000);

async function cases(site: string): Promise<AbandonmentSummary[]> {
  const { items } = await product.api<List<AbandonmentSummary>>('GET', `/sites/${site}/abandonments?limit=1000`);
  return items;
}

/** Name and case of each event that Telltale wrote about its cases. */
async function caseEvents(site: string): Promise<string[]> {
  const text = await fetch(`${product.url}/api/v1/sites/${site}/export?format=events`, {
    headers: product.headers(),
  }).then((response) => response.text());
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { name: string; props?: { case?: string } })
    .flatMap(({ name, props }) => (name.startsWith('abandonment') ? [`${name} ${props?.case}`] : []));
}
