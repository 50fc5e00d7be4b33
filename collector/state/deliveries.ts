import type { ExpressionBuilder, Kysely, Selectable } from 'kysely';
import type { DeliveryState, WebhookEvent } from '../contract/names.ts';
import type { Attempt, Delivery } from '../contract/webhooks.ts';
import { AppError } from '../errors.ts';
import { type Keyset, parseCursor, toPage } from './keyset.ts';
import type { StateSchema } from './schema.ts';

type Db = Kysely<StateSchema>;
export type DeliveryRow = Selectable<StateSchema['deliveries']>;

export interface DeliveryFilter {
  siteId: number;
  endpointId?: string | undefined;
  /** `dead`: given up after all attempts, so that somebody has to look at it; tests are not among them. */
  state?: DeliveryState | 'dead' | undefined;
  /** ISO 8601, half-open, by when the message was made. */
  from?: string | undefined;
  to?: string | undefined;
  type?: WebhookEvent | undefined;
  caseId?: string | undefined;
}

/** Newest first, each with its attempts. `total` counts every row of the filter. */
export async function listDeliveries(
  db: Db,
  filter: DeliveryFilter,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ items: Delivery[]; total: number; next: string | null }> {
  const after = parseCursor(page.cursor);
  const rows = await filtered(db, filter)
    .selectAll()
    .$if(after !== undefined, (query) => query.where((eb) => isBefore(eb, after ?? { sort: '', id: '' })))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
    .execute();
  const { total } = await filtered(db, filter)
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  const { rows: shown, next } = toPage(rows, { limit: page.limit, sortOf: (row) => row.created_at });
  return { items: await withAttempts(db, shown), total, next };
}

/** Throws `not_found`. */
export async function getDelivery(db: Db, siteId: number, id: string): Promise<Delivery> {
  const rows = await filtered(db, { siteId }).selectAll().where('id', '=', id).execute();
  const [delivery] = await withAttempts(db, rows);
  if (!delivery) throw new AppError('not_found');
  return delivery;
}

function filtered(db: Db, { siteId, endpointId, state, from, to, type, caseId }: DeliveryFilter) {
  return db
    .selectFrom('deliveries')
    .where('site_id', '=', siteId)
    .$if(endpointId !== undefined, (query) => query.where('endpoint_id', '=', endpointId ?? ''))
    .$if(state !== undefined, (query) => query.where('state', '=', state === 'dead' ? 'failed' : (state ?? 'pending')))
    .$if(state === 'dead', (query) => query.where('type', '!=', 'webhook.test'))
    .$if(from !== undefined, (query) => query.where('created_at', '>=', from ?? ''))
    .$if(to !== undefined, (query) => query.where('created_at', '<', to ?? ''))
    .$if(type !== undefined, (query) => query.where('type', '=', type ?? 'webhook.test'))
    .$if(caseId !== undefined, (query) => query.where('case_id', '=', caseId ?? ''));
}

function isBefore(eb: ExpressionBuilder<StateSchema, 'deliveries'>, after: Keyset) {
  return eb.or([
    eb('created_at', '<', after.sort),
    eb.and([eb('created_at', '=', after.sort), eb('id', '<', after.id)]),
  ]);
}

async function withAttempts(db: Db, rows: DeliveryRow[]): Promise<Delivery[]> {
  if (rows.length === 0) return [];
  const attempts = await db
    .selectFrom('attempts')
    .selectAll()
    .where(
      'delivery_id',
      'in',
      rows.map((row) => row.id),
    )
    .orderBy('id')
    .execute();
  const names = await db
    .selectFrom('endpoints')
    .select(['id', 'name'])
    .where('id', 'in', [...new Set(rows.map((row) => row.endpoint_id))])
    .execute();
  return rows.map((row) => ({
    id: row.id,
    endpointId: row.endpoint_id,
    endpoint: names.find((endpoint) => endpoint.id === row.endpoint_id)?.name ?? '',
    type: row.type,
    caseId: row.case_id,
    state: row.state,
    note: row.state_note,
    createdAt: row.created_at,
    deliveredAt: row.delivered_at,
    nextAttemptAt: row.state === 'pending' ? new Date(row.next_at_ms).toISOString() : null,
    attempts: attempts
      .filter((attempt) => attempt.delivery_id === row.id)
      .map(
        ({ at, status, error, ms, response, request }): Attempt => ({
          at,
          status,
          error,
          ms,
          response,
          request: request === null ? null : (JSON.parse(request) as Attempt['request']),
        }),
      ),
    body: row.sent_body ?? row.body,
  }));
}
