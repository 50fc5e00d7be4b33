import { Hono } from 'hono';
import { parseConfig } from '../config.ts';
import type { ErrorAnswer } from '../contract/answers.ts';
import { openDataFolder, type RunFile, readRunFile, stateFileName } from '../data-folder.ts';
import type { ErrorDetail } from '../errors.ts';
import { siteScope } from '../routes/authorize.ts';
import type { Env } from '../routes/env.ts';
import { manageRoutes } from '../routes/manage.ts';
import { createApiKeys } from '../state/api-keys.ts';
import { openState } from '../state/database.ts';
import { createFunnels } from '../state/funnels.ts';
import { createPasswords } from '../state/passwords.ts';
import { defaultRules, loadRules } from '../state/rules.ts';
import { loadSites } from '../state/sites.ts';
import { createUsers } from '../state/users.ts';
import type { CliContext } from './context.ts';

/** The management API of a data folder: of the server that runs on it, else of the store itself. */
export interface Management {
  /** Public address, as in the script tag. */
  url: string;
  /** `path` is behind `/api/v1`. Throws an error whose message, and `details`, are for a person. */
  call<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
}

/** Runs `work` with the management API of the folder, and lets go of it afterwards. */
export async function withManagement<Result>(
  context: Pick<CliContext, 'env'>,
  flags: { data?: string | undefined },
  work: (management: Management) => Promise<Result>,
): Promise<Result> {
  const config = parseConfig(context.env, { data: flags.data });
  const running = readRunFile(config.dataFolder);
  if (running) return work({ url: running.url, call: (...request) => callServer(running, request) });

  const folder = openDataFolder(config.dataFolder);
  try {
    const state = openState(folder.file(stateFileName));
    try {
      const app = await storeApi(state);
      const url = config.publicUrl ?? `http://localhost:${config.port}`;
      return await work({ url, call: (...request) => callStore(app, request) });
    } finally {
      await state.close();
    }
  } finally {
    folder.release();
  }
}

/** The same routes as the server's, called in this process by the principal `local`. */
async function storeApi(state: ReturnType<typeof openState>): Promise<Hono<Env>> {
  const now = Date.now;
  const rules = await loadRules(state, now);
  const sites = await loadSites(state, now, {
    onCreate: async (site) => {
      for (const rule of defaultRules()) await rules.create(site.id, rule);
    },
  });
  const app = new Hono<Env>();
  app.onError((error) => {
    throw error;
  });
  app.use(async (c, next) => {
    c.set('principal', { kind: 'local' });
    await next();
  });
  app.use('/sites/:site/*', siteScope(sites));
  const users = createUsers(state, { passwords: createPasswords(), now });
  return app.route(
    '/',
    manageRoutes({ sites, users, keys: createApiKeys(state, now), funnels: createFunnels(state, now) }),
  );
}

type Request = [method: string, path: string, body?: unknown];

async function callStore<Answer>(app: Hono<Env>, [method, path, body]: Request): Promise<Answer> {
  return answerOf(await app.request(path, requestOf(method, body)));
}

async function callServer<Answer>(running: RunFile, [method, path, body]: Request): Promise<Answer> {
  const request = requestOf(method, body);
  const headers = { ...request.headers, authorization: `Bearer ${running.token}` };
  const response = await fetch(`${running.address}/api/v1${path}`, { ...request, headers }).catch((cause: unknown) => {
    const message = `Telltale runs (process ${running.pid}) but does not answer on ${running.address}. Try again, or look at its log.`;
    throw new Error(message, { cause });
  });
  return answerOf(response);
}

function requestOf(method: string, body: unknown) {
  return body === undefined
    ? { method, headers: {} }
    : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

async function answerOf<Answer>(response: Response): Promise<Answer> {
  const text = await response.text();
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as Answer;
  throw refusal(text, response.status);
}

function refusal(text: string, status: number): Error & { details?: ErrorDetail[] } {
  try {
    const { error } = JSON.parse(text) as ErrorAnswer;
    return Object.assign(new Error(error.message), error.details ? { details: error.details } : {});
  } catch {
    return new Error(`The server answered with status ${status}.`);
  }
}
