import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { toEvent } from '../../examples/apache-log/to-events.mjs';

const script = fileURLToPath(new URL('../../examples/apache-log/to-events.mjs', import.meta.url));
const log = fileURLToPath(new URL('access.log', import.meta.url));
const origin = 'https://www.example.com';

function run(file: string): { url: string; ref?: string; userAgent?: string }[] {
  const printed = execFileSync(process.execPath, [script, file, origin], { encoding: 'utf8' });
  return printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('keeps page views and robots, and leaves out assets, feeds, other methods and failed requests', () => {
  // access.log has 14 lines: 6 page views of people, 1 of a robot, 3 assets, 1 feed, 1 POST, 1 404 and 1 broken line.
  expect(run(log).map((event) => event.url.replace(origin, ''))).toEqual([
    '/',
    '/pricing?plan=pro',
    '/contact/',
    '/',
    '/blog/feeding-cats',
    '/pricing',
    '/',
  ]);
});

test('reads a gzipped log just the same', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'telltale-')), 'access.log.gz');
  writeFileSync(file, gzipSync(execFileSync('cat', [log])));
  expect(run(file)).toEqual(run(log));
});

test('carries time, referring page, address and user agent over', () => {
  const line =
    '192.0.2.7 - - [17/May/2015:10:05:03 +0200] "GET /a?b=c HTTP/1.1" 200 99 "https://search.example/?q=a" "Mozilla/5.0 \\"x\\""';
  expect(toEvent(line, origin)).toEqual({
    name: 'pageview',
    at: '2015-05-17T08:05:03.000Z',
    url: 'https://www.example.com/a?b=c',
    ref: 'https://search.example/?q=a',
    ip: '192.0.2.7',
    userAgent: 'Mozilla/5.0 "x"',
  });
});

test('a dash for referring page or user agent means that there was none', () => {
  const event = toEvent('192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.0" 200 - "-" "-"', origin);
  expect(event).not.toHaveProperty('ref');
  expect(event).not.toHaveProperty('userAgent');
});
