import { describe, expect, test } from 'vitest';
import { limits } from '../../collector/contract/limits.ts';
import { hash64, sessionIdAt } from '../../collector/hash.ts';
import { fakeClock } from '../support/clock.ts';
import { pageview, visitorId } from '../support/factories.ts';
import { anasAddress, firefox, googlebot, iphone, openDoor, view } from './door.ts';

describe('a kept event', () => {
  test('becomes a row with every column in its place', async () => {
    const door = await openDoor({ geo: (address) => (address === anasAddress ? 'AT' : '') });
    const reply = await door.send({
      events: [
        view('/pricing/?utm_source=letter&utm_medium=email&utm_campaign=autumn', {
          seq: 4,
          age: 1_500,
          ref: 'https://news.example/today?id=7',
          title: 'Prices',
          props: { plan: 'pro', seats: 3, trial: true },
        }),
      ],
    });
    expect(reply).toEqual({ status: 202, answer: { accepted: 1, dropped: [] } });
    expect(door.rows).toEqual([
      {
        id: 'page-1.4',
        site_id: 1,
        // 1.5 s before noon, when it was received.
        ts: '2026-09-01 11:59:58.500',
        received_at: '2026-09-01 12:00:00.000',
        visitor_id: hash64('v', '1', 'ana'),
        session_id: sessionIdAt({
          siteId: 1,
          visitorId: hash64('v', '1', 'ana'),
          ms: Date.parse('2026-09-01T11:59:58.500Z'),
        }),
        page_id: hash64('page-1'),
        seq: 4,
        name: 'pageview',
        path: '/pricing',
        prev_path: '',
        page_number: 1,
        host: 'example.com',
        origin: 'https://example.com',
        title: 'Prices',
        country: 'AT',
        region: '',
        city: '',
        device: 'desktop',
        browser: 'Firefox',
        browser_version: '140',
        os: 'Linux',
        os_version: '',
        language: 'de',
        referrer: 'news.example/today',
        channel: 'email',
        source: 'letter',
        medium: 'email',
        campaign: 'autumn',
        term: '',
        content: '',
        engaged_ms: 0,
        scroll: 0,
        props: { plan: 'pro', seats: '3', trial: 'true' },
        value: 0,
        currency: '',
        persistent: 1,
        clock_replaced: 0,
        intent: 0,
      },
    ]);
    expect(JSON.stringify(door.rows)).not.toContain(anasAddress);
  });

  test('carries value and currency as money, the site’s currency where it names none', async () => {
    const door = await openDoor({ site: { settings: { currency: 'CHF' } } });
    await door.send({
      events: [
        view('/a', { seq: 1, name: 'order', props: { value: 49.9, currency: 'eur', plan: 'pro' } }),
        view('/a', { seq: 2, name: 'order', props: { value: '12.34567' } }),
        view('/a', { seq: 3, name: 'order', props: { value: 'a lot' } }),
      ],
    });
    expect(door.rows.map(({ value, currency, props }) => ({ value, currency, props }))).toEqual([
      { value: 49.9, currency: 'EUR', props: { plan: 'pro' } },
      { value: 12.3457, currency: 'CHF', props: {} },
      { value: 0, currency: '', props: { value: 'a lot' } },
    ]);
  });

  test('of engagement carries its totals in their columns', async () => {
    const door = await openDoor();
    await door.send({
      events: [view('/a', { seq: 1, name: 'engagement', props: { engaged_ms: 24_230.4, scroll: 640, exit: 'tab' } })],
    });
    expect(door.rows[0]).toMatchObject({ engaged_ms: 24_230, scroll: 100, props: { exit: 'tab' } });
  });

  test('is clean text: no control characters, no half characters', async () => {
    const door = await openDoor();
    await door.send({
      events: [view('/a', { title: 'Prices\u0000 \ud800 for\nall \ud83d\ude00', props: { 'k\u0001': '\udc00' } })],
    });
    expect(door.rows[0]).toMatchObject({ title: 'Prices \ufffd for all 😀', props: { k: '\ufffd' } });
  });

  test('takes the page of the event before it where it names none', async () => {
    const door = await openDoor();
    await door.send({ events: [view('/booking'), { seq: 1, age: 0, name: 'form_start' }] });
    await door.send(
      { events: [{ seq: 2, age: 0, name: 'form_submit' }] },
      { headers: { origin: 'https://example.com' } },
    );
    expect(door.rows.map(({ name, host, path }) => [name, host, path])).toEqual([
      ['pageview', 'example.com', '/booking'],
      ['form_start', 'example.com', '/booking'],
      ['form_submit', 'example.com', '/booking'],
    ]);
  });

  test('is marked as intent where a rule of its site asks for it', async () => {
    const door = await openDoor({ matchersFor: (siteId) => [(row) => siteId === 1 && row.path === '/pricing'] });
    await door.send({ events: [view('/pricing'), view('/blog', { seq: 1 })] });
    expect(door.rows.map(({ path, intent }) => [path, intent])).toEqual([
      ['/pricing', 1],
      ['/blog', 0],
    ]);
  });

  test('the first of a site is noted, once', async () => {
    const door = await openDoor();
    await door.send({ events: [view('/a')] });
    await door.send({ events: [view('/b', { seq: 1 })] });
    expect(door.firstEvents).toEqual(['2026-09-01T12:00:00.000Z']);
  });

  test('shows in the live list', async () => {
    const door = await openDoor();
    await door.send({ events: [view('/pricing')] });
    expect(door.live()).toEqual([
      {
        at: '2026-09-01T12:00:00.000Z',
        name: 'pageview',
        path: '/pricing',
        host: 'example.com',
        country: '',
        device: 'desktop',
        source: '',
      },
    ]);
  });
});

