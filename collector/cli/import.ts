import { defineCommand } from 'citty';
import { dropReasons } from '../contract/names.ts';
import { parseMap } from '../import/csv.ts';
import { formatNames, formats } from '../import/formats.ts';
import { openSource } from '../import/open-source.ts';
import { type ImportSummary, skipReasons } from '../import/summary.ts';
import { dataArgument } from './arguments.ts';
import type { CliContext } from './context.ts';
import { WrongUsage } from './dispatch.ts';
import { dryRunTarget, importRecords } from './import-records.ts';
import { withImportTarget } from './import-target.ts';
import { progressLine } from './progress-line.ts';

export function importCommand(context: CliContext) {
  const { stdin, stdout, stderr } = context.io;
  return defineCommand({
    meta: {
      name: 'telltale import',
      description: 'Add events of the past to a site. The same file twice adds nothing.',
    },
    args: {
      file: { type: 'positional', description: 'A file, plain or gzipped, or - for standard input', required: true },
      site: { type: 'string', valueHint: 'id', description: 'Id of the site', required: true },
      format: {
        type: 'enum',
        options: [...formatNames],
        default: 'events',
        description: 'events: a line of JSON each; access-log: Apache or nginx, combined; rows of other products',
      },
      map: {
        type: 'string',
        valueHint: 'field=column,…',
        description: 'For csv: the column of each field, as at=Date',
      },
      'dry-run': { type: 'boolean', description: 'Check the file and add nothing' },
      ...dataArgument,
    },
    async run({ args: { file, site, format, map: mapText, 'dry-run': dryRun, data } }) {
      if (mapText !== undefined && format !== 'csv') throw new WrongUsage('--map is for --format csv.');
      const map = mapText === undefined ? undefined : parsedMap(mapText);
      const source = await openSource(file, stdin);
      const progress = progressLine(stderr, 'Importing');
      const onRead = () => progress.show(source.share());
      const read = (origin: string) => formats[format](source.bytes, { origin, map });
      const summary = dryRun
        ? await importRecords(read('https://example.com'), dryRunTarget(), onRead)
        : await withImportTarget(context, { data, site }, (target) =>
            importRecords(read(target.origin), target, onRead),
          );
      progress.end();
      stderr.write(badLines(summary));
      stdout.write(`${inWords(summary, dryRun ?? false)}\n`);
      const duplicates = summary.dropped.duplicate ?? 0;
      if (summary.kept + duplicates === 0) throw new Error('Nothing could be kept.');
    },
  });
}

function parsedMap(text: string): Map<string, string> {
  try {
    return parseMap(text);
  } catch (error) {
    throw new WrongUsage(error instanceof Error ? error.message : String(error));
  }
}

function badLines({ bad }: ImportSummary): string {
  const named = bad.first.map(({ line, problem }) => `Line ${line}: ${problem}\n`);
  const rest = bad.count - bad.first.length;
  return [...named, ...(rest > 0 ? [`… and ${rest} more lines that are no events.\n`] : [])].join('');
}

function inWords({ read, kept, dropped, bad }: ImportSummary, dryRun: boolean): string {
  const counts = { ...dropped, invalid: bad.count };
  const reasons = [...skipReasons, ...dropReasons].flatMap((reason) =>
    counts[reason] ? [`${reason} ${counts[reason]}`] : [],
  );
  const sum = Object.values(counts).reduce((total, count) => total + count, 0);
  const lost = sum === 0 ? 'dropped none' : `dropped ${sum} (${reasons.join(', ')})`;
  return dryRun
    ? `Read ${read} lines: ${kept} would be kept, ${lost}. Nothing was added.`
    : `Read ${read} lines: kept ${kept}, ${lost}.`;
}
