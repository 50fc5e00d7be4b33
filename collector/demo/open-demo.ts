import { randomBytes, timingSafeEqual } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Hono } from 'hono';
import { houseParts } from '../contract/house.ts';
import { readRunFile } from '../data-folder.ts';
import type { Collector } from '../open-collector.ts';
import { loginCookie } from '../routes/login-cookie.ts';
import { createEndpoint, getEndpoint, patchEndpoint, signingSecrets } from '../state/endpoints.ts';
import type { SiteRecord } from '../state/sites.ts';
import { addCosts, listCosts } from '../state/source-costs.ts';
import { byVisitor, countFunnel } from './count-funnel.ts';
import { type DemoFile, readDemoFile, writeDemoFile } from './demo-file.ts';
import { demoFunnels } from './demo-funnels.ts';
import { demoRoutes } from './demo-routes.ts';
import { demoRules } from './demo-rules.ts';
import { fillHistory } from './fill-history.ts';
import { createInbox } from './inbox/inbox.ts';
import { demoCosts } from './leads/demo-costs.ts';
import { demoHouse } from './leads/demo-house.ts';
import { demoLeads, storyEvents } from './leads/demo-leads.ts';
import { fillLeads } from './leads/fill-leads.ts';
import { type LiveVisitors, startLiveVisitors } from './live-visitors.ts';
import { funnelsOf, plantedLeaks } from './planted-leaks.ts';
import { salonPaths } from './salon/paths.ts';
import { historyEvents, salonDate, salonTimeZone, visits } from './visitors.ts';

export const demoOwner = 'demo@telltale.local';

/** The demo of a running Telltale: a salon to walk through, its history, live visitors and a webhook inbox. */
export interface Demo {
  /** Everything under `/demo`. */
  routes: Hono;
  /**
   * To be called once the server answers: fills the history (once in the life of the folder), switches the rules on and lets
   * simulated visitors in. Answers what to tell the person who started it.
   */
  start(options: { url: string; onProgress: (share: number) => void }): Promise<DemoAddresses>;
  stop(): void;
}

export interface DemoAddresses {
  /** Signs in; good on this machine, as long as the process runs. */
  enter: string;
  dashboard: string;
  salon: string;
  inbox: string;
  /** null where the account was there before the demo. */
  owner: { email: string; password: string } | null;
  /** Events sent into an empty demo; 0 on later starts. */
  filled: number;
}

/** Makes site, account and endpoint where they are missing. Safe to call on a folder that has them. */
export async function openDemo(collector: Collector): Promise<Demo> {
  const { state, accounts, folder, config, now } = collector;
  const path = folder.file('demo.json');
  const file = readDemoFile(path);
  const remember = (changes: DemoFile) => writeDemoFile(path, Object.assign(file, changes));

  const site = await prepareSite(collector, file);
  remember({ site: site.publicId });
  const password = file.password ?? randomBytes(9).toString('base64url');
  if (await accounts.users.createFirst({ email: demoOwner, password })) remember({ password });
  const endpoint = await prepareEndpoint(collector, site, file);
  remember({ endpoint });

  const secret = signingSecrets(state.box, await getEndpoint(state.db, site.id, endpoint), now())[0];
  const token = randomBytes(24).toString('base64url');
  const reach = { publicUrl: config.publicUrl, trustProxy: config.trustProxy };
  let live: LiveVisitors | undefined;

  const routes = demoRoutes({
    siteId: site.publicId,
    inbox: createInbox({ secret: () => secret, now }),
    now,
    async enter(c, given) {
      const owner = isSame(given, token) && (await accounts.users.list()).find(({ role }) => role === 'owner');
      if (!owner) return false;
      loginCookie(c, reach).write(await accounts.sessions.begin(owner.id));
      return true;
    },
  });

  return {
    routes,
    async start({ url, onProgress }) {
      const address = readRunFile(folder.path)?.address ?? url;
      await patchEndpoint(state, {
        siteId: site.id,
        id: endpoint,
        patch: { url: `${address}/demo/inbox/hook` },
        nowMs: now(),
      });
      const filled = file.filled ? 0 : await fill(collector, { site, file, remember, address, url, onProgress });
      // After the history, so that nothing in it looks like something that happens now.
      if (!file.rulesOn) await prepareRules(collector, site, endpoint);
      remember({ rulesOn: true });
      live = startLiveVisitors({
        address,
        origin: new URL(url).origin,
        siteId: site.publicId,
        forwarded: config.trustProxy > 0,
        now,
        random: Math.random,
        log: collector.log,
      });
      return {
        enter: `${url}/demo/enter?token=${token}`,
        dashboard: `${url}/`,
        salon: url + salonPaths.home,
        inbox: `${url}/demo/inbox`,
        owner: file.password ? { email: demoOwner, password: file.password } : null,
        filled,
      };
    },
    stop: () => live?.stop(),
  };
}