describe('paths', () => {
  test.each([
    ['/', '/'],
    ['/pricing', '/pricing'],
    ['/pricing/', '/pricing'],
    ['/pricing?plan=pro#faq', '/pricing'],
    ['/#/settings', '/#/settings'],
    ['/app/#/settings/?tab=2', '/app#/settings'],
    ['//', '/'],
  ])('%s is counted as %s', async (written, counted) => {
    const door = await openDoor();
    await door.send({ events: [view(written)] });
    expect(door.rows[0]?.path).toBe(counted);
  });

  test('the host is in lower case and keeps its www', async () => {
    const door = await openDoor();
    await door.send({ events: [view('', { url: 'https://WWW.Example.com:8443/a' })] });
    expect(door.rows[0]?.host).toBe('www.example.com');
  });
});

describe('invalid', () => {
  test('one bad event does not cost the others, and is named with its place', async () => {
    const door = await openDoor();
    const reply = await door.send({
      events: [
        view('/a'),
        view('/b', { seq: 1, name: '' }),
        'nonsense',
        view('/c', { seq: 2, props: { nested: {} } }),
        view('/d', { seq: 3 }),
      ],
    });
    expect(door.rows.map((row) => row.path)).toEqual(['/a', '/d']);
    expect(reply).toMatchObject({ status: 202, dropped: 'invalid', answer: { accepted: 2 } });
    const { dropped } = reply.answer as { dropped: { index: number; reason: string; detail: string }[] };
    expect(dropped.map(({ index, reason }) => [index, reason])).toEqual([
      [1, 'invalid'],
      [2, 'invalid'],
      [3, 'invalid'],
    ]);
    expect(dropped[0]?.detail).toMatch(/^name: /);
    expect(await door.dropped('invalid')).toBe(3);
  });

  test.each(['__proto__', 'constructor', 'prototype'])('a key %s is refused at any depth', async (key) => {
    const door = await openDoor();
    const reply = await door.sendRaw(
      `{"v":1,"site":"site1","page":"p","events":[{"seq":1,"name":"a","url":"https://example.com/","props":{"${key}":"x"}}]}`,
    );
    expect(reply.answer).toMatchObject({ dropped: [{ detail: `The key "${key}" is not allowed.` }] });
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('x');
  });

  test('an event without any id says how to give it one', async () => {
    const door = await openDoor();
    const reply = await door.sendRaw('{"v":1,"site":"site1","events":[{"name":"a","url":"https://example.com/"}]}');
    expect(reply.answer).toMatchObject({
      dropped: [{ detail: 'An event needs an id, or a seq while its batch has a page.' }],
    });
  });

  test.each(['javascript:alert(1)', 'file:///etc/passwd', 'pricing', 'https://'])(
    'the url %s is refused',
    async (url) => {
      const door = await openDoor();
      const reply = await door.send({ events: [view('', { url })] });
      expect(reply.answer).toMatchObject({ dropped: [{ reason: 'invalid' }] });
    },
  );

  test('an event that would take more than 8 KiB is refused, one just below is kept', async () => {
    const door = await openDoor();
    const props = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'x'.repeat(512)]));
    const reply = await door.send({
      events: [view('/a', { props: props(16) }), view('/a', { seq: 1, props: props(13) })],
    });
    expect(reply.answer).toMatchObject({ accepted: 1, dropped: [{ index: 0, reason: 'invalid' }] });
  });

  test('more than 32 properties are refused', async () => {
    const door = await openDoor();
    const props = Object.fromEntries(Array.from({ length: limits.props + 1 }, (_, i) => [`k${i}`, i]));
    const reply = await door.send({ events: [view('/a', { props })] });
    expect(reply.answer).toMatchObject({ dropped: [{ detail: 'An event has at most 32 properties.' }] });
  });
});

