import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { defineCommand } from 'citty';
import { dropReasons } from '../contract/names.ts';
import { dataArgument } from './arguments.ts';
import type { CliContext } from './context.ts';
import { WrongUsage } from './dispatch.ts';
import { type ImportSummary, importLines } from './import-lines.ts';
import { progressLine } from './progress-line.ts';
import { type SiteData, withSiteData } from './site-data.ts';

export function importCommand(context: CliContext) {
  const { stdin, stdout, stderr } = context.io;
  return defineCommand({
    meta: { name: 'telltale import', description: 'Add events of the past to a site: one JSON event a line.' },
    args: {
      file: { type: 'positional', description: 'A file, or - for standard input', required: true },
      site: { type: 'string', valueHint: 'id', description: 'Id of the site', required: true },
      format: { type: 'string', default: 'events', description: 'events: a line of JSON each' },
      'dry-run': { type: 'boolean', description: 'Check the lines and add nothing' },
      ...dataArgument,
    },
    async run({ args: { file, site, format, 'dry-run': dryRun, data } }) {
      if (format !== 'events') throw new WrongUsage(unknownFormat(format));
      const source = await openSource(file, stdin);
      const progress = progressLine(stderr, 'Importing');
      const importWith = (take?: SiteData['take']) => {
        // TRICKY: made only now, because an interface reads on while nobody asks for its lines, and those are lost.
        const lines = createInterface({ input: source.stream, crlfDelay: Number.POSITIVE_INFINITY });
        return importLines(lines, { take, onRead: () => progress.show(source.share()) });
      };
      const summary = dryRun
        ? await importWith()
        : await withSiteData(context, { data, site }, ({ take }) => importWith(take));
      progress.end();
      stderr.write(badLines(summary));
      stdout.write(`${inWords(summary, dryRun ?? false)}\n`);
      const duplicates = summary.dropped.duplicate ?? 0;
      if (summary.kept + duplicates === 0) throw new Error('Nothing could be kept.');
    },
  });
}

/** `share` is how much of it has been read, 0–1; 0 where nobody knows how much there is. */
async function openSource(file: string, stdin: NodeJS.ReadableStream) {
  if (file === '-') return { stream: stdin, share: () => 0 };
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) throw new Error(`There is no file ${file}.`);
  const stream = createReadStream(file);
  return { stream, share: () => (found.size === 0 ? 1 : stream.bytesRead / found.size) };
}

function unknownFormat(format: string): string {
  const planned = format === 'csv' || format === 'access-log';
  const hint = format === 'access-log' ? ' For Apache logs, examples/apache-log turns a log into events.' : '';
  return planned
    ? `The format ${format} cannot be imported yet: only events.${hint}`
    : `Unknown format "${format}": only events can be imported.`;
}

function badLines({ bad }: ImportSummary): string {
  const named = bad.first.map(({ line, problem }) => `Line ${line}: ${problem}\n`);
  const rest = bad.count - bad.first.length;
  return [...named, ...(rest > 0 ? [`… and ${rest} more lines that are no events.\n`] : [])].join('');
}

function inWords({ read, kept, dropped, bad }: ImportSummary, dryRun: boolean): string {
  const counts = { ...dropped, invalid: bad.count };
  const reasons = dropReasons.flatMap((reason) => (counts[reason] ? [`${reason} ${counts[reason]}`] : []));
  const sum = Object.values(counts).reduce((total, count) => total + count, 0);
  const lost = sum === 0 ? 'dropped none' : `dropped ${sum} (${reasons.join(', ')})`;
  return dryRun
    ? `Read ${read} lines: ${kept} are events, ${bad.count} are not. Nothing was added.`
    : `Read ${read} lines: kept ${kept}, ${lost}.`;
}
