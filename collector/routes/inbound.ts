import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import * as z from 'zod';
import type { List } from '../contract/answers.ts';
import { type Inbound, type InboundPreset, inboundPresets, type NewInbound, newInbound } from '../contract/inbound.ts';
import { limits } from '../contract/limits.ts';
import { AppError } from '../errors.ts';
import { isTooDeep } from '../ingest/json-depth.ts';
import { inboundReaders } from '../leads/inbound-presets.ts';
import type { Ledger } from '../leads/ledger.ts';
import { receiveTouch } from '../leads/receive-touch.ts';
import { closeInbound, isInbound, listInbound, noteInbound, openInbound } from '../state/inbound-hooks.ts';
import type { SiteDirectory } from '../state/sites.ts';
import type { Env } from './env.ts';
import { describe, json } from './parse.ts';

export interface InboundDependencies {
  ledger: Ledger;
  sites: Pick<SiteDirectory, 'byPublicId'>;
}

/**
 * `POST /in/SITE/SECRET/PRESET`: where call trackers, calendars and mail tools tell of touches. Open to whoever knows the address. What a
 * tool tells besides is answered with 202, so that it does not send it again.
 */
export function inboundRoutes({ ledger, sites }: InboundDependencies): Hono<Env> {
  const app = new Hono<Env>();
  app.use(
    '/in/*',
    bodyLimit({
      maxSize: limits.requestBytes,
      onError: () => {
        throw new AppError('too_large');
      },
    }),
  );
  app.post(
    '/in/:site/:secret/:preset',
    describe('Ingest', 'Take a message of a call tracker, calendar or mail tool'),
    async (c) => {
      const { site: publicId, secret, preset } = c.req.param();
      const site = sites.byPublicId(publicId);
      const known = inboundPresets.find((name) => name === preset);
      if (!site || !known || !(await isInbound(ledger.state.db, { siteId: site.id, preset, secret }))) {
        throw new AppError('not_found');
      }
      const note = (problem: string | null) =>
        noteInbound(ledger.state.db, { siteId: site.id, preset, nowMs: ledger.now(), problem });
      try {
        const touches = inboundReaders[known](await readBody(c.req.raw));
        for (const said of touches) await receiveTouch(ledger, { site, said, actor: `hook:${known}` });
        await note(null);
        return c.json({ touches: touches.length }, 202);
      } catch (error) {
        const problem = problemOf(error);
        if (problem === null) throw error;
        await note(problem);
        throw new AppError('invalid_request', { message: problem });
      }
    },
  );
  return app;
}

/** The addresses of a site. Mount under `/api/v1/sites/:site`. `urlOf` is where this server is reached. */
export function inboundSettingsRoutes({ ledger, urlOf }: { ledger: Ledger; urlOf: () => string }): Hono<Env> {
  const app = new Hono<Env>();
  const { db } = ledger.state;
  app.get('/inbound', describe('leads', 'Addresses at which other tools tell of touches'), async (c) => {
    const items = await listInbound(db, c.get('site').id);
    return c.json({ items, total: items.length, next: null } satisfies List<Inbound>);
  });
  app.post(
    '/inbound',
    describe(
      'leads',
      'Make such an address',
      'Shown once. Where there is one already, it stops and this one takes its place.',
    ),
    json(newInbound),
    async (c) => {
      const { id: siteId, publicId } = c.get('site');
      const { preset } = c.req.valid('json');
      const secret = await openInbound(db, { siteId, preset, nowMs: ledger.now() });
      const made = (await listInbound(db, siteId)).find((one) => one.preset === preset);
      if (!made) throw new AppError('not_found');
      return c.json({ ...made, url: `${urlOf()}/in/${publicId}/${secret}/${preset}` } satisfies NewInbound, 201);
    },
  );
  app.delete('/inbound/:preset', describe('leads', 'Close such an address'), async (c) => {
    const preset = c.req.param('preset') as InboundPreset;
    if (!(await closeInbound(db, { siteId: c.get('site').id, preset }))) throw new AppError('not_found');
    return c.body(null, 204);
  });
  return app;
}

/** JSON, or the fields of a form. */
async function readBody(request: Request): Promise<unknown> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  const body = Buffer.from(bytes).toString();
  if (/^application\/x-www-form-urlencoded/i.test(request.headers.get('content-type') ?? '')) {
    return Object.fromEntries(new URLSearchParams(body));
  }
  if (isTooDeep(bytes, limits.jsonDepth)) throw new AppError('too_deep');
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new AppError('invalid_json', { cause });
  }
}

/** What is wrong with a message, in a sentence; null where it is not the message. */
function problemOf(error: unknown): string | null {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    return `This is no message of that tool: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim();
  }
  return error instanceof AppError && error.status < 500 ? error.message : null;
}