describe('requests that are turned away', () => {
  const refused = async (
    body: string | Uint8Array,
    request?: Parameters<Awaited<ReturnType<typeof openDoor>>['sendRaw']>[1],
  ) => {
    const door = await openDoor();
    const reply = await door.sendRaw(body, request);
    expect(door.rows).toEqual([]);
    return [reply.status, 'error' in reply.answer ? reply.answer.error.code : undefined];
  };
  const good = JSON.stringify({ v: 1, site: 'site1', page: 'p', events: [view('/a')] });

  test('a body over 64 KiB is 413', async () => {
    expect(await refused(`${good}${' '.repeat(limits.beaconBytes)}`)).toEqual([413, 'too_large']);
  });
  test.each(['', '{', 'null', '[]', '42', '"text"', '{"v":1}', '{"v":2,"site":"site1","events":[{}]}'])(
    '%s is 400',
    async (body) => {
      expect((await refused(body))[0]).toBe(400);
    },
  );
  test('bytes that are not UTF-8 are 400', async () => {
    expect(await refused(new Uint8Array([0x22, 0xff, 0xfe, 0x22]))).toEqual([400, 'invalid_json']);
  });
  test('nesting deeper than 12 is 400, before anything is parsed', async () => {
    expect(await refused('['.repeat(60_000))).toEqual([400, 'too_deep']);
  });
  test('brackets inside a text are no nesting', async () => {
    const door = await openDoor();
    const reply = await door.send({ events: [view('/a', { title: '["\\'.repeat(50) })] });
    expect(reply.answer).toMatchObject({ accepted: 1 });
  });
  test('a compressed body is 400', async () => {
    expect(await refused(good, { headers: { 'content-encoding': 'gzip' } })).toEqual([400, 'unsupported_media_type']);
  });
  test.each(['application/x-www-form-urlencoded', 'text/plain; charset=utf-16', 'multipart/form-data', ''])(
    'content type "%s" is 400',
    async (contentType) => {
      expect(await refused(good, { contentType })).toEqual([400, 'unsupported_media_type']);
    },
  );
  test('application/json is taken like text/plain', async () => {
    const door = await openDoor();
    expect(await door.sendRaw(good, { contentType: 'application/json' })).toMatchObject({ answer: { accepted: 1 } });
  });
  test('more than 50 events are 400', async () => {
    const events = Array.from({ length: 51 }, (_, seq) => view('/a', { seq }));
    expect(await refused(JSON.stringify({ v: 1, site: 'site1', page: 'p', events }))).toEqual([400, 'invalid_request']);
  });
  test('a flood from one address is 429 with the time to wait, and others are not affected', async () => {
    const door = await openDoor({ rates: { address: { perSecond: 2, burst: 3 } } });
    const statuses: number[] = [];
    for (let seq = 0; seq < 5; seq++) statuses.push((await door.send({ events: [view('/a', { seq })] })).status);
    expect(statuses).toEqual([202, 202, 202, 429, 429]);
    expect(await door.send({ events: [view('/a', { seq: 9 })] })).toMatchObject({
      status: 429,
      dropped: 'rate',
      retryAfterSeconds: 1,
    });
    expect(await door.send({ page: 'bobs', events: [view('/a')] }, { address: '203.0.113.8' })).toMatchObject({
      status: 202,
    });
    // Half a second fills one token at 2 a second.
    door.clock.advance(500);
    expect(await door.send({ events: [view('/a', { seq: 10 })] })).toMatchObject({ status: 202 });
  });
  test('addresses of one IPv6 network share their allowance', async () => {
    const door = await openDoor({ rates: { address: { perSecond: 1, burst: 1 } } });
    const from = async (address: string, seq: number) =>
      (await door.send({ events: [view('/a', { seq })] }, { address })).status;
    expect(await from('2001:db8:1:2::1', 1)).toBe(202);
    expect(await from('2001:db8:1:2:ffff::9', 2)).toBe(429);
    expect(await from('2001:db8:1:3::1', 3)).toBe(202);
  });
  test('an unknown site is 202 with the reason, and nothing is kept', async () => {
    const door = await openDoor();
    const reply = await door.send({ site: 'nosuch', events: [view('/a')] });
    expect(reply).toMatchObject({ status: 202, dropped: 'unknown-site', answer: { accepted: 0 } });
    expect(door.rows).toEqual([]);
  });
});

