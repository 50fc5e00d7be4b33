import { useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { Site } from '../../collector/contract/manage.ts';
import { sitesQuery } from '../api/queries.ts';

const route = getRouteApi('/signed-in/sites/$site');

/** The site of the address, or undefined where there is none with this id. */
export function useMaybeSite(): Site | undefined {
  const { site } = route.useParams();
  return useSuspenseQuery(sitesQuery()).data.items.find((one) => one.id === site);
}

/** The site of the address. Only below SiteShell, which shows "no such site" itself. */
export function useSite(): Site {
  const site = useMaybeSite();
  if (!site) throw new Error('There is no site with this id.');
  return site;
}
