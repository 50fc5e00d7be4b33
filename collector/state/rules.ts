import type { Kysely } from 'kysely';
import { nanoid } from 'nanoid';
import { issueDetails } from '../contract/issue-words.ts';
import { limits } from '../contract/limits.ts';
import type { Match } from '../contract/match.ts';
import { compileMatch } from '../contract/pattern.ts';
import { type Rule, type RuleRemark, rule as ruleSchema, type StoredRule } from '../contract/rule.ts';
import { AppError } from '../errors.ts';
import { closeCasesOfRule } from './cases.ts';
import type { State } from './database.ts';
import { ruleMistakes } from './rule-mistakes.ts';
import type { StateSchema } from './schema.ts';

export type Matcher = ReturnType<typeof compileMatch>;

/** A rule that looks for intents now. */
export interface WatchingRule {
  siteId: number;
  rule: StoredRule;
  /** Since when, without a break, it has been on with this intent. What arrived before does not start a case. */
  sinceMs: number;
}

/** All rules, in memory, because every event asks; each change is in the state store before it is seen here. */
export interface RuleBook {
  /**
   * Tests that mark an event as one that detection must read: intents and completions of the enabled rules of a site, and
   * completions of every version that was ever on, because cases of it may still be open.
   */
  matchersFor(siteId: number): readonly Matcher[];
  watching(): readonly WatchingRule[];
  /** What the rule said when a case was made. */
  version(ruleId: string, version: number): Rule | undefined;
  /** All versions, oldest first. Throws `not_found`. */
  versions(siteId: number, id: string): { version: number; createdAtMs: number; rule: Rule }[];
  /** Since when the rule has looked for its intent without a break; null while it is off. Throws `not_found`. */
  watchingSince(siteId: number, id: string): number | null;
  status(ruleId: string): 'enabled' | 'disabled' | 'deleted';
  list(siteId: number): StoredRule[];
  /** Throws `not_found`. */
  get(siteId: number, id: string): StoredRule;
  /** Throws `invalid_request` for a rule that could never fire or names an unknown endpoint, and `limit_reached`. */
  create(siteId: number, rule: Rule): Promise<StoredRule>;
  /** Fields that are not named stay; null takes an optional one away. Makes a new version; cases keep theirs. */
  patch(siteId: number, id: string, changes: Record<string, unknown>): Promise<StoredRule>;
  /** The rule that `patch` would store. Throws as `patch` does for what is no rule at all. */
  changed(siteId: number, id: string, changes: Record<string, unknown>): Rule;
  /** What `create` would refuse this rule for. */
  mistakes(siteId: number, rule: Rule): Promise<RuleRemark[]>;
  /** Waiting cases end as suppressed (rule-deleted); the others stay visible. */
  remove(siteId: number, id: string): Promise<void>;
}

interface KnownRule {
  siteId: number;
  current: StoredRule;
  /** Index 0 is version 1. */
  versions: { rule: Rule; createdAtMs: number }[];
  deleted: boolean;
}

/** The three rules that every new site is offered, off: what they need, most sites have. */
export function defaultRules(): Rule[] {
  return [
    {
      name: 'Pricing viewed without contact',
      kind: 'browse',
      intent: { path: '**pric**' },
      complete: [{ event: 'contact_click' }, { event: 'form_submit' }, { event: 'booking_done' }],
      // A day: people compare prices, sleep on it and come back by themselves.
      wait: '24h',
    },
    {
      name: 'Form started and not submitted',
      kind: 'form',
      intent: { event: 'form_start' },
      key: 'prop:form',
      complete: [{ event: 'form_submit' }],
      // Half an hour without activity ends a session.
      wait: '30m',
    },
    {
      name: 'Booking started and not finished',
      kind: 'booking',
      intent: { event: 'booking_start' },
      key: 'prop:booking_id',
      complete: [{ event: 'booking_done' }],
      wait: '60m',
    },
  ].map((rule) => ruleSchema.parse(rule));
}