describe('origin', () => {
  const sent = async (url: string, site: object = {}, headers: Record<string, string> = {}) => {
    const door = await openDoor({ site });
    const reply = await door.send({ events: [view('', { url })] }, { headers });
    return { kept: door.rows.length === 1, reply, live: door.live() };
  };

  test('keeps the site’s domains and everything below them', async () => {
    expect((await sent('https://example.com/')).kept).toBe(true);
    expect((await sent('https://shop.example.com/')).kept).toBe(true);
    expect((await sent('https://example.com/', { domains: ['www.example.com'] })).kept).toBe(true);
  });

  test('names the host and the domains where they do not fit, on the install screen too', async () => {
    const { reply, live } = await sent('https://shop.example/');
    const detail = "The page's host shop.example is not among this site's domains (example.com).";
    expect(reply).toMatchObject({
      status: 202,
      dropped: 'origin',
      answer: { dropped: [{ reason: 'origin', detail }] },
    });
    expect(live).toMatchObject([{ name: 'pageview', host: 'shop.example', dropped: { reason: 'origin', detail } }]);
  });

  test('is not fooled by hosts that only look like the domain', async () => {
    expect((await sent('https://notexample.com/')).kept).toBe(false);
    expect((await sent('https://example.com.evil.test/')).kept).toBe(false);
  });

  test('the Origin header must fit too; null says nothing', async () => {
    expect((await sent('https://example.com/', {}, { origin: 'https://evil.test' })).kept).toBe(false);
    // A page in an app or from a disk: its origin has no host, and is not among the domains.
    expect((await sent('https://example.com/', {}, { origin: 'file://' })).kept).toBe(false);
    expect((await sent('https://example.com/', {}, { origin: 'null' })).kept).toBe(true);
    expect((await sent('https://example.com/', {}, { origin: 'https://www.example.com' })).kept).toBe(true);
  });

  test('localhost counts only where it is listed, or any host may send', async () => {
    expect((await sent('http://localhost:3000/')).kept).toBe(false);
    expect((await sent('http://localhost:3000/', { domains: ['localhost'] })).kept).toBe(true);
    expect((await sent('http://localhost:3000/', { settings: { anyHost: true } })).kept).toBe(true);
  });

  test('a server with a key may name any page', async () => {
    const door = await openDoor();
    await door.server([{ name: 'order', url: 'https://elsewhere.test/a' }]);
    expect(door.rows[0]).toMatchObject({ host: 'elsewhere.test', path: '/a' });
  });
});

