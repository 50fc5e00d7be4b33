import { defineCommand } from 'citty';
import type { List } from '../contract/answers.ts';
import { limits } from '../contract/limits.ts';
import type { DeletedSite, Site } from '../contract/manage.ts';
import { dataArgument, jsonArgument } from './arguments.ts';
import { columns } from './columns.ts';
import type { CliContext } from './context.ts';
import { withManagement } from './management.ts';

export function siteCommand(context: CliContext) {
  const { stdout } = context.io;

  const add = defineCommand({
    meta: { name: 'telltale site add', description: 'Add a site and print its script tag.' },
    args: {
      domain: { type: 'positional', description: 'Its domain, as example.com', required: true },
      name: { type: 'string', description: 'Shown name; the domain where left out' },
      timezone: { type: 'string', valueHint: 'Europe/Berlin', description: 'Where its days begin; UTC where left out' },
      ...dataArgument,
      ...jsonArgument,
    },
    async run({ args: { domain, name, timezone, data, json } }) {
      await withManagement(context, { data }, async ({ call, url }) => {
        const site = await call<Site>('POST', '/sites', { domain, name, timezone });
        const tag = scriptTag(url, site.id);
        stdout.write(json ? `${JSON.stringify({ ...site, tag })}\n` : `Site ${site.id}\n\n${tag}\n`);
      });
    },
  });

  const list = defineCommand({
    meta: { name: 'telltale site list', description: 'List all sites.' },
    args: {
      deleted: { type: 'boolean', description: 'Those that were deleted and can be restored' },
      ...dataArgument,
      ...jsonArgument,
    },
    async run({ args: { deleted, data, json } }) {
      await withManagement(context, { data }, async ({ call }) => {
        if (deleted) return listDeleted((await call<List<DeletedSite>>('GET', '/deleted-sites')).items, json);
        const { items } = await call<List<Site>>('GET', '/sites');
        if (json) stdout.write(`${JSON.stringify(items)}\n`);
        else if (items.length === 0)
          stdout.write('There is no site yet. Add one with: telltale site add example.com\n');
        else stdout.write(columns([['ID', 'NAME', 'DOMAINS', 'TIME ZONE', 'FIRST EVENT'], ...items.map(toLine)]));
      });
    },
  });

  const listDeleted = (items: DeletedSite[], json: boolean | undefined) => {
    if (json) stdout.write(`${JSON.stringify(items)}\n`);
    else if (items.length === 0) stdout.write('No site can be restored.\n');
    else stdout.write(columns([['ID', 'NAME', 'DELETED', 'ERASED FROM'], ...items.map(toDeletedLine)]));
  };

  const remove = defineCommand({
    meta: {
      name: 'telltale site delete',
      description: `Delete a site. For ${limits.deletedSiteDays} days it can be restored.`,
    },
    args: { site: siteArgument, ...dataArgument },
    async run({ args: { site, data } }) {
      await withManagement(context, { data }, async ({ call }) => {
        await call('DELETE', `/sites/${encodeURIComponent(site)}`);
        stdout.write(
          `Site ${site} is deleted: it takes no event and sends nothing any more.\n` +
            `For ${limits.deletedSiteDays} days it can be restored, with: telltale site restore ${site}\n`,
        );
      });
    },
  });

  const restore = defineCommand({
    meta: { name: 'telltale site restore', description: 'Restore a deleted site.' },
    args: { site: siteArgument, ...dataArgument },
    async run({ args: { site, data } }) {
      await withManagement(context, { data }, async ({ call }) => {
        const { id, name } = await call<Site>('POST', `/deleted-sites/${encodeURIComponent(site)}/restore`);
        stdout.write(`Site ${id} (${name}) is back.\n`);
      });
    },
  });

  return defineCommand({
    meta: { name: 'telltale site', description: 'Add, list, delete and restore sites.' },
    subCommands: { add, list, delete: remove, restore },
  });
}

/** What the owner of the site pastes into its pages. */
export function scriptTag(url: string, siteId: string): string {
  return `<script defer src="${url}/t/${siteId}.js"></script>`;
}

const siteArgument = {
  type: 'positional',
  description: 'Its id, as `telltale site list` has it',
  required: true,
} as const;

function toDeletedLine({ id, name, deletedAt, erasedFrom }: DeletedSite): string[] {
  return [id, name, deletedAt.slice(0, 10), erasedFrom.slice(0, 10)];
}

function toLine({ id, name, domains, timezone, firstEventAt }: Site): string[] {
  return [id, name, domains.join(' '), timezone, firstEventAt ?? 'waiting'];
}
