/** Whether a host is one of the site's domains or below one; `www.` in front of a domain stands for the domain itself. */
export function isHostOfSite(host: string, domains: readonly string[]): boolean {
  return domains.some((written) => {
    const domain = written.replace(/^www\./, '');
    return host === domain || host.endsWith(`.${domain}`);
  });
}
