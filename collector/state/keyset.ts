/** Where a page of a list ended: the sort value and the id of its last row, both text. */
export interface Keyset {
  sort: string;
  id: string;
}

export function toCursor(last: Keyset): string {
  return Buffer.from(JSON.stringify([last.sort, last.id])).toString('base64url');
}

/** Undefined where the text is no cursor of ours: the list then starts at its beginning. */
export function parseCursor(cursor: string | undefined): Keyset | undefined {
  if (!cursor) return undefined;
  try {
    const [sort, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
    return typeof sort === 'string' && typeof id === 'string' ? { sort, id } : undefined;
  } catch {
    return undefined;
  }
}

/** A page of rows that were read with one more than the limit: the extra row says that there is a next page, and is not shown. */
export function toPage<Row extends { id: string }>(
  rows: readonly Row[],
  { limit, sortOf }: { limit: number; sortOf: (row: Row) => string },
): { rows: Row[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > limit && last ? toCursor({ sort: sortOf(last), id: last.id }) : null };
}
