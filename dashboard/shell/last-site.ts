const key = 'telltale.site';

/** The site looked at last, on this browser. */
export function lastSite(): string | null {
  return localStorage.getItem(key);
}

export function rememberSite(site: string): void {
  localStorage.setItem(key, site);
}
