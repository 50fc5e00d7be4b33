/** Under it the id is stored, and after a dot what waits for the next page. Ids of sites all have one length, so none begins another. */
export const storedNameOf = (site: string): string => `telltale.${site}`;
