import type { Route, Routing } from '../contract/routing.ts';
import type { ErrorDetail } from '../errors.ts';

/** What keeps a routing from being saved: names that are there twice, or nowhere, and routes that go round in a loop. */
export function routingMistakes({ owners, routes }: Routing): ErrorDetail[] {
  const mistakes: ErrorDetail[] = [];
  const ids = owners.map(({ id }) => id);
  const names = routes.map(({ name }) => name);
  ids.forEach((id, index) => {
    if (ids.indexOf(id) !== index) mistakes.push({ path: `owners.${index}.id`, message: `Another owner is ${id}.` });
  });
  routes.forEach((route, index) => {
    if (names.indexOf(route.name) !== index) {
      mistakes.push({ path: `routes.${index}.name`, message: `Another route is called ${route.name}.` });
    }
    if (route.to !== 'nurture' && 'owners' in route.to) {
      for (const id of route.to.owners.filter((one) => !ids.includes(one))) {
        mistakes.push({ path: `routes.${index}.to.owners`, message: `There is no owner ${id}.` });
      }
    }
    for (const name of goesTo(route).filter((one) => !names.includes(one))) {
      mistakes.push({ path: `routes.${index}`, message: `There is no route ${name}.` });
    }
  });
  return [...mistakes, ...loops(routes)];
}

/** What is allowed and worth saying: routes that lead to nobody who is there. */
export function routingWarnings({ owners, routes }: Routing): ErrorDetail[] {
  const left = new Map(owners.filter((owner) => owner.left).map(({ id, name }) => [id, name]));
  return routes.flatMap((route, index) => {
    if (route.to === 'nurture' || !('owners' in route.to)) return [];
    const gone = route.to.owners.flatMap((id) => left.get(id) ?? []);
    if (gone.length === 0) return [];
    const message =
      gone.length === route.to.owners.length
        ? `Everybody of ${route.name} has left: its leads go on as if all were full.`
        : `${gone.join(', ')} has left and gets nothing of ${route.name}.`;
    return [{ path: `routes.${index}.to.owners`, message }];
  });
}

function goesTo({ to, whenFull }: Route): string[] {
  return [
    ...(to !== 'nurture' && 'route' in to ? [to.route] : []),
    ...(typeof whenFull === 'object' ? [whenFull.route] : []),
  ];
}

/** Each loop once, told with all its routes. */
function loops(routes: readonly Route[]): ErrorDetail[] {
  const byName = new Map(routes.map((route) => [route.name, route]));
  const done = new Set<string>();
  const found: ErrorDetail[] = [];
  const walk = (name: string, way: string[]): void => {
    if (way.includes(name)) {
      const loop = [...way.slice(way.indexOf(name)), name];
      const index = routes.findIndex((route) => route.name === name);
      found.push({ path: `routes.${index}`, message: `These routes go round in a loop: ${loop.join(' → ')}.` });
      return;
    }
    if (done.has(name)) return;
    const route = byName.get(name);
    for (const next of route ? goesTo(route) : []) walk(next, [...way, name]);
    done.add(name);
  };
  for (const { name } of routes) walk(name, []);
  return found;
}
