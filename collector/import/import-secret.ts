import { randomBytes } from 'node:crypto';
import type { State } from '../state/database.ts';
import { readWatermark, writeWatermark } from '../state/watermarks.ts';

/**
 * What an unfinished import of a site needs to go on as it began: the salt of its cookieless visitors, and the first part of its
 * insert tokens. Stored when the import begins and thrown away when it ends, so that nobody can tell later who an id was.
 */
export async function openImportSecret(
  state: State,
  siteId: number,
): Promise<{ secret: string; forget: () => Promise<void> }> {
  const name = `import:${siteId}`;
  const forget = async () => {
    await state.db.deleteFrom('watermarks').where('name', '=', name).execute();
  };
  const begun = await readWatermark(state.db, name);
  if (begun !== null) return { secret: begun, forget };
  const secret = randomBytes(32).toString('hex');
  await writeWatermark(state.db, name, secret);
  return { secret, forget };
}