describe('consent', () => {
  const reasonFor = async (settings: object, batch: object, headers: Record<string, string> = {}) =>
    (await (await openDoor({ site: { settings } })).send({ events: [view('/a')], ...batch }, { headers })).dropped;

  test('nothing is kept of a visitor who declined', async () => {
    const door = await openDoor();
    const identity = { email: 'ana@example.com' };
    await door.send({ consent: 'denied', events: [view('/a', { name: 'identify', identity })] });
    expect([door.rows, door.identified]).toEqual([[], []]);
    expect(await door.dropped('consent')).toBe(1);
  });
  test('where consent is required, only visitors with an id are kept', async () => {
    expect(await reasonFor({ consent: 'required' }, { visitor: undefined })).toBe('consent');
    expect(await reasonFor({ consent: 'required' }, { visitor: 'ana' })).toBeUndefined();
    expect(await reasonFor({}, { visitor: undefined })).toBeUndefined();
  });
  test('GPC and DNT are honoured unless the site says otherwise', async () => {
    expect(await reasonFor({}, {}, { 'sec-gpc': '1' })).toBe('consent');
    expect(await reasonFor({}, {}, { dnt: '1' })).toBe('consent');
    expect(await reasonFor({}, {}, { dnt: '0' })).toBeUndefined();
    expect(await reasonFor({ honourPrivacySignals: false }, {}, { 'sec-gpc': '1', dnt: '1' })).toBeUndefined();
  });
});

describe('bot', () => {
  test.each([
    ['a crawler', googlebot],
    ['a headless browser', firefox.replace('Firefox/', 'HeadlessChrome/')],
    ['a program', 'curl/8.5.0'],
    ['a request that names no browser', ''],
  ])('%s is not kept', async (_, userAgent) => {
    const door = await openDoor();
    expect(await door.send({ events: [view('/a')] }, { headers: { 'user-agent': userAgent } })).toMatchObject({
      dropped: 'bot',
    });
    expect(door.rows).toEqual([]);
  });

  test('a server is asked only about the browser it names', async () => {
    const door = await openDoor();
    const answer = await door.server([
      { name: 'order' },
      { name: 'pageview', userAgent: googlebot },
      { name: 'pageview', userAgent: iphone },
    ]);
    expect(answer).toMatchObject({ accepted: 2, dropped: [{ index: 1, reason: 'bot' }] });
    expect(door.rows.map((row) => [row.device, row.browser, row.os])).toEqual([
      ['other', '', ''],
      ['mobile', 'Mobile Safari', 'iOS'],
    ]);
  });
});

