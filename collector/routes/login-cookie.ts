import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { absoluteMs } from '../state/login-sessions.ts';

/** How this server is reached, which decides on the cookie and on which origins are its own. */
export interface Reach {
  /** null: the address it listens on. */
  publicUrl: string | null;
  /** Proxies in front; with none, X-Forwarded-… headers are whatever a visitor wrote. */
  trustProxy: number;
}

const maxAge = absoluteMs / 1000;

/**
 * TRICKY: `__Host-` cookies must be Secure, and browsers drop Secure cookies that come over plain http, except some of them on
 * localhost. So plain http (a laptop, a machine in the office) has a cookie of another name, which https never reads: otherwise
 * whoever can touch plain http could plant one.
 */
export function loginCookie(context: Context, reach: Reach) {
  const secure = isHttps(context, reach);
  const options = { httpOnly: true, sameSite: 'Lax', path: '/' } as const;
  return secure
    ? {
        read: () => getCookie(context, 'telltale', 'host'),
        write: (token: string) => setCookie(context, 'telltale', token, { ...options, secure, prefix: 'host', maxAge }),
        clear: () => deleteCookie(context, 'telltale', { path: '/', secure, prefix: 'host' }),
      }
    : {
        read: () => getCookie(context, 'telltale'),
        write: (token: string) => setCookie(context, 'telltale', token, { ...options, maxAge }),
        clear: () => deleteCookie(context, 'telltale', { path: '/' }),
      };
}

/** The origins under which this request can have reached us: the one it names itself, and the public one. */
export function ownOrigins(context: Context, reach: Reach): string[] {
  const host = (reach.trustProxy > 0 && context.req.header('x-forwarded-host')) || context.req.header('host');
  const own = host ? [`${isHttps(context, reach) ? 'https' : 'http'}://${host}`] : [new URL(context.req.url).origin];
  return reach.publicUrl === null ? own : [...own, new URL(reach.publicUrl).origin];
}

/** Whether the browser spoke https, to us or to the proxy in front of us. A public https address is meant for every visitor. */
function isHttps(context: Context, { publicUrl, trustProxy }: Reach): boolean {
  const forwarded = trustProxy > 0 ? context.req.header('x-forwarded-proto')?.split(',')[0]?.trim() : undefined;
  return forwarded === 'https' || publicUrl?.startsWith('https:') === true || context.req.url.startsWith('https:');
}
