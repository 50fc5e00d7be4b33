import { hash } from 'node:crypto';

/**
 * Decimal UInt64 of the first 8 bytes of SHA-256 over the parts joined with NUL. Used for visitor, session and page ids:
 * 64 bits fit a ClickHouse key, and text survives JSON, whose numbers are exact only to 2^53.
 */
export function hash64(...parts: string[]): string {
  return BigInt(`0x${hash('sha256', parts.join('\0'), 'hex').slice(0, 16)}`).toString();
}