describe('visitor', () => {
  test('with consent is the same every day, without it another every day', async () => {
    const door = await openDoor();
    await door.send({ events: [view('/a', { seq: 1 })] });
    await door.send({ visitor: undefined, events: [view('/a', { seq: 2 })] });
    door.clock.set('2026-09-02T12:00:00Z');
    await door.send({ events: [view('/a', { seq: 3 })] });
    await door.send({ visitor: undefined, events: [view('/a', { seq: 4 })] });
    const [ana, today, anaAgain, tomorrow] = door.rows;
    expect(anaAgain?.visitor_id).toBe(ana?.visitor_id);
    expect(ana).toMatchObject({ visitor_id: visitorId('ana'), persistent: 1 });
    expect(today).toMatchObject({ visitor_id: hash64('salt of 2026-09-01', '1', anasAddress, firefox), persistent: 0 });
    expect(tomorrow?.visitor_id).not.toBe(today?.visitor_id);
  });

  test('without consent keeps the id of a session that runs over midnight', async () => {
    const door = await openDoor({ clock: fakeClock('2026-09-01T23:50:00Z') });
    for (const [seq, at] of [
      [1, '2026-09-01T23:50:00Z'],
      [2, '2026-09-02T00:10:00Z'],
      [3, '2026-09-02T00:45:00Z'],
    ] as const) {
      door.clock.set(at);
      await door.send({ visitor: undefined, events: [view('/a', { seq })] });
    }
    const [before, after, later] = door.rows;
    expect(after?.visitor_id).toBe(before?.visitor_id);
    // 35 minutes of silence: the session is over, and so is yesterday.
    expect(later?.visitor_id).not.toBe(before?.visitor_id);
  });

  test('of a server is whom it names: a page’s visitor, an id of ours, a lead, an address, or nobody', async () => {
    const door = await openDoor();
    await door.server([
      { id: '1', name: 'order', visitor: 'ana' },
      { id: '2', name: 'order', visitor: visitorId('ana') },
      { id: '3', name: 'call', lead: ' Ana@Example.com' },
      { id: '4', name: 'call', lead: 'ana@example.com' },
      { id: '5', name: 'pageview', ip: anasAddress, userAgent: firefox },
      { id: '6', name: 'order' },
      { id: '7', name: 'order' },
    ]);
    const [byName, byId, lead, sameLead, byAddress, nobody, nobodyElse] = door.rows;
    expect(byName?.visitor_id).toBe(visitorId('ana'));
    expect(byId?.visitor_id).toBe(visitorId('ana'));
    expect(lead).toMatchObject({ visitor_id: hash64('lead', '1', 'ana@example.com'), persistent: 1 });
    expect(sameLead?.visitor_id).toBe(lead?.visitor_id);
    expect(byAddress).toMatchObject({
      visitor_id: hash64('salt of 2026-09-01', '1', anasAddress, firefox),
      persistent: 0,
    });
    expect(nobody?.visitor_id).not.toBe(nobodyElse?.visitor_id);
  });
});

