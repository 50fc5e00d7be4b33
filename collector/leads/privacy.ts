import type { ClickHouse } from '../clickhouse/client.ts';
import type { ErasedPerson, ExportedPerson } from '../contract/privacy.ts';
import { AppError } from '../errors.ts';
import { personEvents } from '../queries/person-events.ts';
import { erasePerson, findPersonIds, type PersonIds, recordsOfPerson } from '../state/erase-person.ts';
import { readLeadDetail } from './lead-detail.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerSite } from './record.ts';

export interface PrivacyDependencies {
  ledger: Ledger;
  clickhouse: ClickHouse;
  /** Brings what was received to the event store, so that nothing comes after. */
  spool: { flush(): Promise<void> };
  /** Deletes the events of visitors, now or as soon as the event store answers, and after a backup was brought back. */
  erasures: { erase(siteId: number, visitorIds: readonly string[]): Promise<{ done: boolean }> };
}

export interface Named {
  visitor?: string;
  lead?: string;
  email?: string;
}

/** Everything that is stored of one person. Throws `not_found` where nobody is known by that name. */
export async function exportPerson(
  { ledger, clickhouse, spool }: PrivacyDependencies,
  { site, named }: { site: LedgerSite; named: Named },
): Promise<ExportedPerson> {
  const { db } = ledger.state;
  const person = await knownPerson(ledger, site, named);
  await spool.flush();
  const { caseIds, deliveryIds } = await recordsOfPerson(db, person);
  const [first] = person.leadIds;
  const events = await personEvents(clickhouse, { siteId: site.id, visitorIds: person.visitorIds });
  return {
    exportedAt: new Date(ledger.now()).toISOString(),
    visitors: person.visitorIds,
    lead: first === undefined ? null : await readLeadDetail(ledger, { site, leadId: first }),
    events,
    cases: caseIds.length === 0 ? [] : await db.selectFrom('cases').selectAll().where('id', 'in', caseIds).execute(),
    messages: (deliveryIds.length === 0
      ? []
      : await db
          .selectFrom('deliveries')
          .select(['body', 'sent_body', 'created_at'])
          .where('id', 'in', deliveryIds)
          .execute()
    ).map(({ body, sent_body, created_at }) => ({ at: created_at, body: sent_body ?? body })),
  };
}

/**
 * Deletes one person everywhere: events, visits, lead, photos, cases and messages. A visitor may be somebody of whom nobody knows
 * anything. Throws `not_found` where a lead or an address is not known.
 */
export async function erase(
  { ledger, erasures }: Pick<PrivacyDependencies, 'ledger' | 'erasures'>,
  { site, named }: { site: LedgerSite; named: Named },
): Promise<ErasedPerson> {
  const person = await knownPerson(ledger, site, named);
  // First, so that whoever is told of a failure can ask again by the same name.
  const { done } = person.visitorIds.length === 0 ? { done: true } : await erasures.erase(site.id, person.visitorIds);
  const erased = await ledger.state.db.transaction().execute((trx) => erasePerson(trx, person));
  return { done, visitors: person.visitorIds.length, ...erased };
}

async function knownPerson(ledger: Ledger, site: LedgerSite, named: Named): Promise<PersonIds> {
  const person = await findPersonIds(ledger.state.db, { siteId: site.id, ...named });
  if (person.visitorIds.length === 0 && person.leadIds.length === 0) {
    throw new AppError('not_found', { message: 'Nobody is known by that name.' });
  }
  return person;
}
