import { readFileSync } from 'node:fs';
import { type Context, Hono } from 'hono';
import { isLocal } from '../routes/health.ts';
import type { Inbox } from './inbox/inbox.ts';
import { inboxPage } from './inbox/inbox-page.ts';
import { salonPolicy } from './salon/salon-layout.ts';
import { salonRoutes } from './salon/salon-routes.ts';

export interface DemoRouteDependencies {
  /** Public id of the demo site, for the tag. */
  siteId: string;
  inbox: Inbox;
  /** Signs in the browser that brings this start's token (sets the cookie); false where the token is wrong. */
  enter: (context: Context, token: string) => Promise<boolean>;
  now: () => number;
}

const publicFiles = [
  ['/demo/salon/salon.css', 'salon.css', 'text/css; charset=utf-8'],
  ['/demo/salon/salon.js', 'salon.js', 'text/javascript; charset=utf-8'],
  ['/demo/salon/leaf.svg', 'leaf.svg', 'image/svg+xml'],
  ['/demo/inbox/inbox.css', 'inbox.css', 'text/css; charset=utf-8'],
  ['/demo/inbox/inbox.js', 'inbox.js', 'text/javascript; charset=utf-8'],
] as const;

/** Everything under `/demo`: the salon, the webhook inbox and the sign-in link. Mount at the root, before the dashboard. */
export function demoRoutes({ siteId, inbox, enter, now }: DemoRouteDependencies): Hono {
  const app = new Hono();

  for (const [address, file, type] of publicFiles) {
    const body = readFileSync(new URL(`./public/${file}`, import.meta.url));
    app.get(address, (c) => c.body(body, 200, { 'content-type': type, 'cache-control': 'no-cache' }));
  }

  app.get('/demo/inbox', (c) => {
    c.header('content-security-policy', salonPolicy);
    return c.html(inboxPage());
  });
  app.get('/demo/inbox/messages', (c) => {
    c.header('cache-control', 'no-store');
    return c.json({ items: inbox.list() });
  });
  app.post('/demo/inbox/hook', async (c) => {
    const { verified } = inbox.receive({ headers: c.req.header(), body: await c.req.text() });
    return verified ? c.json({ received: true }) : c.json({ error: 'The signature is wrong.' }, 401);
  });

  app.get('/demo/enter', async (c) => {
    const token = c.req.query('token') ?? '';
    const entered = isLocal(c) && (await enter(c, token));
    return c.redirect(entered ? '/' : '/login');
  });

  app.route('/', salonRoutes({ siteId, now }));
  return app;
}