describe('session', () => {
  test('lasts while no gap is longer than 30 minutes, and counts its pages', async () => {
    const door = await openDoor();
    const visit = async (at: string, path: string) => {
      door.clock.set(`2026-09-01T${at}Z`);
      await door.send({ page: at, events: [view(path)] });
    };
    await visit('10:00:00', '/');
    await visit('10:30:00', '/pricing');
    await visit('11:00:00.001', '/booking');
    expect(door.rows.map(({ path, prev_path, page_number }) => [path, prev_path, page_number])).toEqual([
      ['/', '', 1],
      ['/pricing', '/', 2],
      ['/booking', '', 1],
    ]);
    const [first, second, third] = door.rows.map((row) => row.session_id);
    expect(first).toBe(second);
    expect(third).not.toBe(first);
  });

  test('the source of its first event holds for all of it', async () => {
    const door = await openDoor();
    await door.send({ events: [view('/?utm_source=letter&utm_medium=email', { seq: 1, age: 3_000 })] });
    await door.send({ events: [view('/pricing', { seq: 2, age: 2_000, ref: 'https://www.google.com/' })] });
    await door.send({ events: [view('/pricing', { seq: 3, name: 'form_start' })] });
    expect(door.rows.map(({ source, channel }) => [source, channel])).toEqual([
      ['letter', 'email'],
      ['letter', 'email'],
      ['letter', 'email'],
    ]);
  });

  test('history that arrives out of order is cut by the time of the events', async () => {
    const door = await openDoor();
    const at = (time: string) => `2024-03-01T${time}:00Z`;
    await door.server([
      { id: 'b', name: 'pageview', visitor: 'ana', url: '/b', at: at('10:20') },
      { id: 'd', name: 'pageview', visitor: 'ana', url: '/d', at: at('15:00') },
      { id: 'a', name: 'pageview', visitor: 'ana', url: '/a', at: at('10:00') },
      { id: 'c', name: 'pageview', visitor: 'ana', url: '/c', at: at('10:40') },
    ]);
    const session = new Map(door.rows.map((row) => [row.id, row.session_id]));
    expect(session.get('a')).toBe(session.get('b'));
    expect(session.get('c')).toBe(session.get('b'));
    expect(session.get('d')).not.toBe(session.get('b'));
    expect(door.rows.map(({ id, prev_path, page_number }) => [id, prev_path, page_number])).toEqual([
      ['b', '', 1],
      ['d', '', 1],
      // Arrived after b and happened before it.
      ['a', '', 1],
      ['c', '/b', 3],
    ]);
  });

  test('goes on over a restart', async () => {
    const before = await openDoor();
    await before.send({ page: 'p1', events: [view('/?utm_source=letter')] });
    const after = await openDoor({ retained: before.rows });
    after.clock.advance(60_000);
    await after.send({ page: 'p2', events: [view('/pricing')] });
    expect(after.rows[0]).toMatchObject({
      session_id: before.rows[0]?.session_id,
      page_number: 2,
      prev_path: '/',
      source: 'letter',
    });
  });
});

describe('duplicate', () => {
  test('the same event is kept once: in one batch, in two, and with an id of its own', async () => {
    const door = await openDoor();
    const first = await door.send({ events: [view('/a'), view('/a'), view('/b', { id: 'x' })] });
    const second = await door.send({ page: 'page-2', events: [view('/b', { id: 'x' }), view('/c')] });
    expect(first).toMatchObject({ status: 202, answer: { accepted: 2, dropped: [{ index: 1, reason: 'duplicate' }] } });
    expect(second).toMatchObject({ status: 202, dropped: 'duplicate', answer: { accepted: 1 } });
    expect(door.rows.map((row) => row.path)).toEqual(['/a', '/b', '/c']);
  });

  test('is recognised after a restart', async () => {
    const before = await openDoor();
    await before.send({ events: [view('/a')] });
    const after = await openDoor({ retained: before.rows });
    expect(await after.send({ events: [view('/a')] })).toMatchObject({ status: 202, dropped: 'duplicate' });
  });

  test('a repeat during the write waits for it, and is answered as the write ends', async () => {
    const door = await openDoor();
    let written = () => {};
    door.disk.wait = new Promise((resolve) => {
      written = resolve;
    });
    const first = door.send({ events: [view('/a')] });
    const repeat = door.send({ events: [view('/a')] });
    expect(await Promise.race([repeat, Promise.resolve('waiting')])).toBe('waiting');
    written();
    expect(await first).toMatchObject({ answer: { accepted: 1 } });
    expect(await repeat).toMatchObject({ status: 202, dropped: 'duplicate' });
    expect(door.rows).toHaveLength(1);
  });

  test('after a failed write the same event is kept, as the page it was', async () => {
    const door = await openDoor();
    door.disk.full = true;
    const failed = [door.send({ events: [view('/a')] }), door.send({ events: [view('/a')] })];
    for (const reply of await Promise.all(failed)) expect(reply).toMatchObject({ status: 503, retryAfterSeconds: 30 });
    door.disk.full = false;
    expect(await door.send({ events: [view('/a')] })).toMatchObject({ status: 202, answer: { accepted: 1 } });
    expect(door.rows).toMatchObject([{ path: '/a', page_number: 1, prev_path: '' }]);
  });

  test('the same id on another site is another event', async () => {
    const door = await openDoor({ retained: [pageview({ id: 'page-1.0', site_id: 2 })] });
    expect(await door.send({ events: [view('/a')] })).toMatchObject({ answer: { accepted: 1 } });
  });
});

