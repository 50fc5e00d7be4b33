import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * The visitor's address. Without trusted proxies it is the socket's, whatever the headers say, because anybody can write a
 * header. With n hops it is the n-th from the right of X-Forwarded-For: what our own outermost proxy saw.
 */
export function clientAddress(request: {
  socket: string;
  forwardedFor: string | undefined;
  /** Number of our own proxies in front of the collector. */
  trustProxy: number;
}): string {
  const socket = plainAddress(request.socket) ?? '';
  if (request.trustProxy < 1) return socket;
  const hops = (request.forwardedFor ?? '').split(',');
  return plainAddress(hops.at(-request.trustProxy) ?? '') ?? socket;
}

/** Whether the address belongs to this machine. */
export function isLoopback(address: string): boolean {
  return address.includes(':') ? rangeOf(address) === 'loopback' : address.startsWith('127.');
}

/** Whether the address says something about where in the world it is. */
export function isPublic(address: string): boolean {
  return rangeOf(address) === 'unicast';
}

/** What one visitor can hold: an IPv4 address, or the /64 of an IPv6 address, inside which every device picks its own. */
export function addressBlock(address: string): string {
  if (isIP(address) !== 6) return address;
  const parts = ipaddr.IPv6.parse(address).parts;
  return `${parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}

function rangeOf(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).range() : '';
}

/** Without port, brackets, zone and the IPv4-in-IPv6 prefix that dual-stack sockets add; undefined where it is no address. */
function plainAddress(text: string): string | undefined {
  const trimmed = text.trim();
  const bare = /^\[(.+)\](:\d+)?$/.exec(trimmed)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(trimmed)?.[1] ?? trimmed;
  const address = bare.replace(/%.*$/, '');
  if (isIP(address) === 0) return undefined;
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
