import { hash64 } from '../hash.ts';
import { countOccurrences } from './count-occurrences.ts';
import type { FormatOptions, ImportFormat, ImportRecord } from './format.ts';
import { linesOf } from './lines-of.ts';

/**
 * Apache's and nginx's "combined" format, `%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"`:
 * https://httpd.apache.org/docs/current/logs.html#combined. A line that a crash cut off in the user agent still counts.
 */
const combined =
  /^(\S+) \S+ .*?\[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) \S+ "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)(?:"|$)/;
const request = /^([A-Z]+) (\S+)/;

/** What a page loads or a feed reader asks for, which is not a person opening a page. */
const asset =
  /\.(css|m?js|map|json|png|jpe?g|gif|svg|webp|avif|bmp|ico|woff2?|ttf|otf|eot|mp[34]|webm|xml|rss|atom)$|^\/robots\.txt$|(^|\/)(feed|rss|atom)\/?$/i;

/** The page views of a web server's log. The address and the user agent make the visitor of the log's own day, and are not stored. */
export const accessLog: ImportFormat = async function* (bytes, options) {
  const occurrences = countOccurrences();
  for await (const { first, lines } of linesOf(bytes)) {
    const records: ImportRecord[] = [];
    for (const [index, line] of lines.entries()) {
      if (line.trim() !== '') records.push(toRecord(line, first + index, { ...options, occurrences }));
    }
    yield records;
  }
};

function toRecord(
  line: string,
  number: number,
  { origin, occurrences }: FormatOptions & { occurrences: (line: string) => number },
): ImportRecord {
  const [found, ip, time, asked, status, ref, userAgent] = combined.exec(line) ?? [];
  if (!found || !time) return { number, problem: 'It is not a line of a combined access log.' };
  const at = toInstant(time);
  if (!at) return { number, problem: `"${time}" is not a time such as 17/May/2015:10:05:03 +0000.` };
  const [, method, target] = request.exec(unescaped(asked ?? '')) ?? [];
  // Garbage that a scanner sent instead of a request.
  if (!method || !target) return { number, skip: 'method' };
  if (method !== 'GET') return { number, skip: 'method' };
  if (Number(status) >= 400) return { number, skip: 'status' };
  const path = pathOf(target);
  if (path === undefined) return { number, skip: 'not-a-page' };
  if (asset.test(path.replace(/[?#].*/, ''))) return { number, skip: 'asset' };
  return {
    number,
    event: {
      // Not the number of the line: a log that has grown, or was joined with another one, gives its lines the same ids again.
      id: `log-${hash64(line, String(occurrences(line)))}`,
      name: 'pageview',
      at,
      url: (origin + path).slice(0, maxAddress),
      ...(ref && ref !== '-' ? { ref: unescaped(ref).slice(0, maxAddress) } : {}),
      ...(ip ? { ip: ip.slice(0, 64) } : {}),
      // A dash stands for none, which no browser sends: it counts as a robot.
      userAgent: unescaped(userAgent || '-').slice(0, 512),
    },
  };
}

const maxAddress = 2_048;

/** Path and query of a request; proxies are asked for whole addresses. */
function pathOf(target: string): string | undefined {
  if (target.startsWith('/')) return target;
  if (!URL.canParse(target)) return undefined;
  const { protocol, pathname, search } = new URL(target);
  return protocol === 'http:' || protocol === 'https:' ? pathname + search : undefined;
}

/** Apache writes quotes as `\"` and bytes outside ASCII as `\xhh`. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes = text.replace(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) => `%${hex}`).replace(/\\(.)/g, '$1');
  try {
    return bytes.includes('%') && /\\x/.test(text) ? decodeURIComponent(bytes) : bytes;
  } catch {
    return bytes;
  }
}

const months = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const logTime = /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/;

/** `17/May/2015:10:05:03 +0000` as milliseconds. */
function toInstant(time: string): number | undefined {
  const [found, day, month = '', year, hour, minute, second, sign, hours, minutes] = logTime.exec(time) ?? [];
  const index = months.indexOf(month);
  if (!found || index < 0 || index % 3 !== 0) return undefined;
  const local = Date.UTC(Number(year), index / 3, Number(day), Number(hour), Number(minute), Number(second));
  const ahead = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === '-' ? local + ahead : local - ahead;
}
