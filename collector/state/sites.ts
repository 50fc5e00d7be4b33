import { customAlphabet } from 'nanoid';
import { limits } from '../contract/limits.ts';
import { type DeletedSite, type SitePatch, type SiteSettings, siteSettings } from '../contract/manage.ts';
import { AppError } from '../errors.ts';
import type { State } from './database.ts';
import type { StateSchema } from './schema.ts';

export interface SiteRecord {
  /** The number in every event row. */
  id: number;
  /** The id in the script tag and in addresses of the API. */
  publicId: string;
  name: string;
  /** Hosts that may send events; their sub-domains too. */
  domains: string[];
  timezone: string;
  settings: SiteSettings;
  createdAt: string;
  firstEventAt: string | null;
}

/** All sites, in memory, because every event asks for one; each change is in the state store before it is seen here. */
export interface SiteDirectory {
  byPublicId(publicId: string): SiteRecord | undefined;
  byId(id: number): SiteRecord | undefined;
  /** Oldest first. */
  list(): SiteRecord[];
  create(input: { domain: string; name?: string | undefined; timezone: string }): Promise<SiteRecord>;
  /** Settings that are not named stay as they are. Throws `unknown_site`. */
  patch(id: number, patch: SitePatch): Promise<SiteRecord>;
  /** The site stops accepting, answering and sending at once; its data stay for `limits.deletedSiteDays`. Throws `unknown_site`. */
  remove(id: number): Promise<void>;
  /** Those that can be restored, latest deletion first. */
  deleted(): Promise<DeletedSite[]>;
  /** As it was; what became due meanwhile is not sent. Throws `unknown_site`, also where its data are no longer kept. */
  restore(publicId: string): Promise<SiteRecord>;
  /** Does nothing when the site has had its first event. */
  markFirstEvent(id: number, at: string): void;
}

/** Lower-case letters and digits only: an id is a file name in the script tag and is read out on the phone. */
const newPublicId = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 10);

/** `onCreate` runs after a site is made and before `create` answers: it offers the default rules. */
export async function loadSites(
  state: State,
  now: () => number,
  options: { onCreate?: (site: SiteRecord) => Promise<void> } = {},
): Promise<SiteDirectory> {
  const rows = await state.db.selectFrom('sites').selectAll().where('deleted_at', 'is', null).orderBy('id').execute();
  const sites = new Map(rows.map((row) => [row.id, toSite(row)]));
  const publicIds = new Map([...sites.values()].map((site) => [site.publicId, site.id]));

  const known = (id: number): SiteRecord => {
    const site = sites.get(id);
    if (!site) throw new AppError('unknown_site');
    return site;
  };

  return {
    byPublicId(publicId) {
      const id = publicIds.get(publicId);
      return id === undefined ? undefined : sites.get(id);
    },
    byId: (id) => sites.get(id),
    list: () => [...sites.values()],

    async create({ domain, name, timezone }) {
      const values = {
        public_id: newPublicId(),
        name: name ?? domain,
        domains: JSON.stringify([domain]),
        timezone,
        settings: JSON.stringify(siteSettings.parse({})),
        created_at: new Date(now()).toISOString(),
      };
      const row = await state.db.insertInto('sites').values(values).returningAll().executeTakeFirstOrThrow();
      const site = toSite(row);
      sites.set(site.id, site);
      publicIds.set(site.publicId, site.id);
      await options.onCreate?.(site);
      return site;
    },

    async patch(id, patch) {
      const site = known(id);
      const changed: SiteRecord = {
        ...site,
        name: patch.name ?? site.name,
        domains: patch.domains ? [...new Set(patch.domains)] : site.domains,
        timezone: patch.timezone ?? site.timezone,
        settings: siteSettings.parse({
          ...site.settings,
          ...patch.settings,
          autoEvents: { ...site.settings.autoEvents, ...patch.settings?.autoEvents },
        }),
      };
      await state.db
        .updateTable('sites')
        .set({
          name: changed.name,
          domains: JSON.stringify(changed.domains),
          timezone: changed.timezone,
          settings: JSON.stringify(changed.settings),
        })
        .where('id', '=', id)
        .execute();
      // The first event may have come while this was written.
      const written = { ...changed, firstEventAt: known(id).firstEventAt };
      sites.set(id, written);
      return written;
    },

    async remove(id) {
      const site = known(id);
      const deleted_at = new Date(now()).toISOString();
      await state.db.updateTable('sites').set({ deleted_at }).where('id', '=', id).execute();
      sites.delete(id);
      publicIds.delete(site.publicId);
    },

    async deleted() {
      const found = await restorable(state, now()).orderBy('deleted_at', 'desc').execute();
      return found.map(toDeletedSite);
    },

    async restore(publicId) {
      const row = await restorable(state, now()).where('public_id', '=', publicId).executeTakeFirst();
      if (!row) throw new AppError('unknown_site');
      await state.db.updateTable('sites').set({ deleted_at: null }).where('id', '=', row.id).execute();
      const site = toSite(row);
      sites.set(site.id, site);
      publicIds.set(site.publicId, site.id);
      return site;
    },

    markFirstEvent(id, at) {
      const site = sites.get(id);
      if (!site || site.firstEventAt !== null) return;
      sites.set(id, { ...site, firstEventAt: at });
      state.db
        .updateTable('sites')
        .set({ first_event_at: at })
        .where('id', '=', id)
        .where('first_event_at', 'is', null)
        .execute()
        .catch(() => {
          // The next event of this site tries again.
          const current = sites.get(id);
          if (current) sites.set(id, { ...current, firstEventAt: null });
        });
    },
  };
}

const keptMs = limits.deletedSiteDays * 24 * 60 * 60_000;

/** Deletions up to then, ISO 8601, are for good: their data are erased. */
export function erasedUpTo(nowMs: number): string {
  return new Date(nowMs - keptMs).toISOString();
}

function restorable({ db }: State, nowMs: number) {
  return db.selectFrom('sites').selectAll().where('deleted_at', '>', erasedUpTo(nowMs));
}

function toDeletedSite({ public_id, name, domains, deleted_at }: Omit<StateSchema['sites'], 'id'>): DeletedSite {
  const deletedAt = deleted_at ?? '';
  return {
    id: public_id,
    name,
    domains: JSON.parse(domains) as string[],
    deletedAt,
    erasedFrom: new Date(Date.parse(deletedAt) + keptMs).toISOString(),
  };
}

function toSite(row: Omit<StateSchema['sites'], 'id'> & { id: number }): SiteRecord {
  return {
    id: row.id,
    publicId: row.public_id,
    name: row.name,
    domains: JSON.parse(row.domains) as string[],
    timezone: row.timezone,
    settings: siteSettings.parse(JSON.parse(row.settings)),
    createdAt: row.created_at,
    firstEventAt: row.first_event_at,
  };
}
