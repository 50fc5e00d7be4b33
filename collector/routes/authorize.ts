import { timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { AppError } from '../errors.ts';
import type { ApiKeys } from '../state/api-keys.ts';
import type { LoginSessions } from '../state/login-sessions.ts';
import type { SiteDirectory } from '../state/sites.ts';
import { allows, requiredAccess } from './access.ts';
import type { Env, Principal } from './env.ts';
import { loginCookie, ownOrigins, type Reach } from './login-cookie.ts';
import { type RequestOrigin, refuseCrossSite } from './same-origin.ts';

export interface AuthorizeDependencies {
  sessions: LoginSessions;
  keys: ApiKeys;
  /** Of the data folder; undefined where no command may come in. */
  localToken: string | undefined;
  reach: Reach;
}

/** Everything under here is for known principals that may do what they ask, and for cookies only from our own pages. */
const prefix = '/api/v1';

/**
 * For `app.use('/api/v1/*', …)`, after the routes that need nobody (login, set-up). Sets `principal`; throws `unauthorized`,
 * `cross_site` or `forbidden`.
 */
export function authenticate(deps: AuthorizeDependencies): MiddlewareHandler<Env> {
  return async (c, next) => {
    const principal = await principalOf(c, deps);
    if (!principal) throw new AppError('unauthorized');
    if (principal.kind === 'user') refuseCrossSite(originOf(c), ownOrigins(c, deps.reach));
    if (!allows(principal, requiredAccess(c.req.method, c.req.path.slice(prefix.length))))
      throw new AppError('forbidden');
    c.set('principal', principal);
    // Answers are about one person's sites: no cache on the way keeps them. A handler may say otherwise.
    await next();
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
  };
}

/** Who asks, by key or cookie; null for nobody. A wrong key is nobody, also where a good cookie comes with it. */
export async function principalOf(c: Context, deps: AuthorizeDependencies): Promise<Principal | null> {
  const authorization = c.req.header('authorization');
  if (authorization !== undefined) {
    const secret = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    return secret === undefined ? null : principalOfSecret(secret, deps);
  }
  const token = loginCookie(c, deps.reach).read();
  const user = token ? await deps.sessions.userOf(token) : null;
  return user && { kind: 'user', userId: user.id, email: user.email, role: user.role };
}

/** For `app.use('/api/v1/sites/:site/*', …)`. Sets `site`; a key for another site learns no more than that there is no such site. */
export function siteScope(sites: SiteDirectory): MiddlewareHandler<Env> {
  return async (c, next) => {
    const site = sites.byPublicId(c.req.param('site') ?? '');
    if (!site || !maySee(c.get('principal'), site.id)) throw new AppError('unknown_site');
    c.set('site', site);
    await next();
  };
}

/** Whether the principal is not bound to another site. */
export function maySee(principal: Principal, siteId: number): boolean {
  return principal.kind !== 'key' || principal.siteId === null || principal.siteId === siteId;
}

/** What tells whether our own pages sent this request. */
export function originOf(c: Context): RequestOrigin {
  const length = c.req.header('content-length');
  return {
    method: c.req.method,
    origin: c.req.header('origin'),
    fetchSite: c.req.header('sec-fetch-site'),
    contentType: c.req.header('content-type'),
    // A request with neither header has no body: https://www.rfc-editor.org/rfc/rfc9112#section-6.3
    hasBody: c.req.header('transfer-encoding') !== undefined || (length !== undefined && length !== '0'),
  };
}

async function principalOfSecret(
  secret: string,
  { keys, localToken }: AuthorizeDependencies,
): Promise<Principal | null> {
  if (localToken !== undefined && isEqual(secret, localToken)) return { kind: 'local' };
  const key = await keys.bySecret(secret);
  return key && { kind: 'key', keyId: key.id, scope: key.scope, siteId: key.siteId };
}

function isEqual(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
