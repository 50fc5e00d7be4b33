import { limits } from '../contract/limits.ts';
import type { IngestAnswer, ServerEvent } from '../contract/wire.ts';

/** Sends the history through the public server ingest, as any other system would. Events have ids: sending again adds nothing. */
export async function fillHistory(options: {
  address: string;
  siteId: string;
  /** An API key with the scope `ingest`. */
  key: string;
  events: readonly ServerEvent[];
  /** 0–1. */
  onProgress: (share: number) => void;
}): Promise<{ accepted: number; dropped: number }> {
  const { address, siteId, key, events, onProgress } = options;
  const total = { accepted: 0, dropped: 0 };
  for (let start = 0; start < events.length; start += limits.serverBatchEvents) {
    onProgress(start / events.length);
    const response = await fetch(`${address}/api/v1/sites/${siteId}/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ events: events.slice(start, start + limits.serverBatchEvents) }),
    });
    if (!response.ok) throw new Error(`The demo could not be filled: ${response.status} ${await response.text()}`);
    const answer = (await response.json()) as IngestAnswer;
    total.accepted += answer.accepted;
    total.dropped += answer.dropped.length;
  }
  onProgress(1);
  return total;
}
