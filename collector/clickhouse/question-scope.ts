import { AsyncLocalStorage } from 'node:async_hooks';
import { AppError } from '../errors.ts';

/**
 * One question of a person: everything that is asked of ClickHouse on its way shares the start of a query id, and ends with it. It
 * travels with the asynchronous work, so that no query module has to hand it on.
 */
export interface QuestionScope {
  /** Start of the query id of every statement: `SITE-ID-`. */
  prefix: string;
  /** Aborted once the question is cancelled. */
  signal: AbortSignal;
}

const scopes = new AsyncLocalStorage<QuestionScope>();
let questions = 0;

/** Runs work whose statements belong to the scope. */
export async function inScope<Answer>(scope: QuestionScope, work: () => Promise<Answer>): Promise<Answer> {
  questions += 1;
  try {
    return await scopes.run(scope, work);
  } finally {
    questions -= 1;
    // Node follows every promise of the process while this is on, and events on their way in are made of promises.
    if (questions === 0) scopes.disable();
  }
}

/** The scope we are in. Throws `cancelled` where it is over: a question of several statements must not start the next one. */
export function currentScope(): QuestionScope | undefined {
  const scope = scopes.getStore();
  if (scope?.signal.aborted) throw new AppError('cancelled');
  return scope;
}
