import { createHash } from 'node:crypto';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { type Context, Hono } from 'hono';
import type { PinnedScript } from '../contract/manage.ts';
import { type AutoEvent, autoEvents } from '../contract/names.ts';
import type { SiteDirectory, SiteRecord } from '../state/sites.ts';
import type { TrackerAssets } from '../tracker-assets.ts';
import type { Env } from './env.ts';
import { describe } from './parse.ts';

export interface TrackerDependencies {
  assets: Pick<TrackerAssets, 'script' | 'full' | 'text'>;
  sites: Pick<SiteDirectory, 'byPublicId'>;
  /** Hears of every request for the script of a site, and for an asset, which belongs to none. */
  onScript?: (site: SiteRecord | undefined, c: Context<Env>) => void;
}

interface Served {
  etag: string;
  /** The same script by content coding. */
  bodies: Record<Coding, Uint8Array<ArrayBuffer>>;
}

const codings = ['br', 'gzip', 'identity'] as const;
type Coding = (typeof codings)[number];

/**
 * `GET /t/SITE.js`: the script of a site's tag, with the settings of the site that matter in the browser written into it, so that a
 * page needs no second request before its first event. `GET /t/v/NAME.js`: what never changes under its name, which are the module that
 * the script loads where a page has something for it, and the script for tags that pin it.
 */
export function trackerRoutes({ assets, sites, onScript }: TrackerDependencies): Hono<Env> {
  const app = new Hono<Env>();
  /** Last scripts of each site: packing it takes longer than all the rest. */
  const packed = new Map<string, { text: string; served: Served }>();
  /** Assets by name. */
  const kept = new Map<string, Served>();

  function serve(site: SiteRecord, full: boolean): Served {
    const settings = servedSettings(site);
    const isOverheard = site.settings.autoEvents.dataLayer;
    const plain = !full && !isOverheard && Object.keys(settings).every((name) => plainSettings.includes(name));
    const text = withSettings(plain ? assets.script : assets.full, settings);
    const key = `${site.publicId} ${plain}`;
    const known = packed.get(key);
    if (known?.text === text) return known.served;
    const served = pack(text);
    packed.set(key, { text, served });
    return served;
  }

  /** Any page may run it, whatever its own headers ask for. */
  function answer(c: Context<Env>, { etag, bodies }: Served, cacheControl: string) {
    c.header('etag', etag);
    c.header('cache-control', cacheControl);
    c.header('vary', 'accept-encoding');
    c.header('access-control-allow-origin', '*');
    c.header('cross-origin-resource-policy', 'cross-origin');
    c.header('x-content-type-options', 'nosniff');
    if (c.req.header('if-none-match')?.includes(etag)) return c.body(null, 304);
    const coding = bestCoding(c.req.header('accept-encoding'));
    if (coding !== 'identity') c.header('content-encoding', coding);
    c.header('content-type', 'text/javascript; charset=utf-8');
    return c.body(bodies[coding]);
  }

  app.get('/t/v/:file{[^/]+\\.js}', (c) => {
    const name = c.req.param('file').replace(/\.js$/, '');
    const text = assets.text(name);
    if (text === undefined) return c.notFound();
    onScript?.(undefined, c);
    const served = kept.get(name) ?? pack(text);
    kept.set(name, served);
    return answer(c, served, 'public, max-age=31536000, immutable');
  });

  app.get('/t/:file{[^/]+\\.js}', (c) => {
    const publicId = c.req.param('file').replace(/\.js$/, '');
    const site = sites.byPublicId(publicId);
    if (site) onScript?.(site, c);
    // A tag that was wrong a moment ago must work as soon as the site is there.
    return answer(
      c,
      site ? serve(site, c.req.url.endsWith('?full')) : pack(unknownSite(publicId)),
      site ? 'public, max-age=300' : 'no-cache',
    );
  });
  return app;
}

/** `GET /tracker`: mount under `/api/v1`, after `authenticate`. */
export function pinnedScriptRoutes({ pinned }: Pick<TrackerAssets, 'pinned'>): Hono<Env> {
  return new Hono<Env>().get('/tracker', describe('sites', 'The script for tags that pin it by its hash'), (c) =>
    c.json<PinnedScript>({ path: `/t/v/${pinned.name}.js`, integrity: pinned.integrity }),
  );
}

/** What the plain script knows; which events it leaves to the modules, and overhearing other tools needs them on every page. */
const plainSettings = ['site', 'events'];

/** What the server tells the script of the site. What is as the script takes it anyway is left out. */
function servedSettings({ publicId, settings }: SiteRecord): Record<string, string> {
  const events = autoEvents.filter((kind) => settings.autoEvents[kind]);
  return {
    site: publicId,
    ...(settings.consent === 'required' && { consent: 'required' }),
    ...(!settings.honourPrivacySignals && { signals: 'ignore' }),
    ...(settings.cookieless && { cookieless: '' }),
    ...(settings.hashRouting && { hash: '' }),
    ...(settings.exclude.length > 0 && { exclude: settings.exclude.join() }),
    ...(events.join() !== usualEvents.join() && { events: events.join() }),
  };
}

/** The build ends the script with `({})`, the argument that stands for what the server knows of the site. */
function withSettings(script: string, settings: Record<string, string>): string {
  return script.replace(/\(\{\}\);?\s*$/, () => `(${JSON.stringify(settings)});\n`);
}

/** What the module takes to be on where nothing is said. */
const usualEvents: AutoEvent[] = autoEvents.filter((kind) => kind !== 'dataLayer');

/** Status 200, because a browser does not run a script that comes with 404 and its owner would see a bare number. */
function unknownSite(publicId: string): string {
  const words = `Telltale: there is no site "${publicId}" here. Copy the tag again from the settings of your site.`;
  return `console.warn(${JSON.stringify(words)});\n`;
}

function pack(text: string): Served {
  const identity = Buffer.from(text);
  // Weak, because it is the same for all codings.
  const etag = `W/"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`;
  return { etag, bodies: { br: brotliCompressSync(identity), gzip: gzipSync(identity, { level: 9 }), identity } };
}

/** The smallest coding that the browser takes. A weight of 0 is a no; other weights do not matter among these. */
function bestCoding(accepted = ''): Coding {
  const taken = accepted
    .split(',')
    .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
    .map((part) => part.split(';')[0]?.trim());
  return codings.find((coding) => taken.includes(coding)) ?? 'identity';
}
