import { type Product, until } from './product.ts';

/**
 * Ana, Ben, Cleo, Dan and Eve see the prices; Cleo, Dan and Eve start a booking; Eve finishes. Ana looks at the team after the
 * prices, Ben leaves. Three hours ago, a minute between two events. Resolves when all of it can be asked for.
 */
export async function sendFiveVisitors(product: Product, site: string): Promise<void> {
  const start = Date.now() - 3 * 60 * 60 * 1000;
  const path = (visitor: string, ...names: string[]) =>
    names.map((name, index) => ({
      id: `${visitor}-${index}`,
      visitor,
      at: start + index * 60_000,
      url: `http://localhost${name.startsWith('/') ? name : '/book'}`,
      name: name.startsWith('/') ? 'pageview' : name,
    }));
  await product.api('POST', `/sites/${site}/events`, {
    events: [
      ...path('ana', '/prices', '/team'),
      ...path('ben', '/prices'),
      ...path('cleo', '/prices', 'booking_start'),
      ...path('dan', '/prices', 'booking_start'),
      ...path('eve', '/prices', 'booking_start', 'booking_done'),
    ],
  });
  await until(async () => {
    const seen = await product.api<{ events: { name: string }[] }>('GET', `/sites/${site}/seen`);
    return seen.events.some((event) => event.name === 'booking_done');
  });
}
