import { defineCommand } from 'citty';
import type { List } from '../contract/answers.ts';
import type { Site } from '../contract/manage.ts';
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
    args: { ...dataArgument, ...jsonArgument },
    async run({ args: { data, json } }) {
      await withManagement(context, { data }, async ({ call }) => {
        const { items } = await call<List<Site>>('GET', '/sites');
        if (json) stdout.write(`${JSON.stringify(items)}\n`);
        else if (items.length === 0)
          stdout.write('There is no site yet. Add one with: telltale site add example.com\n');
        else stdout.write(columns([['ID', 'NAME', 'DOMAINS', 'TIME ZONE', 'FIRST EVENT'], ...items.map(toLine)]));
      });
    },
  });

  return defineCommand({
    meta: { name: 'telltale site', description: 'Add and list sites.' },
    subCommands: { add, list },
  });
}

/** What the owner of the site pastes into its pages. */
export function scriptTag(url: string, siteId: string): string {
  return `<script defer src="${url}/t/${siteId}.js"></script>`;
}

function toLine({ id, name, domains, timezone, firstEventAt }: Site): string[] {
  return [id, name, domains.join(' '), timezone, firstEventAt ?? 'waiting'];
}
