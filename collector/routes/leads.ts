import { Hono } from 'hono';
import * as z from 'zod';
import type { ClickHouse } from '../clickhouse/client.ts';
import type { List } from '../contract/answers.ts';
import { type Lead, type LeadDetail, type LeadOwner, leadListQuery, leadView } from '../contract/lead-answers.ts';
import { leadPatch, newLead, newTouch } from '../contract/leads.ts';
import { limits } from '../contract/limits.ts';
import { createNamedVisitors } from '../ingest/visitor-id.ts';
import { createLead } from '../leads/create-lead.ts';
import { readLeadDetail } from '../leads/lead-detail.ts';
import { readPhoto } from '../leads/lead-photos.ts';
import { leadTimeline } from '../leads/lead-timeline.ts';
import { readNames, toLead } from '../leads/lead-view.ts';
import type { Ledger } from '../leads/ledger.ts';
import { mergeLeads, unmergeLead } from '../leads/merge-leads.ts';
import { patchLead } from '../leads/patch-lead.ts';
import { ledgerSettings } from '../leads/record.ts';
import { recordTouch } from '../leads/record-touch.ts';
import { momentOf } from '../leads/step-time.ts';
import { undoEvent } from '../leads/undo-event.ts';
import { eventsOfPerson, personOf } from '../state/lead-ledger.ts';
import { listLeads } from '../state/lead-list.ts';
import { createLeadViews } from '../state/lead-views.ts';
import { visitorsOfLead } from '../state/leads.ts';
import { listOwners } from '../state/owners.ts';
import type { SiteRecord } from '../state/sites.ts';
import { actorOf } from './actor-of.ts';
import { definitionRoutes } from './definitions.ts';
import type { Env } from './env.ts';
import { describe, json, query } from './parse.ts';

const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(limits.listLimit).default(100),
  cursor: z.string().max(200).optional(),
});
const mergeRequest = z.strictObject({
  /** The lead that becomes part of the one in the address. */
  from: z.string().min(1).max(limits.idLength),
});

export interface LeadDependencies {
  ledger: Ledger;
  clickhouse: ClickHouse;
}

/** The ledger. Mount under `/api/v1/sites/:site`. */
export function leadRoutes({ ledger, clickhouse }: LeadDependencies): Hono<Env> {
  const app = new Hono<Env>();
  const { state, now } = ledger;
  const visitorNamed = createNamedVisitors();
  const detail = (site: SiteRecord, leadId: string): Promise<LeadDetail> => readLeadDetail(ledger, { site, leadId });

  app.get(
    '/leads',
    describe('leads', 'Leads', 'With filters, a search inside words, and five orders.'),
    query(leadListQuery),
    async (c) => {
      const site = c.get('site');
      const { limit, cursor, due, ...question } = c.req.valid('query');
      const dueMs = due === undefined ? undefined : momentOf(due, site);
      const { rows, total, next } = await listLeads(
        state.db,
        { ...question, siteId: site.id, dueMs, nowMs: now() },
        { limit, cursor },
      );
      const view = { names: await readNames(state.db, site.id), ...ledgerSettings(site, now()) };
      return c.json({ items: rows.map((row) => toLead(row, view)), total, next } satisfies List<Lead>);
    },
  );
  app.post(
    '/leads',
    describe('leads', 'Add a lead', 'One known field is enough. Somebody who is known already gets what is new.'),
    json(newLead),
    async (c) => {
      const site = c.get('site');
      const said = c.req.valid('json');
      const visitorId = said.visitor === undefined ? undefined : visitorNamed(site.id, said.visitor).id;
      const actor = actorOf(c.get('principal'));
      const { lead, created, problems } = await createLead(ledger, { site, said, actor, how: 'api', visitorId });
      return c.json({ ...(await detail(site, lead.id)), created, problems }, created ? 201 : 200);
    },
  );
  app.get(
    '/leads/:id',
    describe('leads', 'One lead', 'A lead that was merged answers as the one it is part of.'),
    async (c) => c.json(await detail(c.get('site'), c.req.param('id'))),
  );
  app.patch('/leads/:id', describe('leads', 'Change a lead'), json(leadPatch), async (c) => {
    const [site, leadId] = [c.get('site'), c.req.param('id')];
    await patchLead(ledger, { site, leadId, patch: c.req.valid('json'), actor: actorOf(c.get('principal')) });
    return c.json(await detail(site, leadId));
  });
  app.post('/leads/:id/touches', describe('leads', 'Tell of a touch'), json(newTouch), async (c) => {
    const [site, leadId] = [c.get('site'), c.req.param('id')];
    await recordTouch(ledger, {
      site,
      of: { leadId },
      touch: c.req.valid('json'),
      actor: actorOf(c.get('principal')),
    });
    return c.json(await detail(site, leadId), 201);
  });
  app.get(
    '/leads/:id/timeline',
    describe('leads', 'Everything that is known of a person, newest first'),
    query(pageQuery),
    async (c) => {
      const site = c.get('site');
      const person = await personOf(state.db, { siteId: site.id, leadId: c.req.param('id') });
      return c.json(
        await leadTimeline(clickhouse, {
          siteId: site.id,
          visitorIds: await visitorsOfLead(state, site.id, person.id),
          events: await eventsOfPerson(state.db, person.id),
          names: await readNames(state.db, site.id),
          ...c.req.valid('query'),
        }),
      );
    },
  );
  app.post(
    '/leads/:id/merge',
    describe('leads', 'Make one person of two leads', 'It can be taken back.'),
    json(mergeRequest),
    async (c) => {
      const [site, leadId] = [c.get('site'), c.req.param('id')];
      await mergeLeads(ledger, { site, leadId, from: c.req.valid('json').from, actor: actorOf(c.get('principal')) });
      return c.json(await detail(site, leadId));
    },
  );
  app.post('/leads/:id/unmerge', describe('leads', 'Take a merge back', 'For the lead that was merged.'), async (c) => {
    const [site, leadId] = [c.get('site'), c.req.param('id')];
    await unmergeLead(ledger, { site, leadId, actor: actorOf(c.get('principal')) });
    return c.json(await detail(site, leadId));
  });
  app.post('/leads/:id/undo/:event', describe('leads', 'Take one entry of the history back'), async (c) => {
    const [site, leadId] = [c.get('site'), c.req.param('id')];
    const eventId = c.req.param('event');
    await undoEvent(ledger, { site, leadId, eventId, actor: actorOf(c.get('principal')) });
    return c.json(await detail(site, leadId));
  });
  app.get('/photos/:id', describe('leads', 'A photo of a lead'), async (c) => {
    const { type, content } = await readPhoto(ledger, { siteId: c.get('site').id, id: c.req.param('id') });
    // TRICKY: whatever the bytes hold besides a picture, a browser must neither guess at it nor run it.
    c.header('content-type', type);
    c.header('content-security-policy', "default-src 'none'; sandbox");
    c.header('cache-control', 'private, max-age=3600');
    return c.body(content);
  });
  app.get('/owners', describe('leads', 'Everybody whom leads may belong to'), async (c) => {
    const items = await listOwners(state.db, c.get('site').id);
    return c.json({ items, total: items.length, next: null } satisfies List<LeadOwner>);
  });
  app.route('/', definitionRoutes('lead-views', 'view', createLeadViews(state, now), leadView));
  return app;
}
