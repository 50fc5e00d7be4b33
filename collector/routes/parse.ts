import { describeRoute, validator } from 'hono-openapi';
import type * as z from 'zod';
import { issueDetails } from '../contract/issue-words.ts';
import { AppError } from '../errors.ts';

/** Parses the JSON body with a contract schema; a mismatch is a 400 that names every wrong place. Read it with `c.req.valid('json')`. */
export function json<Schema extends z.ZodType>(schema: Schema) {
  return validator('json', schema, refuse);
}

/** The same for the query string. Read it with `c.req.valid('query')`. */
export function query<Schema extends z.ZodType>(schema: Schema) {
  return validator('query', schema, refuse);
}

/** Title and group of a route in `/openapi.json`. */
export function describe(tag: string, summary: string, description?: string) {
  return describeRoute({ tags: [tag], summary, ...(description ? { description } : {}) });
}

function refuse(result: { success: boolean; error?: Parameters<typeof issueDetails>[0] }) {
  if (result.success || !result.error) return;
  throw new AppError('invalid_request', { details: issueDetails(result.error) });
}
