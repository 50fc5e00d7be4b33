import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Hono } from 'hono';
import { pagePolicy } from './security-headers.ts';

const types: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
};

/** Worth compressing; fonts and pictures are compressed already. */
const compressible = /^(text|image\/svg)/;

/** First parts of an address that never belong to the dashboard, so that a mistyped API address is not answered with a page. */
const notPages = /^\/(api|e|t|docs|openapi\.json|healthz|readyz|metrics)(\/|$)/;

const compress = promisify(gzip);

interface File {
  plain: Buffer;
  gzipped: Buffer | null;
}

/** The built dashboard in `folder`: its files, and its page for every other address. Mount last, at the root. */
export function dashboardRoutes({ folder }: { folder: string }): Hono {
  const app = new Hono();
  const files = new Map<string, File>();

  /** `name` has no way out of the folder: it is one path part, or `assets/` and one. */
  const open = async (name: string, keep: boolean): Promise<File | null> => {
    const known = files.get(name);
    if (known) return known;
    const plain = await readFile(join(folder, name)).catch(() => null);
    if (!plain) return null;
    const gzipped = compressible.test(types[extname(name)] ?? '') ? await compress(plain) : null;
    const file = { plain, gzipped };
    if (keep) files.set(name, file);
    return file;
  };

  const serve = async (request: Request, name: string, hashed: boolean): Promise<Response | null> => {
    const type = types[extname(name)];
    const file = type === undefined ? null : await open(name, hashed);
    if (!file || type === undefined) return null;
    const wantsGzip = file.gzipped !== null && /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '');
    return new Response(new Uint8Array(wantsGzip && file.gzipped ? file.gzipped : file.plain), {
      headers: {
        'content-type': type,
        // A hashed name never changes its content.
        'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
        vary: 'accept-encoding',
        ...(wantsGzip ? { 'content-encoding': 'gzip' } : {}),
      },
    });
  };

  app.get('/assets/:name{[\\w.-]+}', async (c) => {
    return (await serve(c.req.raw, `assets/${c.req.param('name')}`, true)) ?? c.notFound();
  });

  app.get('/:name{[\\w-]+\\.[\\w.]+}', async (c, next) => {
    if (notPages.test(c.req.path)) return next();
    return (await serve(c.req.raw, c.req.param('name'), false)) ?? c.notFound();
  });

  app.get('*', async (c) => {
    if (notPages.test(c.req.path) || extname(c.req.path) !== '') return c.notFound();
    const page = await readFile(join(folder, 'index.html'), 'utf8').catch(() => null);
    if (page === null) return c.text('The dashboard is not built: run npm run build', 503);
    const nonce = randomBytes(16).toString('base64');
    return c.html(page.replaceAll('__CSP_NONCE__', nonce), 200, {
      'content-security-policy': pagePolicy(nonce),
      'cache-control': 'no-store',
    });
  });

  return app;
}
