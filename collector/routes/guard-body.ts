import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { limits } from '../contract/limits.ts';
import { AppError } from '../errors.ts';
import { isTooDeep } from '../ingest/json-depth.ts';
import type { Env } from './env.ts';

const refuseLarge = bodyLimit({
  maxSize: limits.requestBytes,
  onError: () => {
    throw new AppError('too_large', { message: `The body is larger than ${limits.requestBytes / 1024} KiB.` });
  },
});

/** Size and nesting of a JSON body, before anything parses it. Ingest routes have limits of their own and come before. */
export const guardBody: MiddlewareHandler<Env> = (c, next) =>
  refuseLarge(c, async () => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD' && c.req.raw.body) {
      const bytes = new Uint8Array(await c.req.arrayBuffer());
      if (isTooDeep(bytes, limits.jsonDepth)) throw new AppError('too_deep');
    }
    await next();
  });
