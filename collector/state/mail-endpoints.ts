import type { Kysely } from 'kysely';
import type { State } from './database.ts';
import type { StateSchema } from './schema.ts';

type Db = Kysely<StateSchema>;

/** What is told by mail to whoever gets the reports; news of a lead are addressed to one person each. */
const mailEvents = ['leak.detected', 'report.weekly'];

/**
 * Mail is an endpoint of every site, so that it is listed, switched off, tried again and logged as the others are. Makes it where it is
 * missing; `recipients` null takes it away, because no mail can be sent.
 */
export async function prepareMailEndpoints(
  { db, box }: Pick<State, 'db' | 'box'>,
  { siteIds, recipients, nowMs }: { siteIds: readonly number[]; recipients: readonly string[] | null; nowMs: number },
): Promise<void> {
  const at = new Date(nowMs).toISOString();
  if (recipients === null) {
    await db
      .updateTable('endpoints')
      .set({ deleted_at: at })
      .where('kind', '=', 'mail')
      .where('deleted_at', 'is', null)
      .execute();
    return;
  }
  const url = `mailto:${recipients.join(',')}`;
  for (const siteId of siteIds) await addMailEndpoint(db, { siteId, url, secret: box.seal('[]'), at });
}

/** The mail endpoint of a site; null where mail is not set up, or switched off. */
export async function mailEndpointOf(db: Db, siteId: number): Promise<string | null> {
  const row = await db
    .selectFrom('endpoints')
    .select('id')
    .where('id', '=', mailEndpointId(siteId))
    .where('enabled', '=', 1)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row?.id ?? null;
}

function mailEndpointId(siteId: number): string {
  return `end_mail_${siteId}`;
}

async function addMailEndpoint(
  db: Db,
  { siteId, url, secret, at }: { siteId: number; url: string; secret: string; at: string },
): Promise<void> {
  await db
    .insertInto('endpoints')
    .values({
      id: mailEndpointId(siteId),
      site_id: siteId,
      kind: 'mail',
      name: 'E-mail',
      url,
      events: JSON.stringify(mailEvents),
      secret,
      enabled: 1,
      disabled_reason: null,
      disabled_by: null,
      disabled_at: null,
      failing_since: null,
      created_at: at,
      deleted_at: null,
      template: null,
      tested_at: null,
      test_error: null,
      recovering_since_ms: null,
    })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ url, deleted_at: null }))
    .execute();
}
