import { stringify } from 'csv-stringify/sync';
import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import * as z from 'zod';
import type { ClickHouse } from '../clickhouse/client.ts';
import { instantOrDate } from '../contract/time.ts';
import { AppError } from '../errors.ts';
import { type ExportedEvent, exportEvents } from '../queries/export-events.ts';
import { toInstant } from '../queries/range.ts';
import type { Env } from './env.ts';
import { describe, query } from './parse.ts';

export const exportFormats = ['events', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

const exportQuery = z.object({
  /** `events`: newline-delimited JSON in the shape that import takes. */
  format: z.enum(exportFormats).default('events'),
  from: instantOrDate.default('1990-01-01'),
  to: instantOrDate.default('2099-12-31'),
});

/** `GET /export`: every event of a site, as a download that is written while it is read. */
export function exportRoutes({ clickhouse }: { clickhouse: ClickHouse }): Hono<Env> {
  const app = new Hono<Env>();
  app.get(
    '/export',
    describe('sites', 'Every event of a site', 'Newline-delimited JSON, or CSV with format=csv.'),
    query(exportQuery),
    async (c) => {
      const { format, from, to } = c.req.valid('query');
      const { id, timezone } = c.get('site');
      const span = { fromMs: toInstant(from, timezone), toMs: toInstant(to, timezone) };
      if (!(span.fromMs < span.toMs)) {
        throw new AppError('invalid_request', { details: [{ path: 'to', message: 'It must lie after `from`.' }] });
      }
      const ended = new AbortController();
      const lines = exportLines(exportEvents(clickhouse, { siteId: id, span, signal: ended.signal }), format);
      // The first lines are read before the answer begins: a question that fails is still answered with its error.
      const first = await lines.next();
      c.header('content-type', format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8');
      c.header('content-disposition', `attachment; filename="events.${format === 'csv' ? 'csv' : 'ndjson'}"`);
      c.header('cache-control', 'no-store');
      return stream(c, async (output) => {
        output.onAbort(() => ended.abort());
        if (!first.done) await output.write(first.value);
        for await (const line of lines) await output.write(line);
      });
    },
  );
  return app;
}

/** Events as text, some hundred at a time. */
export async function* exportLines(
  events: AsyncIterable<ExportedEvent>,
  format: ExportFormat,
): AsyncGenerator<string, void> {
  const asText = format === 'csv' ? toCsv : toJsonLines;
  let some: ExportedEvent[] = [];
  let begun = false;
  for await (const event of events) {
    some.push(event);
    if (some.length < 500) continue;
    yield asText(some, !begun);
    begun = true;
    some = [];
  }
  if (some.length > 0 || !begun) yield asText(some, !begun);
}

function toJsonLines(events: ExportedEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

const csvColumns = [
  'id',
  'at',
  'name',
  'visitor',
  'session',
  'url',
  'ref',
  'title',
  'channel',
  'country',
  'device',
  'browser',
  'os',
  'props',
] as const satisfies (keyof ExportedEvent)[];

/** TRICKY: a title is written by whoever makes the page, and a spreadsheet runs a cell that starts with "=". */
function toCsv(events: ExportedEvent[], header: boolean): string {
  const records = events.map((event) => ({ ...event, props: event.props ? JSON.stringify(event.props) : '' }));
  return stringify(records, { header, columns: [...csvColumns], escape_formulas: true });
}