export async function loadRules(state: State, now: () => number): Promise<RuleBook> {
  const known = await readRules(state.db);
  /** Compiled once for each change of a site's rules, not for each event. */
  const matchers = new Map<number, readonly Matcher[]>();

  const ofSite = (siteId: number) => [...known.values()].filter((entry) => entry.siteId === siteId && !entry.deleted);

  const knownRule = (siteId: number, id: string): KnownRule => {
    const entry = known.get(id);
    if (!entry || entry.siteId !== siteId || entry.deleted) throw new AppError('not_found');
    return entry;
  };

  const insert = async (db: Kysely<StateSchema>, siteId: number, rule: Rule): Promise<StoredRule> => {
    const at = new Date(now()).toISOString();
    const stored: StoredRule = { ...rule, id: `rul_${nanoid(16)}`, version: 1, createdAt: at, updatedAt: at };
    await db
      .insertInto('rules')
      .values({
        id: stored.id,
        site_id: siteId,
        version: 1,
        definition: JSON.stringify(rule),
        enabled: rule.enabled ? 1 : 0,
        created_at: at,
        updated_at: at,
        deleted_at: null,
      })
      .execute();
    await insertVersion(db, stored.id, 1, rule, at);
    return stored;
  };

  const remember = (siteId: number, stored: StoredRule): void => {
    const versions = known.get(stored.id)?.versions ?? [];
    known.set(stored.id, {
      siteId,
      current: stored,
      versions: [
        ...versions,
        { rule: ruleSchema.parse(definitionOf(stored)), createdAtMs: Date.parse(stored.updatedAt) },
      ],
      deleted: false,
    });
    matchers.delete(siteId);
  };

  return {
    matchersFor(siteId) {
      let compiled = matchers.get(siteId);
      if (!compiled) {
        compiled = distinctMatches(ofSite(siteId)).map(compileMatch);
        matchers.set(siteId, compiled);
      }
      return compiled;
    },
    watching: () =>
      [...known.values()]
        .filter((entry) => !entry.deleted && entry.current.enabled)
        .map((entry) => ({ siteId: entry.siteId, rule: entry.current, sinceMs: watchingSince(entry.versions) })),
    version: (ruleId, version) => known.get(ruleId)?.versions[version - 1]?.rule,
    versions: (siteId, id) => knownRule(siteId, id).versions.map((entry, index) => ({ version: index + 1, ...entry })),
    watchingSince(siteId, id) {
      const since = watchingSince(knownRule(siteId, id).versions);
      return Number.isFinite(since) ? since : null;
    },
    status(ruleId) {
      const entry = known.get(ruleId);
      if (!entry || entry.deleted) return 'deleted';
      return entry.current.enabled ? 'enabled' : 'disabled';
    },
    list: (siteId) => ofSite(siteId).map((entry) => entry.current),
    get: (siteId, id) => knownRule(siteId, id).current,

    async create(siteId, rule) {
      if (ofSite(siteId).length >= limits.rulesPerSite) {
        throw new AppError('limit_reached', { message: `A site has at most ${limits.rulesPerSite} rules.` });
      }
      await refuseMistakes(state.db, siteId, rule);
      const stored = await state.db.transaction().execute((trx) => insert(trx, siteId, rule));
      remember(siteId, stored);
      return stored;
    },

    changed: (siteId, id, changes) => applyChanges(knownRule(siteId, id).current, changes),
    mistakes: (siteId, rule) => mistakesOf(state.db, siteId, rule),

    async patch(siteId, id, changes) {
      const before = knownRule(siteId, id).current;
      const rule = applyChanges(before, changes);
      // Switching it off must work whatever has become of its endpoints.
      if (!isSwitchingOff(changes)) await refuseMistakes(state.db, siteId, rule);
      const updatedAt = new Date(now()).toISOString();
      const stored: StoredRule = { ...rule, id, version: before.version + 1, createdAt: before.createdAt, updatedAt };
      await state.db.transaction().execute(async (trx) => {
        await trx
          .updateTable('rules')
          .set({
            version: stored.version,
            definition: JSON.stringify(rule),
            enabled: rule.enabled ? 1 : 0,
            updated_at: updatedAt,
          })
          .where('id', '=', id)
          .execute();
        await insertVersion(trx, id, stored.version, rule, updatedAt);
        if (before.enabled && !rule.enabled) {
          await closeCasesOfRule(trx, { ruleId: id, reason: 'rule-disabled', at: updatedAt });
        }
      });
      remember(siteId, stored);
      return stored;
    },

    async remove(siteId, id) {
      const entry = knownRule(siteId, id);
      const at = new Date(now()).toISOString();
      await state.db.transaction().execute(async (trx) => {
        await trx.updateTable('rules').set({ deleted_at: at, enabled: 0 }).where('id', '=', id).execute();
        await closeCasesOfRule(trx, { ruleId: id, reason: 'rule-deleted', at });
      });
      known.set(id, { ...entry, deleted: true });
      matchers.delete(siteId);
    },
  };
}

