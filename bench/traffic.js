// @ts-check
// Made-up traffic for the benchmarks of questions, written by the engine itself: every value is a hash of the visitor's number, so
// the same size gives the same events on every machine.

/** Thirty days. */
export const from = '2026-09-01';
export const to = '2026-10-01';
/** With the shares below. */
export const eventsPerVisitor = 10.2;

/** Uniform in [0, 1), decided by what is hashed. @param {string} what */
const uniform = (what) => `(cityHash64(${what}) % 1000003 / 1000003)`;

/**
 * An INSERT into `events` of the visitors [first, last). `site` is the site's number, or an expression over the visitor's `number`. Sessions per visitor are Pareto (alpha 2, at most 300); 45 % of
 * sessions see one page; the others browse (pages by Zipf, 501 of them), and some of them go on to /pricing, /book, start a booking, and
 * finish it, in that order. Each page view has one `engagement`, but one in twelve.
 * @param {{ site: string, first: number, last: number }} slice
 */
export function trafficSql({ site, first, last }) {
  return `
INSERT INTO events (site_id, ts, visitor_id, session_id, page_id, seq, name, path, prev_path, page_number, host, title, country, city,
  device, browser, browser_version, os, os_version, language, referrer, channel, source, medium, campaign, engaged_ms, scroll, props,
  value, currency, persistent)
SELECT site, toDateTime64('${from} 00:00:00', 3, 'UTC') + toIntervalMillisecond(start_ms + page_ms + act.2), visitor, session, page_hash,
  toUInt32(act_number - 1), act.1 AS act_name, pages[page] AS page_path, if(act_name = 'pageview', pages[page - 1], ''),
  if(act_name = 'pageview', page, 0), 'example.com', if(act_name = 'pageview', concat('Title of ', page_path), ''), country, '', device, browser, '140', os, '',
  language, referrer, channel, source, medium, campaign, if(act_name = 'engagement', 4000 + page_hash % 9000, 0),
  if(act_name = 'engagement', page_hash % 100, 0), if(act_name = 'form_submit', map('form', 'booking'), map()),
  if(act_name = 'booking_done', 80, 0), if(act_name = 'booking_done', 'EUR', ''), 1
FROM (
  SELECT *, page, cityHash64(session, page) AS page_hash, toUInt32((page - 1) * 45000 + page_hash % 30000) AS page_ms, arrayFilter(a -> a.1 != '', [
      ('pageview', 0), (if(pages[page] = '/pricing', 'pricing_view', ''), 400), (if(pages[page] = '/book', 'cta_click', ''), 900),
      (if(pages[page] = '/book' AND starts, 'booking_start', ''), 3000), (if(pages[page] = '/book' AND starts, 'form_start', ''), 3001),
      (if(pages[page] = '/book' AND ends, 'form_submit', ''), 9000), (if(pages[page] = '/book' AND ends, 'booking_done', ''), 9400),
      (if(page_hash % 12 > 0, 'engagement', ''), toInt32(10000 + page_hash % 4000))]) AS acts
  FROM (
    SELECT *,
      if(${uniform('session, 1')} < 0.45, 1, 1 + toUInt8(least(20, floor(-log(1 - ${uniform('session, 2')}) * 2.7)))) AS browsed,
      browsed > 1 AND ${uniform('session, 3')} < 0.76 AS prices, prices AND ${uniform('session, 4')} < 0.5 AS books,
      books AND ${uniform('session, 5')} < 0.46 AS starts, starts AND ${uniform('session, 6')} < 0.41 AS ends,
      arrayConcat(arrayMap(i -> if(rank(session, i) = 1, '/', concat('/articles/article-', toString(rank(session, i)))), range(browsed)),
        if(prices, ['/pricing'], []), if(books, ['/book'], []), if(ends, ['/book/thanks'], []),
        if(prices, arrayMap(i -> concat('/articles/article-', toString(rank(session, i))), range(100, 100 + toUInt8(session_hash % 3))), [])) AS pages
    FROM (
      SELECT toUInt32(${site}) AS site, cityHash64('visitor', site, number) AS visitor, cityHash64('session', site, number, nth) AS session_hash,
        toInt64(session_hash % (29 * 86400000)) + 3600000 AS start_ms,
        bitOr(bitShiftLeft(toUInt64(toUnixTimestamp(toDateTime('${from} 00:00:00', 'UTC')) + intDiv(start_ms, 1000)), 32), bitAnd(cityHash64(session_hash), 0xffffffff)) AS session,
        ['DE', 'AT', 'CH', 'FR', 'US', 'GB', 'NL', 'PL', 'IT', 'ES'][toUInt8(pow(10, ${uniform('visitor, 1')}))] AS country,
        ['desktop', 'desktop', 'mobile', 'mobile', 'mobile', 'tablet'][1 + cityHash64(visitor, 2) % 6] AS device,
        ['Chrome', 'Chrome', 'Safari', 'Firefox', 'Edge'][1 + cityHash64(visitor, 3) % 5] AS browser,
        ['Windows', 'Android', 'iOS', 'Linux'][1 + cityHash64(visitor, 4) % 4] AS os,
        ['de', 'en', 'fr', 'pl'][1 + cityHash64(visitor, 5) % 4] AS language,
        ['direct', 'organic_search', 'organic_search', 'referral', 'email', 'paid_search'][1 + cityHash64(session, 7) % 6] AS channel,
        transform(channel, ['organic_search', 'referral', 'email', 'paid_search'], ['google', 'partner.example', 'newsletter', 'google'], '') AS source,
        transform(channel, ['email', 'paid_search'], ['email', 'cpc'], '') AS medium,
        if(medium != '', concat('campaign-', toString(cityHash64(session, 8) % 20)), '') AS campaign,
        if(source IN ('google', 'partner.example'), concat(source, '/'), '') AS referrer
      FROM numbers(${first}, ${last - first})
      ARRAY JOIN range(toUInt16(least(300, floor(1 / sqrt(1 - ${uniform(`'many', number`)}))))) AS nth
    )
  )
  ARRAY JOIN arrayEnumerate(pages) AS page
)
ARRAY JOIN acts AS act, arrayEnumerate(acts) AS act_number
SETTINGS max_insert_threads = 2, min_insert_block_size_rows = 2000000, min_insert_block_size_bytes = 0, max_partitions_per_insert_block = 0`.replaceAll(
    /rank\((\w+), (\w+)\)/g,
    (_, session, place) => `toUInt16(pow(502, ${uniform(`${session}, 'page', ${place}`)}))`,
  );
}
