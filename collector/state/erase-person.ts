import { type Kysely, sql } from 'kysely';
import { deleteCases, deleteLeads, deleteMessages } from './delete-records.ts';
import type { StateSchema } from './schema.ts';

type Db = Kysely<StateSchema>;

/** One person: the leads it was, the visitors it came as, and by which names messages may speak of it. */
export interface PersonIds {
  siteId: number;
  leadIds: string[];
  visitorIds: string[];
}

/** Everybody who is the same person as what is named; empty lists where nobody is known. */
export async function findPersonIds(
  db: Db,
  { siteId, visitor, lead, email }: { siteId: number; visitor?: string; lead?: string; email?: string },
): Promise<PersonIds> {
  const persons = new Set<string>();
  const add = (rows: readonly { person_id: string }[]) => {
    for (const row of rows) persons.add(row.person_id);
  };
  const leads = db.selectFrom('leads').select('person_id').where('site_id', '=', siteId);
  if (lead !== undefined) add(await leads.where('id', '=', lead).execute());
  if (visitor !== undefined) {
    const tied = db.selectFrom('lead_visitors').select('lead_id').where('site_id', '=', siteId);
    add(await leads.where('id', 'in', tied.where('visitor_id', '=', visitor)).execute());
  }
  if (email !== undefined) {
    const named = db
      .selectFrom('lead_identities')
      .select('lead_id')
      .where('site_id', '=', siteId)
      .where('kind', '=', 'email')
      .where('value', '=', email.trim().toLowerCase());
    add(await leads.where('id', 'in', named).execute());
  }
  const all = [...persons];
  const members =
    all.length === 0 ? [] : await db.selectFrom('leads').select('id').where('person_id', 'in', all).execute();
  const leadIds = members.map(({ id }) => id);
  const visitors =
    leadIds.length === 0
      ? []
      : await db.selectFrom('lead_visitors').select('visitor_id').where('lead_id', 'in', leadIds).execute();
  const visitorIds = new Set(visitors.map((row) => row.visitor_id));
  if (visitor !== undefined) visitorIds.add(visitor);
  return { siteId, leadIds, visitorIds: [...visitorIds] };
}

/** Ids of the messages, and of the cases, that are about a person. */
export async function recordsOfPerson(
  db: Db,
  person: PersonIds,
): Promise<{ caseIds: string[]; deliveryIds: string[] }> {
  const { siteId, leadIds, visitorIds } = person;
  const cases =
    visitorIds.length === 0
      ? []
      : await db
          .selectFrom('cases')
          .select('id')
          .where('site_id', '=', siteId)
          .where('visitor_id', 'in', visitorIds)
          .execute();
  const caseIds = cases.map(({ id }) => id);
  const words = [...leadIds, ...visitorIds];
  if (words.length === 0) return { caseIds, deliveryIds: [] };
  // A list of people is a message, too: whoever is in it, is in its text.
  const deliveries = await db
    .selectFrom('deliveries')
    .select('id')
    .where('site_id', '=', siteId)
    .where(({ or, eb }) =>
      or([
        ...words.map((word) => sql<boolean>`instr(body, ${word}) > 0`),
        ...(caseIds.length > 0 ? [eb('case_id', 'in', caseIds)] : []),
      ]),
    )
    .execute();
  return { caseIds, deliveryIds: deliveries.map(({ id }) => id) };
}

/** Deletes everything that the state store has of a person. Answers how many of each. Call it inside a transaction. */
export async function erasePerson(
  trx: Db,
  person: PersonIds,
): Promise<{ leads: number; cases: number; messages: number }> {
  const { siteId, leadIds, visitorIds } = person;
  const { caseIds, deliveryIds } = await recordsOfPerson(trx, person);
  await deleteMessages(trx, deliveryIds);
  await deleteCases(trx, caseIds);
  for (const visitor of visitorIds) {
    await sql`DELETE FROM lead_outbox WHERE site_id = ${siteId} AND instr(event, ${visitor}) > 0`.execute(trx);
    await trx.deleteFrom('lead_visitors').where('site_id', '=', siteId).where('visitor_id', '=', visitor).execute();
  }
  await deleteLeads(trx, leadIds);
  return { leads: leadIds.length, cases: caseIds.length, messages: deliveryIds.length };
}
