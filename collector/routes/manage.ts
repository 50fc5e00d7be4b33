import { Hono } from 'hono';
import type { List } from '../contract/answers.ts';
import type { ApiKey, NewApiKey, SavedFunnel, Site, User } from '../contract/manage.ts';
import { funnelDefinition, newKey, newSite, newUser, sitePatch } from '../contract/manage.ts';
import { AppError } from '../errors.ts';
import type { ApiKeyRecord, ApiKeys } from '../state/api-keys.ts';
import type { Funnels } from '../state/funnels.ts';
import type { SiteDirectory, SiteRecord } from '../state/sites.ts';
import type { Users } from '../state/users.ts';
import { maySee } from './authorize.ts';
import type { Env } from './env.ts';
import { describe, json } from './parse.ts';

export interface ManageDependencies {
  sites: SiteDirectory;
  users: Users;
  keys: ApiKeys;
  funnels: Funnels;
}

/** Sites, users, keys and saved funnels. Mount under `/api/v1`, after `authenticate` and `siteScope`. */
export function manageRoutes({ sites, users, keys, funnels }: ManageDependencies): Hono<Env> {
  const app = new Hono<Env>();

  app.get('/sites', describe('sites', 'All sites'), (c) =>
    c.json(
      listOf(
        sites
          .list()
          .filter((site) => maySee(c.get('principal'), site.id))
          .map(toSite),
      ),
    ),
  );
  app.post('/sites', describe('sites', 'Add a site'), json(newSite), async (c) =>
    c.json(toSite(await sites.create(c.req.valid('json'))), 201),
  );
  app.get('/sites/:site', describe('sites', 'One site'), (c) => c.json(toSite(c.get('site'))));
  app.patch('/sites/:site', describe('sites', 'Change a site'), json(sitePatch), async (c) =>
    c.json(toSite(await sites.patch(c.get('site').id, c.req.valid('json')))),
  );
  app.delete('/sites/:site', describe('sites', 'Stop a site'), async (c) => {
    await sites.remove(c.get('site').id);
    return c.body(null, 204);
  });
  app.get('/deleted-sites', describe('sites', 'Sites that can be restored'), async (c) =>
    c.json(listOf(await sites.deleted())),
  );
  app.post('/deleted-sites/:id/restore', describe('sites', 'Restore a deleted site'), async (c) =>
    c.json(toSite(await sites.restore(c.req.param('id')))),
  );

  app.get('/sites/:site/funnels', describe('funnels', 'Saved funnels'), async (c) =>
    c.json(listOf<SavedFunnel>(await funnels.list(c.get('site').id))),
  );
  app.post('/sites/:site/funnels', describe('funnels', 'Save a funnel'), json(funnelDefinition), async (c) =>
    c.json(await funnels.create(c.get('site').id, c.req.valid('json')), 201),
  );
  app.delete('/sites/:site/funnels/:id', describe('funnels', 'Forget a saved funnel'), async (c) => {
    await funnels.remove(c.get('site').id, c.req.param('id'));
    return c.body(null, 204);
  });

  app.get('/users', describe('users', 'All users'), async (c) => c.json(listOf<User>(await users.list())));
  app.post('/users', describe('users', 'Add a user'), json(newUser), async (c) =>
    c.json(await users.create(c.req.valid('json')), 201),
  );
  app.delete('/users/:id', describe('users', 'Remove a user'), async (c) => {
    await users.remove(c.req.param('id'));
    return c.body(null, 204);
  });

  const toKey = (key: ApiKeyRecord): ApiKey => ({
    id: key.id,
    name: key.name,
    scope: key.scope,
    site: key.siteId === null ? null : (sites.byId(key.siteId)?.publicId ?? null),
    prefix: key.prefix,
    createdAt: key.createdAt,
    lastUsedAt: key.lastUsedAt,
  });
  app.get('/keys', describe('keys', 'All API keys, without their secrets'), async (c) =>
    // One of a deleted site opens nothing until that is restored.
    c.json(listOf((await keys.list()).filter(({ siteId }) => siteId === null || sites.byId(siteId)).map(toKey))),
  );
  app.post('/keys', describe('keys', 'Add an API key; the answer shows its secret once'), json(newKey), async (c) => {
    const { name, scope, site } = c.req.valid('json');
    const bound = site === undefined ? null : sites.byPublicId(site);
    if (bound === undefined) throw new AppError('unknown_site');
    const { key, secret } = await keys.create({ name, scope, siteId: bound?.id ?? null });
    return c.json({ ...toKey(key), secret } satisfies NewApiKey, 201);
  });
  app.delete('/keys/:id', describe('keys', 'Take back an API key'), async (c) => {
    await keys.remove(c.req.param('id'));
    return c.body(null, 204);
  });

  return app;
}

function toSite({ publicId, name, domains, timezone, settings, createdAt, firstEventAt }: SiteRecord): Site {
  return { id: publicId, name, domains, timezone, settings, createdAt, firstEventAt };
}

/** These lists are short enough to be sent whole. */
function listOf<Item>(items: Item[]): List<Item> {
  return { items, total: items.length, next: null };
}
