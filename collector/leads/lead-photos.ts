import { nanoid } from 'nanoid';
import type { LeadPhoto } from '../contract/lead-answers.ts';
import { limits } from '../contract/limits.ts';
import { AppError } from '../errors.ts';
import { personOf } from '../state/lead-ledger.ts';
import type { Ledger } from './ledger.ts';
import { type LedgerSite, recordOnLead } from './record.ts';

const mostPhotos = 20;

/** Keeps a picture of a card or a note with a lead. Throws `not_found`, `too_large`, `unsupported_media_type`, `limit_reached`. */
export async function addPhoto(
  ledger: Ledger,
  { site, leadId, content, actor }: { site: LedgerSite; leadId: string; content: Uint8Array; actor: string },
): Promise<LeadPhoto> {
  if (content.byteLength > limits.photoBytes) {
    throw new AppError('too_large', { message: 'A photo may take 2 MB. Make it smaller, and try again.' });
  }
  const type = imageType(content);
  if (!type) {
    throw new AppError('unsupported_media_type', { message: 'This is no photo: send a JPEG, PNG or WebP picture.' });
  }
  const nowMs = ledger.now();
  const photo = { id: nanoid(), type, bytes: content.byteLength, at: new Date(nowMs).toISOString() };
  await ledger.state.db.transaction().execute(async (trx) => {
    const person = await personOf(trx, { siteId: site.id, leadId });
    const { count } = await trx
      .selectFrom('lead_photos')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('lead_id', '=', person.id)
      .executeTakeFirstOrThrow();
    if (count >= mostPhotos)
      throw new AppError('limit_reached', { message: `A lead has at most ${mostPhotos} photos.` });
    await trx
      .insertInto('lead_photos')
      .values({
        id: photo.id,
        site_id: site.id,
        lead_id: person.id,
        type,
        bytes: photo.bytes,
        content: Buffer.from(content),
        created_at: photo.at,
      })
      .execute();
    await recordOnLead(trx, {
      site,
      leadId: person.id,
      events: [{ kind: 'photo', data: { photo: photo.id, type, bytes: photo.bytes }, atMs: nowMs, actor }],
      nowMs,
      reactions: ledger.reactions,
    });
  });
  return photo;
}

export async function readPhoto(
  { state }: Pick<Ledger, 'state'>,
  { siteId, id }: { siteId: number; id: string },
): Promise<{ type: string; content: Uint8Array<ArrayBuffer> }> {
  const row = await state.db
    .selectFrom('lead_photos')
    .select(['type', 'content'])
    .where('site_id', '=', siteId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw new AppError('not_found');
  return { type: row.type, content: new Uint8Array(row.content) };
}

/** By its first bytes: what a sender calls it proves nothing. SVG is none of them, because it can hold scripts. */
function imageType(content: Uint8Array): string | null {
  const starts = (...bytes: number[]) => bytes.every((byte, index) => content[index] === byte);
  if (starts(0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
  const isRiff = starts(0x52, 0x49, 0x46, 0x46);
  return isRiff && Buffer.from(content.subarray(8, 12)).toString('latin1') === 'WEBP' ? 'image/webp' : null;
}
