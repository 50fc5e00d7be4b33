/**
 * Path of a page as it is counted: no query, no slash at the end except for `/` itself. A route behind `#/` belongs to it,
 * because there the fragment is the page: `/app#/settings`.
 */
export function pagePath(url: { pathname: string; hash: string }): string {
  const path = url.pathname.replace(/\/+$/, '') || '/';
  if (!url.hash.startsWith('#/')) return path;
  const route = url.hash.slice(1).replace(/\?.*$/, '').replace(/\/+$/, '');
  return route === '' ? path : `${path}#${route}`;
}
