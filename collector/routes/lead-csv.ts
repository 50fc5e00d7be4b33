import { stringify } from 'csv-stringify/sync';
import { Hono } from 'hono';
import { stream } from 'hono/streaming';
import { type Lead, leadListQuery } from '../contract/lead-answers.ts';
import { leadColumns } from '../leads/lead-columns.ts';
import { readNames, toLead } from '../leads/lead-view.ts';
import type { Ledger } from '../leads/ledger.ts';
import { ledgerSettings } from '../leads/record.ts';
import { momentOf } from '../leads/step-time.ts';
import { allLeads } from '../state/lead-list.ts';
import type { Env } from './env.ts';
import { describe, query } from './parse.ts';

/** `GET /leads.csv`: the list that the same question to `/leads` gives, whole, as a table. */
export function leadCsvRoutes({ ledger }: { ledger: Ledger }): Hono<Env> {
  const app = new Hono<Env>();
  const { state, now } = ledger;
  app.get(
    '/leads.csv',
    describe('leads', 'A list of leads as CSV', 'Takes the filters and the order of the list.'),
    query(leadListQuery.omit({ limit: true, cursor: true })),
    async (c) => {
      const site = c.get('site');
      const { due, ...question } = c.req.valid('query');
      const dueMs = due === undefined ? undefined : momentOf(due, site);
      const view = { names: await readNames(state.db, site.id), ...ledgerSettings(site, now()) };
      const pages = allLeads(state.db, { ...question, siteId: site.id, dueMs, nowMs: now() });
      c.header('content-type', 'text/csv; charset=utf-8');
      c.header('content-disposition', 'attachment; filename="leads.csv"');
      return stream(c, async (output) => {
        let header = true;
        for await (const rows of pages) {
          await output.write(
            toCsv(
              rows.map((row) => toLead(row, view)),
              header,
            ),
          );
          header = false;
        }
      });
    },
  );
  return app;
}

/** TRICKY: whoever fills in a form chooses his name, and a spreadsheet runs a cell that starts with "=". */
function toCsv(leads: readonly Lead[], header: boolean): string {
  const records = leads.map(
    (lead): Record<(typeof leadColumns)[number], string | number | null> => ({
      ...lead,
      owner: lead.owner?.name ?? lead.owner?.id ?? null,
      nextStep: lead.nextStep?.text ?? null,
      nextStepAt: lead.nextStep?.at ?? null,
      channel: lead.first.channel ?? null,
      source: lead.first.source ?? null,
      medium: lead.first.medium ?? null,
      campaign: lead.first.campaign ?? null,
      leaking: lead.leaking.join(' '),
      lastTouchAt: lead.lastTouch?.at ?? null,
      lastTouch: lead.lastTouch?.kind ?? null,
    }),
  );
  return stringify(records, { header, columns: [...leadColumns], escape_formulas: true });
}
