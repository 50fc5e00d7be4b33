import { expect, test } from 'vitest';
import { addressBlock, clientAddress, isLoopback, isPublic } from '../../collector/ingest/client-address.ts';

const socket = '203.0.113.1';
const forwarded = '198.51.100.9, 198.51.100.2, 198.51.100.3';
const address = (trustProxy: number, forwardedFor?: string) => clientAddress({ socket, forwardedFor, trustProxy });

test('believes no header unless proxies are configured', () => {
  expect(address(0, forwarded)).toBe(socket);
});

test('counts the hops from the right, where our own proxies write', () => {
  expect(address(1, forwarded)).toBe('198.51.100.3');
  expect(address(2, forwarded)).toBe('198.51.100.2');
});

test('falls back to the socket where the header is too short, missing or nonsense', () => {
  expect(address(4, forwarded)).toBe(socket);
  expect(address(1)).toBe(socket);
  expect(address(1, 'unknown')).toBe(socket);
});

test('understands ports, brackets, zones and IPv4 inside IPv6', () => {
  expect(address(1, '198.51.100.3:4711')).toBe('198.51.100.3');
  expect(address(1, '[2001:db8::1]:4711')).toBe('2001:db8::1');
  expect(clientAddress({ socket: '::ffff:127.0.0.1', forwardedFor: undefined, trustProxy: 0 })).toBe('127.0.0.1');
  expect(clientAddress({ socket: 'fe80::1%eth0', forwardedFor: undefined, trustProxy: 0 })).toBe('fe80::1');
});

test('knows this machine and the public internet', () => {
  expect(['127.0.0.1', '::1', '10.0.0.1', '8.8.8.8', ''].map(isLoopback)).toEqual([true, true, false, false, false]);
  expect(['8.8.8.8', '2606:4700::1', '10.0.0.1', '192.168.1.1', '127.0.0.1', 'fe80::1', 'x'].map(isPublic)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

test('what one visitor can hold is an IPv4 address or an IPv6 /64', () => {
  expect(addressBlock('203.0.113.1')).toBe('203.0.113.1');
  expect(addressBlock('2001:db8:0:1::1')).toBe(addressBlock('2001:db8:0:1:ffff::2'));
  expect(addressBlock('2001:db8:0:1::1')).not.toBe(addressBlock('2001:db8:0:2::1'));
});
