import type { Owner, Route, Routing } from '../contract/routing.ts';

/** What routing asks of a lead. Empty text: not known. */
export interface RoutedLead {
  country: string;
  region: string;
  postcode: string;
  channel: string;
  source: string;
  campaign: string;
  kind: string;
}

/** What an owner has been given by routing. */
export interface OwnerLoad {
  /** Today, in the site's zone. */
  today: number;
  /** Number of the turn that was last given, over all owners of the site; 0: never. */
  lastTurn: number;
}

export type Routed =
  | { to: 'owner'; ownerId: string; route: string }
  | { to: 'nurture'; route: string; why: string }
  /** Nobody may have it today. */
  | { to: 'wait'; route: string }
  /** No route fits, or nobody of those that fit is there. */
  | { to: 'nobody' };

/**
 * Who gets a lead. Of several owners it is the one whose turn is longest ago, of those who have had none the first in the list.
 * `loads` leaves out who has had nothing yet.
 */
export function routeLead(routing: Routing, lead: RoutedLead, loads: ReadonlyMap<string, OwnerLoad>): Routed {
  const byName = new Map(routing.routes.map((route) => [route.name, route]));
  const present = new Map(routing.owners.filter(({ left }) => !left).map((owner) => [owner.id, owner]));
  for (const route of routing.routes) {
    if (!fits(route, lead)) continue;
    const routed = follow(route, { byName, present, loads });
    if (routed) return routed;
  }
  return { to: 'nobody' };
}

/** The answer of one route; null where the next one that fits is to be asked. */
function follow(
  start: Route,
  {
    byName,
    present,
    loads,
  }: {
    byName: ReadonlyMap<string, Route>;
    present: ReadonlyMap<string, Owner>;
    loads: ReadonlyMap<string, OwnerLoad>;
  },
): Routed | null {
  let route: Route | undefined = start;
  // Routes without a loop visit each other once at most.
  for (let step = 0; route && step <= byName.size; step += 1) {
    if (route.to === 'nurture') return { to: 'nurture', route: route.name, why: `by the route ${route.name}` };
    if ('route' in route.to) {
      route = byName.get(route.to.route);
      continue;
    }
    const team = route.to.owners.flatMap((id) => present.get(id) ?? []);
    const free = team.filter(({ id, perDay }) => perDay === undefined || (loads.get(id)?.today ?? 0) < perDay);
    const turn = (owner: Owner) => loads.get(owner.id)?.lastTurn ?? 0;
    const next = free.reduce<Owner | undefined>(
      (best, one) => (best && turn(best) <= turn(one) ? best : one),
      undefined,
    );
    if (next) return { to: 'owner', ownerId: next.id, route: route.name };
    // Nobody is there at all: tomorrow will not be better.
    if (team.length === 0 && route.whenFull === 'wait') return null;
    if (route.whenFull === 'next') return null;
    if (route.whenFull === 'wait') return { to: 'wait', route: route.name };
    if (route.whenFull === 'nurture')
      return { to: 'nurture', route: route.name, why: 'everybody has enough leads today' };
    route = byName.get(route.whenFull.route);
  }
  return null;
}

function fits({ when }: Route, lead: RoutedLead): boolean {
  const isOneOf = (wanted: string[] | undefined, value: string) =>
    wanted === undefined || wanted.some((one) => one.toLowerCase() === value.toLowerCase());
  const postcode = lead.postcode.replace(/\s/g, '').toLowerCase();
  return (
    isOneOf(when.countries, lead.country) &&
    isOneOf(when.regions, lead.region) &&
    isOneOf(when.channels, lead.channel) &&
    isOneOf(when.sources, lead.source) &&
    isOneOf(when.campaigns, lead.campaign) &&
    isOneOf(when.kinds, lead.kind) &&
    (when.postcodes === undefined ||
      (postcode !== '' && when.postcodes.some((one) => postcode.startsWith(one.replace(/\s/g, '').toLowerCase()))))
  );
}
