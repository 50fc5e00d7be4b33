import type { InstallCheck, InstallFinding, InstallStep, InstallStepState } from '../contract/install.ts';
import type { Drop } from '../ingest/draft.ts';
import { type PolicyQuestion, policiesAllow } from './content-policy.ts';
import { endpointOf, type FoundTag, type PageContent } from './read-page.ts';

/** What the server saw of the page by itself. */
export type PageLook =
  | { kind: 'private' }
  | { kind: 'unreadable'; words: string }
  | { kind: 'read'; url: URL; policies: string[]; content: PageContent };

/** What is known of a check at this moment; times in ms. */
export interface CheckFacts {
  startedMs: number;
  /** Public id of the site. */
  site: string;
  /** The address of this site's script as the tag has it. */
  script: URL;
  needsConsent: boolean;
  /** Whether the browser sends GPC or DNT, and the site honours that. */
  isPrivate: boolean;
  /** Whether the site leaves this page out. */
  isExcluded: boolean;
  look: PageLook | undefined;
  /** The browser's request for the script. `isKept`: it came before the check. */
  asked: { ms: number; isKept: boolean } | undefined;
  /** The page view of the check, and why it was not kept. */
  arrived: { ms: number; drop: Drop | undefined } | undefined;
  /** When a question found the page view. */
  foundMs: number | undefined;
}

/** A page that has not asked for its script by now is slow beyond what a person would wait for, or never will. */
const scriptPatienceMs = 20_000;
/** A page view is sent within a second of the script, unless the page is busy. */
const eventPatienceMs = 10_000;
/** Rows are shipped every second. */
const queryPatienceMs = 30_000;
/** Then nobody is at it any more. */
export const checkLastsMs = 180_000;

/** What each step has found so far. */
export function decideSteps(facts: CheckFacts, nowMs: number): InstallStepState[] {
  return [page(facts), policy(facts), script(facts, nowMs), event(facts, nowMs), query(facts, nowMs)];
}

export function decideState(facts: CheckFacts, nowMs: number): InstallCheck['state'] {
  const states = decideSteps(facts, nowMs).map(({ state }) => state);
  if (facts.foundMs !== undefined) return 'ok';
  if (nowMs - facts.startedMs >= checkLastsMs) return 'timeout';
  return states.includes('problem') ? 'problem' : 'waiting';
}

type More = Pick<InstallStepState, 'about' | 'detail' | 'reason'>;
type Verdict = [state: InstallStepState['state'], finding: InstallFinding, more?: More];

function toState(step: InstallStep, [state, finding, more]: Verdict): InstallStepState {
  return { step, state, finding, ...more };
}

function ownTags({ look, site }: CheckFacts): FoundTag[] {
  return look?.kind === 'read' ? look.content.tags.filter((tag) => tag.site === site) : [];
}

/** A script that the browser kept from another page says nothing of a page that has no tag. */
function askedFor(facts: CheckFacts): CheckFacts['asked'] {
  const { asked, look } = facts;
  const hasTag = look?.kind !== 'read' || ownTags(facts).length > 0;
  return asked?.isKept && !hasTag ? undefined : asked;
}

function page(facts: CheckFacts): InstallStepState {
  const { look, arrived } = facts;
  const asked = askedFor(facts);
  return toState('page', verdict());

  function verdict(): Verdict {
    if (!look) return ['waiting', 'page-waiting'];
    if (look.kind === 'private') return ['unknown', 'page-private'];
    if (look.kind === 'unreadable') return ['unknown', 'page-unreadable', { about: look.words }];
    const own = ownTags(facts);
    if (own.length > 1) return ['ok', 'page-found-twice', { about: String(own.length) }];
    if (own.length === 1) return ['ok', 'page-found'];
    if (asked || arrived) return ['ok', 'page-late'];
    const other = look.content.tags.find(({ src, site }) => src.origin === facts.script.origin || isSiteId(site));
    if (other) return ['problem', 'page-other-site', { about: other.site }];
    return look.content.hasTagManager ? ['unknown', 'page-manager'] : ['problem', 'page-missing'];
  }
}

