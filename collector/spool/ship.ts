/** What is shipped: a sealed segment, or a part of one whose id is `<segment id>/<from>-<to>`. */
export interface Shipment {
  /** Base of the deduplication tokens. */
  id: string;
  /** File of records. */
  path: string;
  rows: number;
  intents: number;
}

/**
 * Brings a shipment into ClickHouse. Must be safe to repeat with the same id and bytes. Throws an error with
 * `permanent: true` where repeating cannot help because the data is refused, and then nothing of the shipment may be stored.
 */
export type Ship = (shipment: Shipment) => Promise<void>;

export function isPermanent(error: unknown): boolean {
  return (error as { permanent?: unknown } | null)?.permanent === true;
}
