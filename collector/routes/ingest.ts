import { Hono } from 'hono';
import { limits } from '../contract/limits.ts';
import { serverBatch } from '../contract/wire.ts';
import { AppError } from '../errors.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { isTooDeep } from '../ingest/json-depth.ts';
import { parseJson } from '../ingest/parse-json.ts';
import { answerBeacon, type BeaconDependencies } from './beacon.ts';
import { socketAddress } from './caller-address.ts';
import type { Env } from './env.ts';
import { describe } from './parse.ts';

/** `POST /e` where no door of its own takes it (`createBeaconDoor`), and its preflight. */
export function ingestRoutes(dependencies: BeaconDependencies): Hono<Env> {
  const app = new Hono<Env>();

  app.options('/e', (c) => {
    c.header('Access-Control-Allow-Origin', '*');
    c.header('Access-Control-Allow-Methods', 'POST, OPTIONS');
    c.header('Access-Control-Allow-Headers', 'content-type');
    c.header('Access-Control-Max-Age', '86400');
    return c.body(null, 204);
  });

  app.post('/e', describe('Ingest', 'Take events of a page'), async (c) => {
    const { status, headers, text } = await answerBeacon(dependencies, {
      body: await readBody(c.req.raw, limits.beaconBytes),
      header: (name) => c.req.header(name),
      socket: socketAddress(c),
      requestId: () => c.get('requestId') ?? '',
    });
    return c.body(text, status, headers);
  });

  return app;
}

/** `POST /api/v1/sites/SITE/events`: what servers, CRMs and imports send. The caller's key has been checked. */
export function serverIngestRoutes({ ingest }: { ingest: Ingest }): Hono<Env> {
  const app = new Hono<Env>();

  app.post(
    '/',
    describe(
      'Ingest',
      'Take events of a server',
      'At most 1,000 events or 1 MiB. `at` may be any time in the past. With `?history=true` nothing in it starts an abandonment.',
    ),
    async (c) => {
      const { events } = await parseServerBatch(c.req.raw);
      const answer = await ingest.server(c.get('site'), events, { history: c.req.query('history') === 'true' });
      const [first] = answer.dropped;
      if (first) c.header('x-telltale-dropped', first.reason);
      return c.json(answer, 202);
    },
  );

  return app;
}

async function parseServerBatch(request: Request) {
  if (!/^\s*application\/json\b/i.test(request.headers.get('content-type') ?? '')) {
    throw new AppError('unsupported_media_type');
  }
  const body = await readBody(request, limits.serverBatchBytes);
  if (!body) throw new AppError('too_large', { message: 'Send at most 1 MiB of events in one request.' });
  if (isTooDeep(body, limits.jsonDepth)) throw new AppError('too_deep');
  let value: unknown;
  try {
    value = parseJson(body);
  } catch (cause) {
    throw new AppError('invalid_json', { cause });
  }
  const parsed = serverBatch.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError('invalid_request', {
    details: parsed.error.issues
      .slice(0, 5)
      .map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message })),
  });
}

/** The whole body, or undefined as soon as it is known to be larger. */
async function readBody(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  const stated = request.headers.get('content-length');
  if (stated !== null && Number(stated) > maxBytes) return undefined;
  // Node ends a body at its stated length, so it cannot be larger than that.
  if (stated !== null) return new Uint8Array(await request.arrayBuffer());
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of request.body ?? []) {
    size += piece.byteLength;
    if (size > maxBytes) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