async function prepareSite({ sites }: Collector, file: DemoFile): Promise<SiteRecord> {
  const known = file.site ? sites.byPublicId(file.site) : undefined;
  if (known) return known;
  const site = await sites.create({ domain: 'localhost', name: 'Salon Amara', timezone: salonTimeZone });
  // Any host: the salon may be opened on a phone, under whatever address this machine has in the house.
  return sites.patch(site.id, { domains: ['localhost', '127.0.0.1'], settings: { anyHost: true, currency: 'EUR' } });
}

async function prepareEndpoint({ state, now }: Collector, site: SiteRecord, file: DemoFile): Promise<string> {
  const known = file.endpoint && (await getEndpoint(state.db, site.id, file.endpoint).catch(() => undefined));
  if (known) return known.id;
  const created = await createEndpoint(state, {
    siteId: site.id,
    endpoint: { name: 'Demo inbox', url: 'http://127.0.0.1/demo/inbox/hook', events: [], enabled: true },
    nowMs: now(),
  });
  return created.id;
}

/** The three rules every site is offered make room for the demo's own, which wait seconds instead of an hour. */
async function prepareRules({ rules, funnels }: Collector, site: SiteRecord, endpoint: string): Promise<void> {
  for (const offered of rules.list(site.id)) await rules.remove(site.id, offered.id);
  for (const rule of demoRules(endpoint)) await rules.create(site.id, rule);
  if ((await funnels.list(site.id)).length > 0) return;
  for (const funnel of demoFunnels) await funnels.create(site.id, funnel);
}

async function fill(
  collector: Collector,
  options: {
    site: SiteRecord;
    file: DemoFile;
    remember: (changes: DemoFile) => void;
    address: string;
    url: string;
    onProgress: (share: number) => void;
  },
): Promise<number> {
  const { accounts, folder, now } = collector;
  const { site, file, remember, address, url, onProgress } = options;
  // Remembered before the first event: whoever stops in the middle goes on with the same history, not with one of the next day.
  const today = file.today ?? salonDate(now());
  const origin = file.origin ?? new URL(url).origin;
  remember({ today, origin });
  const key = await accounts.keys.create({ name: 'Demo history', scope: 'ingest', siteId: site.id });
  try {
    const until = now() - 60_000;
    const events = [...storyEvents(today, origin), ...historyEvents({ today, origin, until })];
    const { accepted } = await fillHistory({ address, siteId: site.publicId, key: key.secret, events, onProgress });
    // The leads are scored by what their browsers did, so that has to be in the database by then.
    await collector.spool.flush();
    await prepareLeads(collector, { site, today, until });
    writeFileSync(folder.file('planted-leaks.json'), `${JSON.stringify(plantedNumbers(today), null, 2)}\n`);
    remember({ filled: true });
    return accepted;
  } finally {
    await accounts.keys.remove(key.key.id);
  }
}

/** The rules of the house first, so that every lead is judged by them once; then leads, and what their sources cost. */
async function prepareLeads(
  collector: Collector,
  { site, today, until }: { site: SiteRecord; today: string; until: number },
): Promise<void> {
  const rules = demoHouse(today);
  for (const part of houseParts) await collector.house.save(site.id, part, { rules: rules[part], by: 'local' });
  await fillLeads(collector, { site, leads: demoLeads(today, until) });
  const { state, now } = collector;
  if ((await listCosts(state.db, site.id)).length > 0) return;
  await addCosts(state.db, {
    siteId: site.id,
    costs: demoCosts(today),
    currency: site.settings.currency,
    nowMs: now(),
  });
}

/** The planted leaks with the numbers of this day's history, for whoever wants to check a report against them. */
function plantedNumbers(today: string) {
  const people = byVisitor(visits(today));
  return plantedLeaks.map(({ measures, ...leak }) => ({
    ...leak,
    measures: measures.map((measure) => ({
      name: measure.name,
      funnels: funnelsOf(measure, today).map((request) => ({ request, counts: countFunnel(people, request) })),
    })),
  }));
}

function isSame(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