describe('identify', () => {
  test('goes to the ledger before the answer, and leaves no trait in the row', async () => {
    const door = await openDoor();
    const identity = { email: 'ana@example.com', plan: 'pro' };
    await door.send({ events: [view('/a', { name: 'identify', identity })] });
    expect(door.identified).toMatchObject([{ site: { id: 1 }, visitorId: visitorId('ana'), identity }]);
    expect(JSON.stringify(door.rows)).not.toContain('ana@example.com');
    expect(door.rows).toHaveLength(1);
  });

  test('is repeated as a whole when the ledger fails: 503, and nothing is kept', async () => {
    let fails = true;
    const door = await openDoor({
      identify: async () => {
        if (fails) throw new Error('disk I/O error');
      },
    });
    const batch = { events: [view('/a', { name: 'identify', identity: { email: 'ana@example.com' } })] };
    expect(await door.send(batch)).toMatchObject({ status: 503 });
    expect(door.rows).toEqual([]);
    fails = false;
    expect(await door.send(batch)).toMatchObject({ status: 202, answer: { accepted: 1 } });
  });
});

describe('events of a server', () => {
  test('may lie years back; the future is replaced by the server’s time; before 2000 is a mistake', async () => {
    const door = await openDoor();
    const answer = await door.server([
      { id: '1', name: 'order', at: '2019-05-01T08:00:00+02:00' },
      { id: '2', name: 'order', at: Date.parse('2026-08-01T00:00:00Z') },
      { id: '3', name: 'order', at: '2026-09-01 11:00' },
      { id: '4', name: 'order', at: '2026-09-01T12:06:00Z' },
      { id: '5', name: 'order', at: 1_790_000_000 },
      { id: '6', name: 'order', at: 'yesterday' },
      { id: '7', name: 'order' },
    ]);
    expect(door.rows.map(({ id, ts, clock_replaced }) => [id, ts, clock_replaced])).toEqual([
      ['1', '2019-05-01 06:00:00.000', 0],
      ['2', '2026-08-01 00:00:00.000', 0],
      ['3', '2026-09-01 11:00:00.000', 0],
      ['4', '2026-09-01 12:00:00.000', 1],
      ['7', '2026-09-01 12:00:00.000', 0],
    ]);
    expect(answer.dropped.map(({ index, reason }) => [index, reason])).toEqual([
      [4, 'invalid'],
      [5, 'invalid'],
    ]);
  });

  test('start no case when they lie more than a week back, or come from an import', async () => {
    const door = await openDoor({ matchersFor: () => [() => true] });
    await door.server([
      { id: '1', name: 'order', at: '2026-08-25T12:00:00Z' },
      { id: '2', name: 'order', at: '2026-08-25T11:59:59Z' },
    ]);
    await door.server([{ id: '3', name: 'order' }], { history: true });
    expect(door.rows.map(({ intent }) => intent)).toEqual([1, 0, 0]);
  });

  test('name their own channel', async () => {
    const door = await openDoor();
    await door.server([
      { id: '1', name: 'call', channel: 'phone' },
      { id: '2', name: 'call', channel: 'Paid Search' },
      { id: '3', name: 'call', channel: 'carrier pigeon' },
    ]);
    expect(door.rows.map((row) => row.channel)).toEqual(['phone', 'paid_search', 'other']);
  });

  test('are refused with spool_full when the disk does not take them', async () => {
    const door = await openDoor();
    door.disk.full = true;
    await expect(door.server([{ name: 'order' }])).rejects.toMatchObject({ code: 'spool_full' });
  });
});
