import { afterAll, beforeAll, expect, test } from 'vitest';
import { build } from '../../scripts/build.js';
import { type Product, startProduct, until } from '../support/product.ts';

const kills = 10;
let product: Product;

beforeAll(async () => {
  await build();
  product = await startProduct();
});
afterAll(() => product?.remove());

test('an acknowledged event survives kill -9 of the whole process tree, and is stored once', async () => {
  const site = await product.api<{ id: string }>('POST', '/sites', { domain: 'shop.example' });
  const acknowledged = new Set<string>();
  const load = startLoad(site.id, acknowledged);

  for (let kill = 1; kill <= kills; kill++) {
    const before = acknowledged.size;
    await until(
      () => acknowledged.size > before + 200,
      30_000,
      () => `no events were accepted before kill ${kill}`,
    );
    await product.killAll();
    await product.restart();
  }
  await load.stop();

  // The newest events ship within a second or so; the last answer is the truth.
  const stored = await until(
    async () => {
      const ids = await storedIds(site.id);
      return [...acknowledged].every((id) => ids.has(id)) && ids;
    },
    30_000,
    () => 'acknowledged events are missing',
  );
  const twice = [...stored].filter(([, count]) => count > 1);
  console.log(`${kills} kills, ${acknowledged.size} acknowledged, ${stored.size} stored, LOST 0, DUP ${twice.length}`);
  expect(twice).toEqual([]);
});

/** Eight senders that repeat every event until it is acknowledged, as the tracker does: repeats must not count twice. */
function startLoad(site: string, acknowledged: Set<string>) {
  let running = true;
  const sender = async (name: string) => {
    for (let number = 0; running; number++) {
      const id = `${name}-${number}`;
      while (running && !(await send(site, id, name))) await new Promise((resolve) => setTimeout(resolve, 20));
      if (running) acknowledged.add(id);
    }
  };
  const senders = Array.from({ length: 8 }, (_, index) => sender(`sender${index}`));
  return {
    stop: async () => {
      running = false;
      await Promise.all(senders);
    },
  };
}

async function send(site: string, id: string, visitor: string): Promise<boolean> {
  const body = JSON.stringify({
    events: [{ id, name: 'order', visitor, url: 'https://shop.example/cart', props: { order: id } }],
  });
  try {
    const response = await fetch(`${product.url}/api/v1/sites/${site}/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await ingestKey(site)}`, 'content-type': 'application/json' },
      body,
    });
    return response.status === 202;
  } catch {
    return false;
  }
}

let key: Promise<string> | undefined;
function ingestKey(site: string): Promise<string> {
  key ??= product.api<{ secret: string }>('POST', '/keys', { scope: 'ingest', site }).then((answer) => answer.secret);
  return key;
}

/** How often each order is stored, asked through the product's own API. */
async function storedIds(site: string): Promise<Map<string, number>> {
  const text = await fetch(`${product.url}/api/v1/sites/${site}/export?format=events`, {
    headers: product.headers(),
  }).then((response) => response.text());
  const counts = new Map<string, number>();
  for (const line of text.split('\n').filter(Boolean)) {
    const event = JSON.parse(line) as { props?: { order?: string } };
    const id = event.props?.order;
    if (id) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}
