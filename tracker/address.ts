/** What the server does not read of a query: all but campaigns, and ids of paid clicks (collector/ingest/attribution.ts). */
const others = /[?&](?!utm_|\w*(clk?|bra)id=|li_|rdt_)[^&]*/g;

/** A query as far as it is told: a form puts what was typed behind the ?. */
export const tellableQuery = (search: string): string => search.replace(others, '').replace(/^&/, '?');

/**
 * An address as far as it is told, without what follows #, which may be a secret, such as the token of a log-in. Where it is part of the
 * path it is added.
 */
export const tellable = ({ origin, pathname, search }: Location | URL): string =>
  origin + pathname + tellableQuery(search);
