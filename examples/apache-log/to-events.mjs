#!/usr/bin/env node
// @ts-check
// Page views of an Apache "combined" access log, as lines for `telltale import`:
//
//   node to-events.mjs access.log.gz https://www.example.com > events.ndjson
//   npx telltale import events.ndjson --site SITE
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { createGunzip } from 'node:zlib';

/** `%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"`: https://httpd.apache.org/docs/current/logs.html#combined */
const combined =
  /^(\S+) \S+ \S+ \[([^\]]+)\] "([A-Z]+) (\S+)[^"]*" (\d{3}) \S+ "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"/;
/** What a page loads or a feed reader asks for, which is not a person opening a page. */
const asset =
  /\.(css|m?js|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|otf|eot|xml|rss|atom)$|^\/robots\.txt$|(^|\/)(feed|rss|atom)\/?$/i;

/**
 * One line of the log as an event, or null where it is no page view. Robots stay in: Telltale knows them by their user agent and
 * counts what it leaves out.
 *
 * @param {string} line
 * @param {string} origin scheme and host of the site, because the log names only the path
 */
export function toEvent(line, origin) {
  const [found, ip, time, method, target, status, ref, userAgent] = combined.exec(line) ?? [];
  if (!found || !time || !target || method !== 'GET' || Number(status) >= 400) return null;
  const path = target.replace(/[?#].*/, '');
  if (asset.test(path) || !target.startsWith('/')) return null;
  const at = toInstant(time);
  if (!at) return null;
  return {
    name: 'pageview',
    at,
    url: origin + target,
    ip,
    ...(ref && ref !== '-' ? { ref } : {}),
    ...(userAgent && userAgent !== '-' ? { userAgent: userAgent.replace(/\\(.)/g, '$1') } : {}),
  };
}

const months = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/**
 * `17/May/2015:10:05:03 +0000` as ISO 8601.
 * @param {string} time
 */
function toInstant(time) {
  const [found, day, month = '', year, clock, sign, hours, minutes] =
    /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-])(\d\d)(\d\d)$/.exec(time) ?? [];
  const number = months.indexOf(month) / 3 + 1;
  if (!found || !Number.isInteger(number) || number < 1) return null;
  const instant = new Date(`${year}-${String(number).padStart(2, '0')}-${day}T${clock}${sign}${hours}:${minutes}`);
  return Number.isNaN(instant.getTime()) ? null : instant.toISOString();
}

/**
 * @param {string} file a log, gzipped where its name ends in `.gz`; `-` is standard input
 * @param {string} origin
 */
export async function* toEvents(file, origin) {
  const raw = file === '-' ? process.stdin : createReadStream(file);
  const input = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  if (raw !== input) raw.on('error', (/** @type {Error} */ error) => input.destroy(error));
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    const event = toEvent(line, origin);
    if (event) yield event;
  }
}

async function main() {
  const [file, site] = process.argv.slice(2);
  if (!file || !site || !URL.canParse(site)) {
    process.stderr.write('Usage: node to-events.mjs <access.log|access.log.gz|-> https://www.example.com\n');
    process.exit(2);
  }
  for await (const event of toEvents(file, new URL(site).origin)) {
    const ready = process.stdout.write(`${JSON.stringify(event)}\n`);
    if (!ready) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
