import { once } from 'node:events';
import { defineCommand } from 'citty';
import { exportFormats } from '../routes/export.ts';
import { dataArgument } from './arguments.ts';
import type { CliContext } from './context.ts';
import { withSiteData } from './site-data.ts';

export function exportCommand(context: CliContext) {
  const { stdout } = context.io;
  return defineCommand({
    meta: { name: 'telltale export', description: 'Print every event of a site, as import takes them or as CSV.' },
    args: {
      site: { type: 'string', valueHint: 'id', description: 'Id of the site', required: true },
      format: {
        type: 'enum',
        options: [...exportFormats],
        default: 'events',
        description: 'events: a line of JSON each; csv: for spreadsheets',
      },
      from: { type: 'string', valueHint: '2026-09-01', description: 'First day, in the time zone of the site' },
      to: { type: 'string', valueHint: '2026-10-01', description: 'The day after the last one' },
      ...dataArgument,
    },
    async run({ args: { site, format, from, to, data } }) {
      await withSiteData(context, { data, site }, async ({ read }) => {
        for await (const piece of await read({ format, from, to })) {
          // A slow reader (a pipe into gzip) must not make us hold the whole site in memory.
          if (!stdout.write(piece)) await once(stdout, 'drain');
        }
      });
    },
  });
}
