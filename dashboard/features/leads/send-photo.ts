import type { LeadPhoto } from '../../../collector/contract/lead-answers.ts';
import { request } from '../../api/client.ts';

/** Longest edge: enough to read a card, small enough for a phone's connection. */
const longestEdge = 1_600;
const quality = 0.82;

/** Where a photo is shown. */
export function photoAddress(site: string, photo: string): string {
  return `/api/v1/sites/${site}/photos/${photo}`;
}

/** Makes a photo small enough and keeps it with the lead. */
export async function sendPhoto({ site, lead, file }: { site: string; lead: string; file: File }): Promise<LeadPhoto> {
  return request<LeadPhoto>('POST', `/sites/${site}/leads/${lead}/photos`, { body: await shrink(file) });
}

/** A JPEG of at most 1,600 pixels; where the browser cannot read the picture, the picture itself, and the server says what is wrong. */
async function shrink(file: File): Promise<Blob> {
  const picture = await createImageBitmap(file).catch(() => null);
  if (picture === null) return file;
  const scale = Math.min(1, longestEdge / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const small = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', quality));
  return small ?? file;
}
