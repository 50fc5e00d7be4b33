import { expect, test } from 'vitest';
import { patternToRegex } from '../../collector/contract/pattern.ts';
import { fitsPattern } from '../../tracker/fits-pattern.ts';

test.each([
  ['/admin/users', '/admin/**', true],
  ['/admin', '/admin/**', false],
  ['/blog/2026', '/blog/*', true],
  ['/blog/2026/one', '/blog/*', false],
  ['/blog/2026/one', '/blog/**', true],
  ['/a.b', '/a.b', true],
  ['/axb', '/a.b', false],
  ['/thanks', '/admin/**, /thanks', true],
  ['/(draft)/$1+2', '/(draft)/$1+2', true],
  ['/ümlaut/x', '/ümlaut/*', true],
])('%s fits "%s": %s', (path, patterns, fits) => {
  expect(fitsPattern(path, patterns)).toBe(fits);
});

test('a pattern means the same in the page and on the server', () => {
  for (const pattern of ['/', '/a/*', '/a/**', '**', '*', '/a*b', '/a.b/*-c', '/x/**/y', '***'])
    for (const path of ['/', '/a/', '/a/b', '/a/b/c', '/axb', '/a.b/1-c', '/x/1/2/y', ''])
      expect([pattern, path, fitsPattern(path, pattern)]).toEqual([
        pattern,
        path,
        new RegExp(patternToRegex(pattern)).test(path),
      ]);
});

test('what may stand before a pattern makes sub-domains part of a domain, and only those', () => {
  const isOwn = (host: string) => fitsPattern(host, 'example.com, localhost', '(.*\\.)?');
  expect(['example.com', 'www.example.com', 'localhost'].every(isOwn)).toBe(true);
  expect(['notexample.com', 'example.com.evil.test', 'examplexcom'].some(isOwn)).toBe(false);
});
