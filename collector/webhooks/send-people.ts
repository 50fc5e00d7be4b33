import { nanoid } from 'nanoid';
import { limits } from '../contract/limits.ts';
import type { FunnelPeopleData, WebhookMessage } from '../contract/webhooks.ts';
import { AppError } from '../errors.ts';
import type { State } from '../state/database.ts';
import { getEndpoint } from '../state/endpoints.ts';
import { addToOutbox } from './outbox.ts';

type Person = FunnelPeopleData['people'][number];
type Head = Omit<FunnelPeopleData, 'id' | 'total' | 'part' | 'parts' | 'people'>;

/** Room for the fields around the list, and for those that a later version adds. */
const headBytes = 2_000;

/**
 * Puts people into messages to one endpoint, all or none. Answers how many messages. Throws `not_found`, and `conflict` where the
 * endpoint is off. Whether it has named the type does not matter: somebody has chosen it.
 */
export async function sendPeople(
  state: State,
  {
    siteId,
    endpointId,
    head,
    people,
    nowMs,
  }: { siteId: number; endpointId: string; head: Head; people: readonly Person[]; nowMs: number },
): Promise<number> {
  const id = nanoid();
  const parts = inParts(people);
  await state.db.transaction().execute(async (trx) => {
    const { enabled } = await getEndpoint(trx, siteId, endpointId);
    if (enabled === 0) throw new AppError('conflict', { message: 'This endpoint is off. Switch it on first.' });
    for (const [index, some] of parts.entries()) {
      const data: FunnelPeopleData = {
        id,
        ...head,
        total: people.length,
        part: index + 1,
        parts: parts.length,
        people: some,
      };
      const message: WebhookMessage<FunnelPeopleData> = {
        type: 'funnel.people',
        timestamp: new Date(nowMs).toISOString(),
        data,
      };
      await addToOutbox(trx, { siteId, endpointId, message, once: [id, String(index)], nextAtMs: nowMs, nowMs });
    }
  });
  return parts.length;
}

/** In order, each part small enough for one message. */
function inParts(people: readonly Person[]): Person[][] {
  const parts: Person[][] = [];
  let left = 0;
  for (const person of people) {
    const bytes = Buffer.byteLength(JSON.stringify(person)) + 1;
    const last = parts.at(-1);
    if (last && bytes <= left) {
      last.push(person);
      left -= bytes;
    } else {
      parts.push([person]);
      left = limits.webhookBytes - headBytes - bytes;
    }
  }
  return parts;
}
