import { Hono } from 'hono';
import * as z from 'zod';
import { type BackUpDependencies, backUp } from '../backup/back-up.ts';
import { AppError } from '../errors.ts';
import type { Env } from './env.ts';
import { describe, json } from './parse.ts';

const backupRequest = z.strictObject({ folder: z.string().min(1).max(4_096) });

/** How `telltale backup` asks the server that runs: it writes files, so only whoever may read the data folder may ask. */
export function backupRoutes(dependencies: BackUpDependencies): Hono<Env> {
  const app = new Hono<Env>();
  app.post('/backup', describe('backup', 'Back up to a folder of this machine'), json(backupRequest), async (c) => {
    if (c.get('principal').kind !== 'local') throw new AppError('forbidden');
    try {
      return c.json(await backUp(dependencies, c.req.valid('json').folder), 201);
    } catch (error) {
      if (error instanceof AppError || !(error instanceof Error)) throw error;
      throw new AppError('backup_failed', { message: error.message, cause: error });
    }
  });
  return app;
}
