import { BlockList, isIP } from 'node:net';

/** IPv4 ranges that are not the public internet (IANA special-purpose registry), multicast and reserved space included. */
const privateIPv4: [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/**
 * Inside 2000::/3, the only part of IPv6 that is the public internet: protocol assignments with Teredo and ORCHID, documentation,
 * and 6to4, which carries an IPv4 address that could be private. NAT64, mapped, link-local, unique local lie outside of 2000::/3.
 */
const privateInsideGlobalIPv6: [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];

export interface AddressGuard {
  /** Whether a webhook may be sent to this IP address. Anything that is not an IP address: no. */
  allows(address: string): boolean;
  /** Whether the operator named the address in the allow list. */
  isListed(address: string): boolean;
}

/** `allow`: CIDRs (or single addresses) that webhooks may reach although they are private. Throws on a bad one. */
export function createAddressGuard(allow: readonly string[]): AddressGuard {
  const listed = new BlockList();
  for (const cidr of allow) addCidr(listed, cidr);
  const globalIPv6 = new BlockList();
  globalIPv6.addSubnet('2000::', 3, 'ipv6');
  const refused = new BlockList();
  for (const [network, prefix] of privateIPv4) refused.addSubnet(network, prefix, 'ipv4');
  for (const [network, prefix] of privateInsideGlobalIPv6) refused.addSubnet(network, prefix, 'ipv6');

  const isListed = (address: string) => {
    const family = familyOf(address);
    // TRICKY: BlockList finds ::ffff:127.0.0.1 in 127.0.0.0/8; a mapped spelling is never let in by an IPv4 entry.
    return family !== undefined && !/^::ffff:/i.test(address) && listed.check(address, family);
  };
  return {
    isListed,
    allows(address) {
      const family = familyOf(address);
      if (!family) return false;
      if (isListed(address)) return true;
      if (family === 'ipv6' && !globalIPv6.check(address, 'ipv6')) return false;
      return !refused.check(address, family);
    },
  };
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  // A zone (fe80::1%eth0) names an interface of this machine.
  if (address.includes('%')) return undefined;
  const version = isIP(address);
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : undefined;
}

function addCidr(list: BlockList, cidr: string): void {
  const [network = '', prefix, ...rest] = cidr.trim().split('/');
  const family = familyOf(network);
  const bits = prefix === undefined ? (family === 'ipv4' ? 32 : 128) : Number(prefix);
  if (!family || rest.length > 0 || !Number.isInteger(bits) || bits < 0 || bits > (family === 'ipv4' ? 32 : 128)) {
    throw new Error(`${cidr} is not an address range. Write it as 10.0.0.0/8.`);
  }
  list.addSubnet(network, bits, family);
}
