import { type Context, Hono } from 'hono';
import type { Me, SetupState, User } from '../contract/manage.ts';
import { credentials, passwordChange, setupRequest } from '../contract/manage.ts';
import { AppError } from '../errors.ts';
import type { LoginSessions } from '../state/login-sessions.ts';
import type { SetupToken } from '../state/setup-token.ts';
import type { Users } from '../state/users.ts';
import { originOf } from './authorize.ts';
import type { Env } from './env.ts';
import { loginCookie, ownOrigins, type Reach } from './login-cookie.ts';
import type { LoginThrottle } from './login-throttle.ts';
import { describe, json } from './parse.ts';
import { refuseCrossSite, refuseForms } from './same-origin.ts';

export interface LoginDependencies {
  users: Users;
  sessions: LoginSessions;
  setup: SetupToken;
  throttle: LoginThrottle;
  reach: Reach;
  /** The visitor's address, proxies taken into account. */
  addressOf: (context: Context) => string;
  demo: boolean;
  version: string;
}

/** `POST /login`, `POST /setup`, `GET /setup/state`: for everybody. Mount under `/api/v1`, before `authenticate`. */
export function loginRoutes(deps: LoginDependencies): Hono<Env> {
  const { users, sessions, setup, throttle, reach } = deps;
  const app = new Hono<Env>();

  app.get('/setup/state', describe('login', 'Whether the first user is still to be created'), async (c) =>
    c.json({ needed: (await users.count()) === 0 } satisfies SetupState),
  );

  app.post(
    '/setup',
    describe('login', 'Create the first user with the set-up link'),
    fromOwnPages(reach),
    json(setupRequest),
    async (c) => {
      const { token, email, password } = c.req.valid('json');
      // Once there is a user, this route is gone for every token.
      if ((await users.count()) > 0) throw new AppError('not_found');
      if (!(await setup.isValid(token))) {
        throw new AppError('forbidden', {
          message: 'This set-up link is not valid. Use the last one the console shows.',
        });
      }
      const user = await users.createFirst({ email, password });
      if (!user) throw new AppError('not_found');
      loginCookie(c, reach).write(await sessions.begin(user.id));
      return c.json(toMe(user, deps), 201);
    },
  );

  app.post('/login', describe('login', 'Sign in'), fromOwnPages(reach), json(credentials), async (c) => {
    const { email, password } = c.req.valid('json');
    const address = deps.addressOf(c);
    await throttle.begin(email, address);
    const user = await users.withPassword(email, password);
    if (!user) throw new AppError('wrong_credentials');
    await throttle.succeeded(email, address);
    loginCookie(c, reach).write(await sessions.begin(user.id));
    return c.json(toMe(user, deps));
  });

  return app;
}

/** `GET /me`, `PATCH /me/password`, `POST /logout`: for a signed-in person. Mount under `/api/v1`, after `authenticate`. */
export function accountRoutes(deps: LoginDependencies): Hono<Env> {
  const { users, sessions, throttle, reach } = deps;
  const app = new Hono<Env>();

  app.get('/me', describe('login', 'Who is signed in'), async (c) => {
    const { userId } = personOf(c);
    const user = (await users.list()).find(({ id }) => id === userId);
    if (!user) throw new AppError('unauthorized');
    return c.json(toMe(user, deps));
  });

  app.patch(
    '/me/password',
    describe('login', 'Change the password, which signs out every other browser'),
    json(passwordChange),
    async (c) => {
      const { current, password } = c.req.valid('json');
      const { userId, email } = personOf(c);
      const address = deps.addressOf(c);
      await throttle.begin(email, address);
      if (!(await users.withPassword(email, current))) {
        // Not 401: the person is signed in, only this field is wrong.
        throw new AppError('invalid_request', {
          details: [{ path: 'current', message: 'The current password is wrong.' }],
        });
      }
      await throttle.succeeded(email, address);
      await users.setPassword(userId, password);
      loginCookie(c, reach).write(await sessions.begin(userId));
      return c.body(null, 204);
    },
  );

  app.post('/logout', describe('login', 'Sign out'), async (c) => {
    const cookie = loginCookie(c, reach);
    const token = cookie.read();
    if (token) await sessions.end(token);
    cookie.clear();
    return c.body(null, 204);
  });

  return app;
}

/** Other sites must not sign a visitor in to an account of theirs. Programs send neither header and may go on. */
function fromOwnPages(reach: Reach) {
  return async (c: Context<Env>, next: () => Promise<void>) => {
    const request = originOf(c);
    if (request.origin !== undefined || request.fetchSite !== undefined) refuseCrossSite(request, ownOrigins(c, reach));
    else refuseForms(request);
    c.header('cache-control', 'no-store');
    await next();
  };
}

function personOf(c: Context<Env>) {
  const principal = c.get('principal');
  if (principal.kind !== 'user') throw new AppError('forbidden');
  return principal;
}

function toMe(user: User, { demo, version }: Pick<LoginDependencies, 'demo' | 'version'>): Me {
  return { user, demo, version };
}
