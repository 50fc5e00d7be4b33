import { customAlphabet } from 'nanoid';
import type { ClickHouse } from '../clickhouse/client.ts';
import type { FoundOnPage, InstallCheck, OfferedRule } from '../contract/install.ts';
import { patternToRegex } from '../contract/pattern.ts';
import { fromTimestamp } from '../contract/row.ts';
import type { StoredRule } from '../contract/rule.ts';
import { AppError } from '../errors.ts';
import type { Draft, Drop } from '../ingest/draft.ts';
import { pagePath } from '../ingest/page-path.ts';
import type { Logger } from '../log.ts';
import { matchCounts } from '../queries/match-counts.ts';
import { isStored } from '../queries/stored-event.ts';
import type { SiteRecord } from '../state/sites.ts';
import type { AddressGuard } from '../webhooks/address-guard.ts';
import { type CheckFacts, checkLastsMs, decideState, decideSteps, type PageLook } from './decide-steps.ts';
import { fetchPage } from './fetch-page.ts';
import { offerRules } from './offer-rules.ts';
import { readPage } from './read-page.ts';

/** In the address of the page that is opened. Events keep the path of an address only, so it is never stored. */
export const checkParameter = 'telltale-check';

/** Whose browser it is: the owner's tab and the owner's page ask from the same one. For as long as a check lasts. */
export interface Browser {
  address: string;
  userAgent: string;
}

interface Check extends CheckFacts, Browser {
  token: string;
  siteId: number;
  page: URL;
  /** Of the page view that is looked for. */
  row: { atMs: number; pageId: string; seq: number } | undefined;
}

/** Tests of the installation that are under way. In memory: a restart ends them, and who tests then tests again. */
export interface InstallChecks {
  /**
   * Begins one, and lets the server look at the page. `asksForPrivacy`: the browser sends GPC or DNT. Throws `too_many_requests`.
   */
  start(
    site: SiteRecord,
    options: { url: string; script: URL; browser: Browser; asksForPrivacy: boolean },
  ): InstallCheck;
  /** Throws `not_found` where there is none, or it is long over. */
  get(site: SiteRecord, token: string): Promise<InstallCheck>;
  /** A browser asks for the script of a site, or for one that all sites share. */
  onScript(siteId: number | undefined, browser: Browser): void;
  /** An event of a page, kept or dropped. */
  onEvent(draft: Draft, drop: Drop | undefined): void;
}

export interface InstallCheckDependencies {
  clickhouse: ClickHouse;
  rules: { list(siteId: number): StoredRule[] };
  guard: AddressGuard;
  log: Pick<Logger, 'warn'>;
  now: () => number;
}

/** They stay a while after their end, so that a tab that slept meanwhile still gets its answer. */
const keptMs = checkLastsMs + 600_000;
/** At a time for one site; each makes this server read a page. */
const mostOfSite = 20;
const mostAMinute = 10;
const hourMs = 3_600_000;
/** As long as a browser keeps the script without asking again. */
const scriptKeptMs = 300_000;

/** Lower-case letters and digits: some pages rewrite the rest of an address. */
const newToken = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 16);

