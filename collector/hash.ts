import { hash } from 'node:crypto';

/**
 * Decimal UInt64 of the first 8 bytes of SHA-256 over the parts joined with NUL. Used for visitor, session and page ids:
 * 64 bits fit a ClickHouse key, and text survives JSON, whose numbers are exact only to 2^53.
 */
export function hash64(...parts: string[]): string {
  return BigInt(`0x${hash('sha256', parts.join('\0'), 'hex').slice(0, 16)}`).toString();
}

/**
 * Decimal UInt64 that names a session: the second it was opened in its upper half, a hash in its lower. Sessions that begin about
 * the same time then lie together in ClickHouse, and compress better. The second is a hint: late events may move a session's start.
 */
export function sessionIdAt({ siteId, visitorId, ms }: { siteId: number; visitorId: string; ms: number }): string {
  const hash = BigInt(hash64(String(siteId), visitorId, String(ms)));
  return ((BigInt(Math.floor(ms / 1000)) << 32n) | (hash & 0xffff_ffffn)).toString();
}

/** Visitor id that stands for a person who is known only to the ledger, by the lead's id or by what a server calls it. */
export function leadVisitorId(siteId: number, lead: string): string {
  return hash64('lead', String(siteId), lead.trim().toLowerCase());
}
