import { expect, test } from 'vitest';
import { policiesAllow } from '../../collector/install/content-policy.ts';

const page = new URL('https://shop.example/pricing');
const script = new URL('https://stats.example/t/a1b2c3d4e5.js');
const mayLoad = (policy: string, more: { target?: string; nonce?: string; page?: string } = {}) =>
  policiesAllow([policy], {
    directive: 'script-src',
    target: more.target ? new URL(more.target) : script,
    page: more.page ? new URL(more.page) : page,
    nonce: more.nonce,
  });
const maySend = (policy: string) =>
  policiesAllow([policy], { directive: 'connect-src', target: new URL('https://stats.example/e'), page });

test.each([
  ["img-src 'self'"],
  ['script-src *'],
  ['script-src https:'],
  ['script-src http:'],
  ["default-src 'none'; script-src https://stats.example"],
  ['script-src stats.example'],
  ['script-src *.example'],
  ['script-src https://stats.example/t/'],
  ['script-src https://stats.example:443'],
  ['SCRIPT-SRC STATS.EXAMPLE'],
  ["script-src 'self'; script-src-elem stats.example"],
])('policy: "%s" lets the script be loaded', (policy) => {
  expect(mayLoad(policy)).toBe(true);
});

test.each([
  ["script-src 'none'"],
  ["default-src 'self'"],
  ['script-src *.stats.example'],
  ['script-src https://stats.example/x/'],
  ['script-src https://stats.example/t'],
  ['script-src https://stats.example:8443'],
  ["script-src 'strict-dynamic' 'nonce-abc' https://stats.example"],
  ['script-src stats.example; script-src-elem shop.example'],
  ['sandbox allow-forms; script-src *'],
  ["script-src 'self', script-src *"],
  ['script-src'],
])('policy: "%s" does not', (policy) => {
  expect(mayLoad(policy)).toBe(false);
});

test('policy: a nonce of the tag opens what the list does not', () => {
  expect(mayLoad("script-src 'nonce-abc' 'strict-dynamic'", { nonce: 'abc' })).toBe(true);
  expect(mayLoad("script-src 'nonce-abc'", { nonce: 'abd' })).toBe(false);
});

test('policy: a script of the page itself is its own', () => {
  const proxied = 'https://shop.example/assets/tt/t/a1b2c3d4e5.js';
  expect(mayLoad("script-src 'self'", { target: proxied })).toBe(true);
  // Everything goes up to https, nothing goes down.
  expect(mayLoad("script-src 'self'", { target: proxied, page: 'http://shop.example/' })).toBe(true);
  expect(mayLoad("script-src 'self'", { target: proxied.replace('https', 'http') })).toBe(false);
});

test('policy: sending has a directive of its own, and falls back to the default', () => {
  expect(maySend("script-src 'none'")).toBe(true);
  expect(maySend("default-src 'self'")).toBe(false);
  expect(maySend("default-src 'self'; connect-src https://stats.example")).toBe(true);
});

test('policy: of several, all must allow it', () => {
  const question = { directive: 'script-src', target: script, page } as const;
  expect(policiesAllow(['script-src *', "script-src 'self'"], question)).toBe(false);
  expect(policiesAllow([], question)).toBe(true);
});