async function readRules(db: Kysely<StateSchema>): Promise<Map<string, KnownRule>> {
  const rows = await db.selectFrom('rules').selectAll().orderBy('created_at').orderBy('id').execute();
  const versions = await db.selectFrom('rule_versions').selectAll().orderBy('version').execute();
  return new Map(
    rows.map((row) => [
      row.id,
      {
        siteId: row.site_id,
        current: {
          ...ruleSchema.parse(JSON.parse(row.definition)),
          id: row.id,
          version: row.version,
          createdAt: row.created_at,
          updatedAt: row.updated_at,
        },
        versions: versions
          .filter((version) => version.rule_id === row.id)
          .map((version) => ({
            rule: ruleSchema.parse(JSON.parse(version.definition)),
            createdAtMs: Date.parse(version.created_at),
          })),
        deleted: row.deleted_at !== null,
      },
    ]),
  );
}

async function insertVersion(
  db: Kysely<StateSchema>,
  ruleId: string,
  version: number,
  rule: Rule,
  at: string,
): Promise<void> {
  await db
    .insertInto('rule_versions')
    .values({ rule_id: ruleId, version, definition: JSON.stringify(rule), created_at: at })
    .execute();
}

function definitionOf({
  id: _id,
  version: _version,
  createdAt: _createdAt,
  updatedAt: _updatedAt,
  ...rule
}: StoredRule): Rule {
  return rule;
}

/** TRICKY: a partial schema would fill every field that is left out with its default, so the whole rule is parsed again instead. */
function applyChanges(before: StoredRule, changes: Record<string, unknown>): Rule {
  const merged = Object.fromEntries(
    Object.entries({ ...definitionOf(before), ...changes }).filter(([, value]) => value !== null),
  );
  const parsed = ruleSchema.safeParse(merged);
  if (parsed.success) return parsed.data;
  throw new AppError('invalid_request', { details: issueDetails(parsed.error.issues) });
}

/** Whether the change does nothing but switch the rule off. */
export function isSwitchingOff(changes: Record<string, unknown>): boolean {
  return changes.enabled === false && Object.keys(changes).length === 1;
}

async function refuseMistakes(db: Kysely<StateSchema>, siteId: number, rule: Rule): Promise<void> {
  const details = await mistakesOf(db, siteId, rule);
  if (details.length > 0) throw new AppError('invalid_request', { details });
}

async function mistakesOf(db: Kysely<StateSchema>, siteId: number, rule: Rule): Promise<RuleRemark[]> {
  return [...ruleMistakes(rule), ...(await unknownEndpoints(db, siteId, rule))];
}

async function unknownEndpoints(db: Kysely<StateSchema>, siteId: number, rule: Rule): Promise<RuleRemark[]> {
  if (rule.followUps.length === 0) return [];
  const rows = await db
    .selectFrom('endpoints')
    .select('id')
    .where('site_id', '=', siteId)
    .where('deleted_at', 'is', null)
    .execute();
  const ids = new Set(rows.map((row) => row.id));
  return rule.followUps.flatMap(({ endpoint }, index) =>
    ids.has(endpoint)
      ? []
      : [
          {
            path: `followUps.${index}.endpoint`,
            message: 'There is no such endpoint. Create it first, then use its id.',
          },
        ],
  );
}

/** Start of the last unbroken run of versions that are on and look for the same intent. */
function watchingSince(versions: KnownRule['versions']): number {
  let since = Number.POSITIVE_INFINITY;
  const intent = versions.at(-1)?.rule.intent;
  for (const { rule, createdAtMs } of versions.toReversed()) {
    if (!rule.enabled || !intent || matchKey(rule.intent) !== matchKey(intent)) break;
    since = createdAtMs;
  }
  return since;
}

function distinctMatches(rules: KnownRule[]): Match[] {
  const matches = rules.flatMap(({ current, versions }) => [
    ...(current.enabled ? [current.intent] : []),
    ...versions.filter(({ rule }) => rule.enabled).flatMap(({ rule }) => rule.complete),
  ]);
  return [...new Map(matches.map((match) => [matchKey(match), match])).values()];
}

/** The same text for two matches that ask for the same events. */
function matchKey(match: Match): string {
  const props = Object.entries(match.props ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([match.event ?? 'pageview', match.path ?? null, match.host ?? null, props]);
}
