import type { AddressInfo } from 'node:net';
import { type HttpBindings, type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { siteSettings } from '../../collector/contract/manage.ts';
import type { WireBatch, WireEvent } from '../../collector/contract/wire.ts';
import { trackerRoutes } from '../../collector/routes/tracker.ts';
import type { SiteRecord } from '../../collector/state/sites.ts';
import type { TrackerAssets } from '../../collector/tracker-assets.ts';

/** A status, or the end of the connection without one; `lost`: what was sent is taken, and then the connection ends. */
export type Answer = number | 'reset' | 'lost';

/** One request to `/e` as it came over the wire. */
export interface Post {
  contentType: string;
  cookie: string | undefined;
  /** Bytes of the body. */
  bytes: number;
  batch: WireBatch;
  /** What it was answered with. */
  status: Answer;
}

export interface SitePage {
  head: string;
  body: string;
  status?: number;
  headers?: Record<string, string>;
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
  /** Requests to the collector by method and path, such as `OPTIONS /e`. */
  requests: string[];
  /** What was accepted, in order of arrival. */
  events: () => SentEvent[];
  /** The next requests to `/e` get these answers, all later ones 202. */
  answer: (...answers: Answer[]) => void;
  /** From now on every request to `/e` gets this answer; without one the outage is over. */
  outage: (answer?: Answer) => void;
  /** Requests to `/e` are taken but not answered until the function that this returns is called. */
  hold: () => () => void;
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
 * `pages` are bodies by path, `*` is any other; in the head of each COLLECTOR stands for the collector's origin and SITE for the site's id. `/t/SITE.js` is
 * served by the product's own route. With `forward`, what is taken is also handed to a real collector, and its answer passed on.
 */
export async function startPages(options: {
  assets: Pick<TrackerAssets, 'script' | 'full' | 'text'>;
  pages: Record<string, SitePage>;
  settings?: Partial<SiteRecord['settings']>;
  forward?: { url: string; site: string };
}): Promise<Pages> {
  const { forward } = options;
  const record = {
    ...site,
    publicId: forward?.site ?? site.publicId,
    settings: { ...site.settings, ...options.settings },
  };
  const posts: Post[] = [];
  const requests: string[] = [];
  const answers: Answer[] = [];
  let standing: Answer | undefined;
  let held: Promise<void> | undefined;
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(async (c, next) => {
    if (/^\/(e|t\/.*)$/.test(c.req.path)) requests.push(`${c.req.method} ${c.req.path}`);
    await next();
  });
  app.route(
    '/',
    trackerRoutes({
      assets: options.assets,
      sites: { byPublicId: (id) => (id === record.publicId ? record : undefined) },
    }),
  );
  app.post('/e', async (c) => {
    const body = await c.req.text();
    const batch = JSON.parse(body) as WireBatch;
    const status = batch.page === 'fence' ? 202 : (answers.shift() ?? standing ?? 202);
    const contentType = c.req.header('content-type') ?? '';
    const post = { contentType, cookie: c.req.header('cookie'), bytes: Buffer.byteLength(body), batch, status };
    if (forward && isTaken(post) && batch.page !== 'fence') {
      const headers = { 'content-type': contentType, 'user-agent': c.req.header('user-agent') ?? '', origin };
      const answer = await fetch(`${forward.url}/e`, { method: 'POST', body, headers });
      if (answer.status !== 202) post.status = answer.status;
    }
    posts.push(post);
    await held;
    if (typeof post.status === 'string') {
      c.env.incoming.socket.destroy();
      return c.body(null);
    }
    c.header('access-control-allow-origin', '*');
    c.header('access-control-expose-headers', 'x-telltale-dropped, retry-after');
    if (batch.events.some((event) => event.name === 'refused by the server')) c.header('x-telltale-dropped', 'invalid');
    return c.json({ accepted: batch.events.length, dropped: [] }, post.status as 202);
  });
  app.all('*', (c) => {
    const page = options.pages[c.req.path] ?? options.pages['*'];
    if (!page) return c.notFound();
    const title = `Title of ${c.req.path}`;
    const fill = (text: string) =>
      text.replaceAll('COLLECTOR', collector).replaceAll('SITE', record.publicId).replaceAll('ORIGIN', origin);
    for (const [name, value] of Object.entries(page.headers ?? {})) c.header(name, fill(value));
    return c.html(
      `<!doctype html><html><head><meta charset="utf-8"><title>${title}</title>${fill(page.head)}</head><body>${fill(page.body)}</body></html>`,
      (page.status ?? 200) as 200,
    );
  });

  const server = await new Promise<ServerType>((resolve) => {
    const started: ServerType = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(started));
  });
  const { port } = server.address() as AddressInfo;
  const collector = `http://127.0.0.1:${port}`;
  const origin = `http://localhost:${port}`;

  return {
    url: (path) => `${origin}${path}`,
    collector,
    posts,
    requests,
    events: () =>
      posts.filter(isTaken).flatMap(({ batch }) =>
        batch.events.map((event) => ({
          ...event,
          id: event.id ?? `${batch.page}.${event.seq}`,
          page: batch.page,
          visitor: batch.visitor,
        })),
      ),
    answer: (...next) => {
      answers.push(...next);
    },
    outage: (answer) => {
      standing = answer;
    },
    hold: () => {
      let release = () => {};
      held = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    close: () =>
      new Promise((resolve) => {
        if ('closeAllConnections' in server) server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const isTaken = ({ status }: Pick<Post, 'status'>) => status === 202 || status === 'lost';
