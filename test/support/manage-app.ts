import { join } from 'node:path';
import { Hono } from 'hono';
import { onTestFinished } from 'vitest';
import { AppError } from '../../collector/errors.ts';
import { authenticate, siteScope } from '../../collector/routes/authorize.ts';
import type { Env } from '../../collector/routes/env.ts';
import { accountRoutes, loginRoutes } from '../../collector/routes/login.ts';
import type { Reach } from '../../collector/routes/login-cookie.ts';
import { createLoginThrottle } from '../../collector/routes/login-throttle.ts';
import { manageRoutes } from '../../collector/routes/manage.ts';
import { securityHeaders } from '../../collector/routes/security-headers.ts';
import { createApiKeys } from '../../collector/state/api-keys.ts';
import { openState } from '../../collector/state/database.ts';
import { createFunnels } from '../../collector/state/funnels.ts';
import { createLoginSessions } from '../../collector/state/login-sessions.ts';
import { createPasswords } from '../../collector/state/passwords.ts';
import { createSetupToken } from '../../collector/state/setup-token.ts';
import { loadSites } from '../../collector/state/sites.ts';
import { createUsers } from '../../collector/state/users.ts';
import { tempFolder } from './temp-folder.ts';

export const ownOrigin = 'http://localhost:8400';
export const annasPassword = 'correct horse battery';

/** The management routes on a store of their own, with a clock that the test moves. Anna is the owner once `withAnna` was called. */
export async function manageApp(reach: Reach = { publicUrl: null, trustProxy: 0 }, localToken = 'local-token') {
  const clock = { ms: Date.parse('2026-09-01T10:00:00Z') };
  const now = () => clock.ms;
  const file = join(tempFolder(), 'state.db');
  const state = openState(file);
  onTestFinished(() => state.close());
  const passwords = createPasswords();
  const hashed = { count: 0 };
  const counted = {
    hash: passwords.hash,
    verify: (stored: string | null, password: string) => {
      hashed.count += 1;
      return passwords.verify(stored, password);
    },
  };
  const users = createUsers(state, { passwords: counted, now });
  const sessions = createLoginSessions(state, now);
  const keys = createApiKeys(state, now);
  const setup = createSetupToken(state, now);
  const sites = await loadSites(state, now);
  const funnels = createFunnels(state, now);
  const login = {
    users,
    sessions,
    setup,
    throttle: createLoginThrottle(),
    reach,
    addressOf: (c: { req: { header(name: string): string | undefined } }) =>
      c.req.header('test-address') ?? '192.0.2.1',
    demo: false,
    version: '0.1.0',
  };

  const app = new Hono<Env>();
  app.use(securityHeaders());
  app.onError((error, c) => {
    if (!(error instanceof AppError)) throw error;
    if (error.retryAfterSeconds !== undefined) c.header('retry-after', String(error.retryAfterSeconds));
    const { code, message, details } = error;
    return c.json({ error: { code, message, details }, requestId: 'test' }, error.status);
  });
  app.route('/api/v1', loginRoutes(login));
  app.use('/api/v1/*', authenticate({ sessions, keys, localToken, reach }));
  app.use('/api/v1/sites/:site/*', siteScope(sites));
  app.route('/api/v1', accountRoutes(login));
  app.route('/api/v1', manageRoutes({ sites, users, keys, funnels }));
  // Stand-ins for routes of other parts, to see who gets through to them.
  app.post('/api/v1/sites/:site/funnel', (c) => c.json({}));
  app.post('/api/v1/sites/:site/events', (c) => c.json({}, 202));
  app.post('/api/v1/sites/:site/rules', (c) => c.json({}, 201));
  app.get('/api/v1/sites/:site/realtime', (c) => c.json({}));

  /** A request as a program sends it: JSON, no Origin. */
  const send = (method: string, path: string, options: { body?: unknown; headers?: Record<string, string> } = {}) =>
    app.request(`${ownOrigin}${path}`, {
      method,
      headers: {
        host: 'localhost:8400',
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
  /** A request as our own page sends it. */
  const fromPage = (method: string, path: string, options: { body?: unknown; cookie?: string } = {}) =>
    send(method, path, {
      ...options,
      headers: {
        origin: ownOrigin,
        'sec-fetch-site': 'same-origin',
        ...(options.cookie ? { cookie: options.cookie } : {}),
      },
    });
  const signIn = async (email: string, password: string) => {
    const response = await fromPage('POST', '/api/v1/login', { body: { email, password } });
    return cookieOf(response);
  };
  const withAnna = async () => {
    await users.create({ email: 'anna@example.com', password: annasPassword, role: 'owner' });
    return signIn('anna@example.com', annasPassword);
  };

  return { app, clock, file, state, users, sessions, keys, setup, sites, hashed, send, fromPage, signIn, withAnna };
}

/** `name=value` of the cookie an answer sets, to be sent back as a browser would. */
export function cookieOf(response: Response): string {
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}
