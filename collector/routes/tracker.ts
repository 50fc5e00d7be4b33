import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import type { SiteDirectory, SiteRecord } from '../state/sites.ts';
import type { Env } from './env.ts';

export interface TrackerDependencies {
  /** Text of the built script, dist/tracker/script.js. */
  script: string;
  sites: Pick<SiteDirectory, 'byPublicId'>;
}

/**
 * `GET /t/SITE.js`: the script of a site's tag, with the settings of the site that matter in the browser written into it, so that a
 * page needs no second request before its first event.
 */
export function trackerRoutes({ script, sites }: TrackerDependencies): Hono<Env> {
  const app = new Hono<Env>();
  app.use('/t/*', compress());

  app.get('/t/:file{[^/]+\\.js}', (c) => {
    const publicId = c.req.param('file').replace(/\.js$/, '');
    const site = sites.byPublicId(publicId);
    const body = site ? withSettings(script, site) : unknownSite(publicId);
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    c.header('etag', etag);
    // A tag that was wrong a moment ago must work as soon as the site is there.
    c.header('cache-control', site ? 'public, max-age=300' : 'no-cache');
    c.header('access-control-allow-origin', '*');
    c.header('cross-origin-resource-policy', 'cross-origin');
    c.header('x-content-type-options', 'nosniff');
    if (etagsIn(c.req.header('if-none-match')).includes(etag)) return c.body(null, 304);
    c.header('content-type', 'text/javascript; charset=utf-8');
    return c.body(body);
  });
  return app;
}

/** The build ends the script with `({})`, the argument that stands for what the server knows of the site. */
function withSettings(script: string, { publicId, settings }: SiteRecord): string {
  const served = {
    site: publicId,
    ...(settings.consent === 'required' && { consent: 'required' }),
    ...(!settings.honourPrivacySignals && { signals: 'ignore' }),
  };
  return script.replace(/\(\{\}\);?\s*$/, () => `(${JSON.stringify(served)});\n`);
}

/** Status 200, because a browser does not run a script that comes with 404 and its owner would see a bare number. */
function unknownSite(publicId: string): string {
  const words = `Telltale: there is no site "${publicId}" here. Copy the tag again from the settings of your site.`;
  return `console.warn(${JSON.stringify(words)});\n`;
}

/** An etag that was compressed on the way is marked as weak. */
function etagsIn(header: string | undefined): string[] {
  return (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}
