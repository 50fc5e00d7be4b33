import { Hono } from 'hono';
import { type InstallCheck, installCheckRequest } from '../contract/install.ts';
import type { InstallChecks } from '../install/install-checks.ts';
import { callerAddress } from './caller-address.ts';
import type { Env } from './env.ts';
import { ownOrigins, type Reach } from './login-cookie.ts';
import { describe, json } from './parse.ts';

export interface InstallDependencies {
  checks: Pick<InstallChecks, 'start' | 'get'>;
  reach: Reach;
}

/** Tests of the installation. Mount under `/api/v1/sites/:site`. */
export function installRoutes({ checks, reach }: InstallDependencies): Hono<Env> {
  const app = new Hono<Env>();
  app.post(
    '/install/check',
    describe(
      'sites',
      'Test the installation on a page',
      'Open the `openUrl` of the answer in a browser, and ask how far it is by its token. The server reads the page meanwhile; private addresses are not called. At most ten a minute.',
    ),
    json(installCheckRequest),
    (c) => {
      const site = c.get('site');
      // The public address, where there is one: tags have it, and not the address of the dashboard.
      const own = ownOrigins(c, reach).at(-1) ?? new URL(c.req.url).origin;
      const started = checks.start(site, {
        url: c.req.valid('json').url,
        script: new URL(`/t/${site.publicId}.js`, own),
        browser: { address: callerAddress(c, reach.trustProxy), userAgent: c.req.header('user-agent') ?? '' },
        asksForPrivacy: c.req.header('sec-gpc') === '1' || c.req.header('dnt') === '1',
      });
      return c.json(started satisfies InstallCheck, 201);
    },
  );
  app.get(
    '/install/check/:token',
    describe(
      'sites',
      'How far a test of the installation is',
      'For about ten minutes, in the process that takes events.',
    ),
    async (c) => c.json((await checks.get(c.get('site'), c.req.param('token'))) satisfies InstallCheck),
  );
  return app;
}
