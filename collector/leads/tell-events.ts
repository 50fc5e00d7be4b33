import type { Kysely } from 'kysely';
import type { LeadEvent, LeadEventData, LeadStage, TouchData } from '../contract/leads.ts';
import type { Props, ServerEvent } from '../contract/wire.ts';
import { leadVisitorId } from '../hash.ts';
import type { State } from '../state/database.ts';
import type { LedgerChange } from '../state/lead-ledger.ts';
import { tieVisitor } from '../state/leads.ts';
import type { StateSchema } from '../state/schema.ts';

/** An event as it will be told, before it is known whose browser it belongs to. */
type Told = Omit<ServerEvent, 'visitor' | 'lead'> & { id: string };

/**
 * What a change is in the event store: touches under their kind, stages, owners and the first reply, so that a funnel can go from a
 * form to a won deal. What did not count is not told.
 */
export function toldEvents({ before, after, written }: LedgerChange, isNew: boolean): Told[] {
  const told: Told[] = [];
  let stage: LeadStage | null = isNew ? null : before.stage;
  const enter = (event: LeadEvent, to: LeadStage, more: Props = {}) => {
    if (to === stage) return;
    const props = { stage: to, from: stage ?? '', ...more };
    told.push(toEvent(after.id, event, { id: `${event.id}:stage`, name: 'lead_stage', props }));
    stage = to;
  };
  for (const event of written) {
    const { id, kind, data } = event;
    if (kind === 'identified') {
      if (stage === null || stage === 'incomplete') enter(event, data.complete ? 'new' : 'incomplete');
    } else if (kind === 'stage') enter(event, data.to, stageProps(data));
    else if (kind === 'owner' && data.to !== null)
      told.push(toEvent(after.id, event, { id: `${id}:owner`, name: 'lead_owner', props: { owner: data.to } }));
    else if (kind === 'touch' && data.notCounted !== 'scanner')
      told.push(toEvent(after.id, event, { id, name: data.touch, channel: data.channel, props: touchProps(data) }));
  }
  const last = written.at(-1);
  // Something was taken back, or came late.
  if (last) enter(last, after.stage);
  const replyMs = after.first_reply_at_ms;
  if (last && replyMs !== null && before.first_reply_at_ms === null)
    told.push({
      ...toEvent(after.id, last, { id: `${after.id}:reply`, name: 'lead_first_reply', props: {} }),
      at: replyMs,
    });
  return told;
}

/** Every event names its lead and the entry of the ledger, so that nobody shows both. */
function toEvent(
  lead: string,
  { id, atMs }: LeadEvent,
  event: Pick<Told, 'id' | 'name'> & { props: Props; channel?: string },
): Told {
  return { ...event, at: atMs, props: { lead, lead_event: id, ...event.props } };
}

function stageProps({ to, reason, value, currency }: LeadEventData['stage']): Props {
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(to === 'won' && value !== undefined ? { value, ...(currency ? { currency } : {}) } : {}),
  };
}

function touchProps({ direction, outcome, seconds, notCounted }: TouchData): Props {
  return {
    direction,
    ...(outcome === undefined ? {} : { outcome }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(notCounted ? { automatic: true } : {}),
  };
}

/**
 * Puts what a change is in the event store into the outbox, on the first browser of the lead, else on one that stands for it. Call it
 * inside the transaction of the change.
 */
export async function tellEvents(
  trx: Kysely<StateSchema>,
  {
    change,
    isNew,
    isTold,
    leadId,
    nowMs,
  }: { change: LedgerChange; isNew: boolean; isTold: boolean; leadId: string; nowMs: number },
): Promise<void> {
  const touches = new Set(change.written.flatMap(({ id, kind }) => (kind === 'touch' ? [id] : [])));
  const told = toldEvents(change, isNew).filter(({ id }) => isTold || !touches.has(id));
  if (told.length === 0) return;
  const { site_id, id } = change.after;
  const browser = await trx
    .selectFrom('lead_visitors')
    .select('visitor_id')
    .where('said_lead_id', '=', leadId)
    .orderBy('since')
    .orderBy('visitor_id')
    .executeTakeFirst();
  const visitor = browser?.visitor_id ?? leadVisitorId(site_id, leadId);
  if (!browser) {
    const lead = { id: leadId, person_id: id, site_id };
    await tieVisitor(trx, { visitorId: visitor, lead, at: new Date(nowMs).toISOString() });
  }
  await trx
    .insertInto('lead_outbox')
    .values(told.map((event) => ({ site_id, event: JSON.stringify({ ...event, visitor }) })))
    .execute();
}

const eventsPerBite = 500;

/**
 * Sends what waits in the outbox on; each is taken out when it is durable. Whoever dies in between sends it again, and the door knows
 * it by its id. Answers how many were sent.
 */
export async function emptyOutbox(
  { db }: Pick<State, 'db'>,
  send: (siteId: number, events: ServerEvent[]) => Promise<unknown>,
): Promise<number> {
  let sent = 0;
  for (;;) {
    const rows = await db.selectFrom('lead_outbox').selectAll().orderBy('id').limit(eventsPerBite).execute();
    for (const siteId of new Set(rows.map((row) => row.site_id))) {
      const own = rows.filter((row) => row.site_id === siteId);
      await send(
        siteId,
        own.map(({ event }) => JSON.parse(event) as ServerEvent),
      );
      const ids = own.map(({ id }) => id);
      await db.deleteFrom('lead_outbox').where('id', 'in', ids).execute();
    }
    sent += rows.length;
    if (rows.length < eventsPerBite) return sent;
  }
}