export function createInstallChecks(deps: InstallCheckDependencies): InstallChecks {
  const { now, guard, log } = deps;
  /** Of each site with any, oldest first. */
  const checks = new Map<number, Check[]>();

  function add(check: Check): void {
    const ofSite = (checks.get(check.siteId) ?? []).filter(({ startedMs }) => now() - startedMs < keptMs);
    if (ofSite.filter(({ startedMs }) => now() - startedMs < 60_000).length >= mostAMinute) {
      throw new AppError('too_many_requests', { retryAfterSeconds: 60 });
    }
    checks.set(check.siteId, [...ofSite, check].slice(-mostOfSite));
  }

  /** Never rejects: nobody waits for it. */
  async function look(check: Check): Promise<void> {
    try {
      check.look = toLook(await fetchPage(check.page.href, guard));
    } catch (error) {
      log.warn({ err: error }, 'a page could not be looked at');
      check.look = { kind: 'unreadable', words: 'Its HTML could not be taken apart.' };
    }
  }

  async function answer(check: Check): Promise<InstallCheck> {
    const found = check.look?.kind === 'read' ? check.look.content : null;
    return { ...toAnswer(check, now()), offers: found ? await offersFor(check, found) : [] };
  }

  /** Empty while the database does not answer: the steps say so, and everything else is worth showing. */
  async function offersFor({ siteId, page, look }: Check, found: FoundOnPage): Promise<OfferedRule[]> {
    const url = look?.kind === 'read' ? look.url : page;
    const offers = offerRules(found, pagePath(url), deps.rules.list(siteId));
    const matches = offers.flatMap(({ rule }) => [rule.intent, ...rule.complete]);
    const span = { fromMs: now() - hourMs, toMs: now() + 1 };
    const counts = await unlessDown(matchCounts(deps.clickhouse, { siteId, span, matches }));
    let at = 0;
    const next = () => counts?.[at++] ?? 0;
    if (!counts) return [];
    return offers.map((offer) => {
      const intents = next();
      const completions = offer.rule.complete.reduce((sum) => sum + next(), 0);
      return { ...offer, lastHour: { intents, completions } };
    });
  }

  return {
    start(site, { url, script, browser, asksForPrivacy }) {
      const page = new URL(url);
      const before = checks.get(site.id)?.findLast((one) => isSame(one, browser) && one.asked);
      const recent = before?.asked && now() - before.asked.ms < scriptKeptMs ? before.asked : undefined;
      const check: Check = {
        ...browser,
        token: newToken(),
        siteId: site.id,
        site: site.publicId,
        page,
        script,
        startedMs: now(),
        needsConsent: site.settings.consent === 'required',
        isPrivate: asksForPrivacy && site.settings.honourPrivacySignals,
        isExcluded: isExcluded(site, page),
        look: undefined,
        asked: recent && { ms: recent.ms, isKept: true },
        arrived: undefined,
        row: undefined,
        foundMs: undefined,
      };
      add(check);
      void look(check);
      return { ...toAnswer(check, now()), offers: [] };
    },

    async get(site, token) {
      const check = checks.get(site.id)?.find((one) => one.token === token);
      if (!check || now() - check.startedMs >= keptMs) throw new AppError('not_found');
      if (check.row && check.foundMs === undefined) {
        const isThere = await unlessDown(isStored(deps.clickhouse, { siteId: site.id, ...check.row }));
        if (isThere) check.foundMs = now();
      }
      return answer(check);
    },

    onScript(siteId, browser) {
      for (const ofSite of siteId === undefined ? checks.values() : [checks.get(siteId) ?? []]) {
        const check = ofSite.findLast((one) => isSame(one, browser));
        if (check && check.asked?.isKept !== false) check.asked = { ms: now(), isKept: false };
      }
    },

    onEvent(draft, drop) {
      const { batch, row } = draft;
      const ofSite = checks.get(batch.site.id);
      if (!ofSite || batch.from !== 'page' || drop?.reason === 'duplicate') return;
      const check = checkOf(draft, ofSite);
      // What was kept stays: a later event that is turned away says nothing against it.
      if (!check || (check.arrived && !check.arrived.drop)) return;
      check.arrived = { ms: now(), drop };
      if (!drop) check.row = { atMs: fromTimestamp(row.ts), pageId: row.page_id, seq: row.seq };
    },
  };
}

/** By the token; a page view that loses it on the way (a redirect) is known by its browser and its host. */
function checkOf({ batch, url, row }: Draft, checks: readonly Check[]): Check | undefined {
  const token = url?.url.searchParams.get(checkParameter);
  if (token) return checks.find((one) => one.token === token);
  const browser = { address: batch.address, userAgent: batch.header('user-agent') ?? '' };
  return checks.findLast(
    (one) =>
      isSame(one, browser) &&
      url !== undefined &&
      row.name === 'pageview' &&
      withoutWww(url.host) === withoutWww(one.page.hostname) &&
      batch.now - one.startedMs < checkLastsMs,
  );
}

function isExcluded({ settings }: SiteRecord, page: URL): boolean {
  return settings.exclude.some((path) => new RegExp(patternToRegex(path)).test(page.pathname));
}

function isSame(one: Browser, other: Browser): boolean {
  return one.address === other.address && one.userAgent === other.userAgent;
}

function withoutWww(host: string): string {
  return host.replace(/^www\./, '');
}

function toLook(fetched: Awaited<ReturnType<typeof fetchPage>>): PageLook {
  if ('html' in fetched) {
    const { url, html, policies } = fetched;
    return { kind: 'read', url, policies, content: readPage(html, url) };
  }
  return fetched.isPrivate ? { kind: 'private' } : { kind: 'unreadable', words: fetched.words };
}

function toAnswer(check: Check, nowMs: number): Omit<InstallCheck, 'offers'> {
  const { token, page, startedMs, look } = check;
  const open = new URL(page);
  // Appended as text: writing the other parameters anew would change how some of them are written.
  open.search += `${open.search === '' ? '?' : '&'}${checkParameter}=${token}`;
  const { forms = [], widgets = [], contacts = 0 } = look?.kind === 'read' ? look.content : {};
  return {
    token,
    url: page.href,
    openUrl: open.href,
    startedAt: new Date(startedMs).toISOString(),
    state: decideState(check, nowMs),
    steps: decideSteps(check, nowMs),
    found: look?.kind === 'read' ? { forms, widgets, contacts } : null,
  };
}

async function unlessDown<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof AppError && error.code === 'database_unavailable') return undefined;
    throw error;
  }
}
