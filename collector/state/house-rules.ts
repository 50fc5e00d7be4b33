import {
  type House,
  type HousePart,
  type HouseParts,
  type HouseVersion,
  houseParts,
  houseSchemas,
} from '../contract/house.ts';
import type { State } from './database.ts';

/** The rules of every house, in memory, because every event asks; each change is in the state store before it is seen here. */
export interface HouseBook {
  /** What holds now; where nothing was saved, what holds without. */
  of(siteId: number): House;
  /** All versions that were saved, newest first. */
  versions(siteId: number, part: HousePart): HouseVersion[];
  /** Saves a new version, by which every lead is judged anew; does nothing where it says what the version there says. */
  save<Part extends HousePart>(
    siteId: number,
    part: Part,
    saved: { rules: HouseParts[Part]; by: string },
  ): Promise<{ saved: HouseVersion<Part>; leadsToJudge: number }>;
}

type Versions = { [Part in HousePart]: HouseVersion<Part>[] };

export async function loadHouseRules(state: State, now: () => number): Promise<HouseBook> {
  const sites = new Map<number, Versions>();
  for (const row of await state.db.selectFrom('house_rules').selectAll().orderBy('version').execute()) {
    remember(versionsOf(sites, row.site_id), row.part, {
      version: row.version,
      rules: houseSchemas[row.part].parse(JSON.parse(row.rules)),
      savedAt: row.saved_at,
      savedBy: row.saved_by,
    });
  }
  const houses = new Map<number, House>();

  const of = (siteId: number): House => {
    const house = houses.get(siteId) ?? houseOf(sites.get(siteId));
    houses.set(siteId, house);
    return house;
  };

  return {
    of,
    versions: (siteId, part) => [...versionsOf(sites, siteId)[part]].reverse(),

    async save(siteId, part, { rules, by }) {
      const before = of(siteId)[part];
      if (before.version > 0 && JSON.stringify(before.rules) === JSON.stringify(rules)) {
        return { saved: before, leadsToJudge: 0 };
      }
      const nowMs = now();
      const saved = { version: before.version + 1, rules, savedAt: new Date(nowMs).toISOString(), savedBy: by };
      const leadsToJudge = await state.db.transaction().execute(async (trx) => {
        await trx
          .insertInto('house_rules')
          .values({
            site_id: siteId,
            part,
            version: saved.version,
            rules: JSON.stringify(rules),
            saved_at: saved.savedAt,
            saved_by: by,
          })
          .execute();
        const { numUpdatedRows } = await trx
          .updateTable('leads')
          .set({ judge_at_ms: nowMs })
          .where('site_id', '=', siteId)
          .where('merged_into', 'is', null)
          .executeTakeFirstOrThrow();
        return Number(numUpdatedRows);
      });
      remember(versionsOf(sites, siteId), part, saved);
      houses.delete(siteId);
      return { saved, leadsToJudge };
    },
  };
}

function versionsOf(sites: Map<number, Versions>, siteId: number): Versions {
  const known = sites.get(siteId) ?? { definition: [], scoring: [], routing: [], clocks: [] };
  sites.set(siteId, known);
  return known;
}

function remember(versions: Versions, part: HousePart, saved: HouseVersion): void {
  // Part and rules come from one row, or from one call whose types pair them.
  (versions[part] as HouseVersion[]).push(saved);
}

function houseOf(versions: Versions | undefined): House {
  const current = houseParts.map((part) => [part, versions?.[part].at(-1) ?? withoutRules(part)]);
  return Object.fromEntries(current) as House;
}

/** What a house does that has said nothing: an address or a number makes a lead, nothing is scored, nobody is given anything. */
function withoutRules(part: HousePart): HouseVersion {
  const rules = {
    definition: () =>
      houseSchemas.definition.parse({ lead: [], marketing: [], sales: [], agreed: { marketing: null, sales: null } }),
    scoring: () => houseSchemas.scoring.parse({ rules: [] }),
    routing: () => houseSchemas.routing.parse({}),
    clocks: () => houseSchemas.clocks.parse({}),
  }[part]();
  return { version: 0, rules, savedAt: null, savedBy: null };
}
