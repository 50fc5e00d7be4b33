import { expect, test } from 'vitest';
import { type CheckFacts, decideState, decideSteps } from '../../collector/install/decide-steps.ts';
import { readPage } from '../../collector/install/read-page.ts';

const url = new URL('https://salon.example/');
const site = 'a1b2c3d4e5';
const tag = `<script defer src="https://stats.example/t/${site}.js"></script>`;
const readable = (html: string, policies: string[] = []): CheckFacts['look'] => ({
  kind: 'read',
  url,
  policies,
  content: readPage(html, url),
});

/** A check that began at 0 s, of a page with the tag. */
function check(known: Partial<CheckFacts>): CheckFacts {
  return {
    startedMs: 0,
    site,
    script: new URL(`https://stats.example/t/${site}.js`),
    needsConsent: false,
    isPrivate: false,
    isExcluded: false,
    look: readable(tag),
    asked: undefined,
    arrived: undefined,
    foundMs: undefined,
    ...known,
  };
}

const asked = { ms: 1_000, isKept: false };
const arrived = { ms: 2_000, drop: undefined };
const findings = (known: Partial<CheckFacts>, seconds: number) =>
  decideSteps(check(known), seconds * 1_000).map(({ finding }) => finding);

test('a page that does everything right is found in the database', () => {
  expect(findings({ look: undefined }, 0)).toEqual([
    'page-waiting',
    'policy-waiting',
    'script-waiting',
    'event-waiting',
    'query-waiting',
  ]);
  expect(findings({ asked, arrived, foundMs: 3_000 }, 3)).toEqual([
    'page-found',
    'policy-none',
    'script-seen',
    'event-kept',
    'query-found',
  ]);
  expect(decideState(check({ asked, arrived }), 3_000)).toBe('waiting');
  expect(decideState(check({ asked, arrived, foundMs: 3_000 }), 3_000)).toBe('ok');
});

test('a script that is in the page and never asked for is blocked, after 20 seconds', () => {
  expect(findings({}, 19)[2]).toBe('script-waiting');
  expect(findings({}, 20)[2]).toBe('script-blocked');
  expect(decideState(check({}), 20_000)).toBe('problem');
});

test('without a tag it is missing at once, and what comes later wins', () => {
  const look = readable('<h1>Salon</h1>');
  expect(findings({ look }, 1)[0]).toBe('page-missing');
  expect(findings({ look }, 20)[2]).toBe('script-missing');
  expect(findings({ look, asked }, 20)[0]).toBe('page-late');
});

test('a script that the browser kept from another page does not stand in for a missing tag', () => {
  const look = readable('<h1>Salon</h1>');
  expect(findings({ look, asked: { ms: -60_000, isKept: true } }, 20).slice(0, 4)).toEqual([
    'page-missing',
    'policy-none',
    'script-missing',
    'event-waiting',
  ]);
});

test('a tag manager may bring the tag', () => {
  const look = readable('<script>"https://www.googletagmanager.com/gtm.js"</script>');
  expect(findings({ look }, 1)[0]).toBe('page-manager');
});

test('a tag of another site is named, and so is one that is there twice', () => {
  const [other] = decideSteps(check({ look: readable(tag.replace(site, 'zzzzzzzzzz')) }), 0);
  expect(other).toMatchObject({ state: 'problem', finding: 'page-other-site', about: 'zzzzzzzzzz' });
  expect(findings({ look: readable(tag + tag) }, 0)[0]).toBe('page-found-twice');
});

test.each([
  ["script-src 'self'", 'policy-blocks-script'],
  ["default-src 'self'; script-src https://stats.example", 'policy-blocks-sending'],
  ["default-src 'self' https://stats.example", 'policy-allows'],
])('the policy "%s" is %s', (policy, finding) => {
  const step = decideSteps(check({ look: readable(tag, [policy]) }), 0)[1];
  expect(step?.finding).toBe(finding);
  if (step?.state === 'problem') expect(step.about).toBe('https://stats.example');
});

test('an https page does not load an http script, but from this machine', () => {
  const from = (origin: string) => readable(tag.replace('https://stats.example', origin));
  expect(findings({ look: from('http://stats.example') }, 0)[1]).toBe('policy-insecure');
  expect(findings({ look: from('http://localhost:8400') }, 0)[1]).toBe('policy-none');
});

test('what arrived is stronger than what was read', () => {
  expect(findings({ look: readable(tag, ["script-src 'none'"]), asked, arrived }, 3)[1]).toBe('policy-allows');
  expect(findings({ look: { kind: 'private' }, arrived }, 3).slice(0, 3)).toEqual([
    'page-private',
    'policy-allows',
    'script-kept',
  ]);
});

test('a page view that was turned away says why', () => {
  const drop = { reason: 'origin', detail: 'The host is not listed.' } as const;
  const step = decideSteps(check({ asked, arrived: { ms: 2_000, drop } }), 3_000)[3];
  expect(step).toMatchObject({ state: 'problem', finding: 'event-dropped', reason: 'origin', detail: drop.detail });
  expect(decideState(check({ asked, arrived: { ms: 2_000, drop } }), 3_000)).toBe('problem');
});

test('a script that came and sent nothing within ten seconds: for want of consent, by the visitor’s wish, as an excluded path, or blocked', () => {
  expect(findings({ asked }, 10)[3]).toBe('event-waiting');
  expect(findings({ asked }, 11)[3]).toBe('event-missing');
  expect(findings({ asked, needsConsent: true }, 11)[3]).toBe('event-needs-consent');
  expect(findings({ asked, isPrivate: true }, 11)[3]).toBe('event-privacy-signal');
  expect(findings({ asked, isExcluded: true }, 11)[3]).toBe('event-excluded');
});

test('a page view that no question finds within half a minute is a problem', () => {
  expect(findings({ asked, arrived }, 31)[4]).toBe('query-waiting');
  expect(findings({ asked, arrived }, 32)[4]).toBe('query-late');
});

test('after three minutes nothing more is awaited', () => {
  expect(decideState(check({}), 179_999)).toBe('problem');
  expect(decideState(check({}), 180_000)).toBe('timeout');
});
