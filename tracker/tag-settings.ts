/**
 * The settings as the tag's attributes write them (`data-host`, `data-domains` …): text, or absent. What the server knows of the site
 * is put into the script when it is served, in the same words.
 */
export interface TagSettings {
  /** The site's public id. */
  site: string;
  /** Host names apart by commas; sub-domains count too. */
  domains?: string | undefined;
  /** Path patterns apart by commas. */
  exclude?: string | undefined;
  /** `false`: page views only by call. */
  auto?: string | undefined;
  /** Present: what follows `#` is part of the path. */
  hash?: string | undefined;
  consent?: string | undefined;
  /** What is told without being asked, apart by commas (`AutoEvent` of the contract). Absent: all but `dataLayer`; empty: nothing. */
  events?: string | undefined;
  /** Present: never keeps an id. */
  cookieless?: string | undefined;
  /** `ignore`: GPC and DNT do not matter on this site. */
  signals?: string | undefined;
}
