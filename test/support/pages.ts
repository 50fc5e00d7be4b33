import type { AddressInfo } from 'node:net';
import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { siteSettings } from '../../collector/contract/manage.ts';
import type { WireBatch, WireEvent } from '../../collector/contract/wire.ts';
import { trackerRoutes } from '../../collector/routes/tracker.ts';
import type { SiteRecord } from '../../collector/state/sites.ts';
import type { TrackerAssets } from '../../collector/tracker-assets.ts';

/** One request to `/e` as it came over the wire. */
export interface Post {
  contentType: string;
  cookie: string | undefined;
  batch: WireBatch;
  /** What it was answered with. */
  status: number;
}

/** An event with what its batch says about it. */
export interface SentEvent extends WireEvent {
  id: string;
  page: string | undefined;
  visitor: string | undefined;
}

/** A small website and a recorder of what its visitors' browsers send. Site and recorder have different origins. */
export interface Pages {
  url: (path: string) => string;
  /** Where the script and `/e` are. */
  collector: string;
  /** Every request to `/e`, those that were refused too. */
  posts: Post[];
  /** What was accepted, in order of arrival. */
  events: () => SentEvent[];
  /** The next requests to `/e` get these answers, all later ones 202. */
  answer: (...statuses: number[]) => void;
  close: () => Promise<void>;
}

export const site: SiteRecord = {
  id: 1,
  publicId: 'shop',
  name: 'Shop',
  domains: ['localhost'],
  timezone: 'UTC',
  settings: siteSettings.parse({}),
  createdAt: '2026-09-01T00:00:00.000Z',
  firstEventAt: null,
};

/**
 * `pages` are bodies by path; `tag` is put into the head of each, with COLLECTOR in place of the collector's origin. `/t/shop.js` is
 * served by the product's own route.
 */
export async function startPages(options: {
  assets: Pick<TrackerAssets, 'script' | 'text'>;
  pages: Record<string, { head: string; body: string }>;
}): Promise<Pages> {
  const posts: Post[] = [];
  const answers: number[] = [];
  const app = new Hono();
  app.route(
    '/',
    trackerRoutes({ assets: options.assets, sites: { byPublicId: (id) => (id === site.publicId ? site : undefined) } }),
  );
  app.post('/e', async (c) => {
    const status = answers.shift() ?? 202;
    const batch = JSON.parse(await c.req.text()) as WireBatch;
    posts.push({ contentType: c.req.header('content-type') ?? '', cookie: c.req.header('cookie'), batch, status });
    c.header('access-control-allow-origin', '*');
    c.header('access-control-expose-headers', 'x-telltale-dropped, retry-after');
    if (batch.events.some((event) => event.name === 'refused by the server')) c.header('x-telltale-dropped', 'invalid');
    return c.json({ accepted: batch.events.length, dropped: [] }, status as 202);
  });
  app.get('*', (c) => {
    const page = options.pages[c.req.path];
    if (!page) return c.notFound();
    const title = `Title of ${c.req.path}`;
    return c.html(
      `<!doctype html><html><head><meta charset="utf-8"><title>${title}</title>${page.head.replaceAll('COLLECTOR', collector)}</head><body>${page.body}</body></html>`,
    );
  });

  const server = await new Promise<ServerType>((resolve) => {
    const started: ServerType = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(started));
  });
  const { port } = server.address() as AddressInfo;
  const collector = `http://127.0.0.1:${port}`;

  return {
    url: (path) => `http://localhost:${port}${path}`,
    collector,
    posts,
    events: () =>
      posts
        .filter(({ status }) => status === 202)
        .flatMap(({ batch }) =>
          batch.events.map((event) => ({
            ...event,
            id: event.id ?? `${batch.page}.${event.seq}`,
            page: batch.page,
            visitor: batch.visitor,
          })),
        ),
    answer: (...statuses) => {
      answers.push(...statuses);
    },
    close: () =>
      new Promise((resolve) => {
        if ('closeAllConnections' in server) server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