/** As they are made: `/t/` is a folder of others too. */
function isSiteId(text: string): boolean {
  return /^[a-z0-9]{10}$/.test(text);
}

function policy(facts: CheckFacts): InstallStepState {
  const { look, arrived } = facts;
  return toState('policy', verdict());

  function verdict(): Verdict {
    if (!look) return ['waiting', 'policy-waiting'];
    if (look.kind !== 'read') return arrived ? ['ok', 'policy-allows'] : ['unknown', 'policy-unknown'];
    const policies = [...look.policies, ...look.content.policies];
    const insecure = arrived ? undefined : ownTags(facts).find(({ src }) => isMixed(src, look.url));
    if (insecure) return ['problem', 'policy-insecure', { about: insecure.src.origin }];
    if (policies.length === 0) return ['ok', 'policy-none'];
    if (arrived) return ['ok', 'policy-allows'];
    const blocked = blockedBy(policies, facts, look.url);
    return blocked ?? ['ok', 'policy-allows'];
  }
}

/** https://w3c.github.io/webappsec-mixed-content/#categories-settings-object; this machine counts as secure. */
function isMixed(src: URL, pageUrl: URL): boolean {
  const isOwnMachine = /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(src.hostname);
  return pageUrl.protocol === 'https:' && src.protocol === 'http:' && !isOwnMachine;
}

function blockedBy(policies: readonly string[], facts: CheckFacts, pageUrl: URL): Verdict | undefined {
  const tag = ownTags(facts)[0] ?? { src: facts.script, endpoint: endpointOf(facts.script), nonce: undefined };
  const load: PolicyQuestion = { directive: 'script-src', target: tag.src, page: pageUrl, nonce: tag.nonce };
  if (!policiesAllow(policies, load)) return ['problem', 'policy-blocks-script', { about: tag.src.origin }];
  const send: PolicyQuestion = { directive: 'connect-src', target: tag.endpoint, page: pageUrl };
  if (!policiesAllow(policies, send)) return ['problem', 'policy-blocks-sending', { about: tag.endpoint.origin }];
  return undefined;
}

function script(facts: CheckFacts, nowMs: number): InstallStepState {
  const { arrived, look, startedMs } = facts;
  const asked = askedFor(facts);
  return toState('script', verdict());

  function verdict(): Verdict {
    if (asked && !asked.isKept) return ['ok', 'script-seen'];
    if (asked || arrived) return ['ok', 'script-kept'];
    if (nowMs - startedMs < scriptPatienceMs) return ['waiting', 'script-waiting'];
    const isThere = ownTags(facts).length > 0 || look?.kind !== 'read';
    return ['problem', isThere ? 'script-blocked' : 'script-missing'];
  }
}

function event(facts: CheckFacts, nowMs: number): InstallStepState {
  const { arrived } = facts;
  const asked = askedFor(facts);
  return toState('event', verdict());

  function verdict(): Verdict {
    if (arrived?.drop) {
      const { reason, detail } = arrived.drop;
      return ['problem', 'event-dropped', { about: reason, detail, reason }];
    }
    if (arrived) return ['ok', 'event-kept'];
    if (!asked || nowMs - Math.max(asked.ms, facts.startedMs) < eventPatienceMs) return ['waiting', 'event-waiting'];
    if (facts.isExcluded) return ['problem', 'event-excluded'];
    if (facts.isPrivate) return ['problem', 'event-privacy-signal'];
    return ['problem', facts.needsConsent ? 'event-needs-consent' : 'event-missing'];
  }
}

function query({ arrived, foundMs }: CheckFacts, nowMs: number): InstallStepState {
  if (foundMs !== undefined) return toState('query', ['ok', 'query-found', { about: String(foundMs) }]);
  if (!arrived || arrived.drop || nowMs - arrived.ms < queryPatienceMs)
    return toState('query', ['waiting', 'query-waiting']);
  return toState('query', ['problem', 'query-late']);
}
