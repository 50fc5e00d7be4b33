import { afterEach, expect, test, vi } from 'vitest';
import { annasPassword, cookieOf, manageApp } from '../support/manage-app.ts';

afterEach(() => {
  vi.useRealTimers();
});

const wrong = { email: 'anna@example.com', password: 'wrong password' };

test('login: the right password signs in with a cookie that scripts cannot read', async () => {
  const { withAnna, fromPage } = await manageApp();
  await withAnna();
  const response = await fromPage('POST', '/api/v1/login', {
    body: { email: 'Anna@Example.com', password: annasPassword },
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ user: { email: 'anna@example.com', role: 'owner' }, demo: false });
  expect(response.headers.get('set-cookie')).toMatch(
    /^telltale=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  const me = await fromPage('GET', '/api/v1/me', { cookie: cookieOf(response) });
  expect(await me.json()).toMatchObject({ user: { email: 'anna@example.com' }, version: '0.1.0' });
});

test('login: behind a public https address the cookie is __Host- and Secure, and a plain one is not read', async () => {
  const { users, fromPage, send } = await manageApp({ publicUrl: 'https://telltale.example.com', trustProxy: 0 });
  await users.create({ email: 'anna@example.com', password: annasPassword, role: 'owner' });
  const response = await fromPage('POST', '/api/v1/login', { body: { ...wrong, password: annasPassword } });
  const cookie = response.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/^__Host-telltale=[\w-]{43}; /);
  expect(cookie.split('; ')).toEqual(expect.arrayContaining(['Secure', 'HttpOnly', 'Path=/', 'SameSite=Lax']));
  const token = cookieOf(response).split('=')[1];
  expect((await fromPage('GET', '/api/v1/me', { cookie: `__Host-telltale=${token}` })).status).toBe(200);
  expect((await send('GET', '/api/v1/me', { headers: { cookie: `telltale=${token}` } })).status).toBe(401);
  const logout = await fromPage('POST', '/api/v1/logout', { cookie: `__Host-telltale=${token}` });
  expect(logout.headers.get('set-cookie')).toBe('__Host-telltale=; Max-Age=0; Path=/; Secure');
});

test('login: a wrong password and an unknown address get the same answer', async () => {
  const { withAnna, send } = await manageApp();
  await withAnna();
  const answers = await Promise.all(
    [wrong, { email: 'nobody@example.com', password: 'wrong password' }].map(async (body) => {
      const response = await send('POST', '/api/v1/login', { body });
      return { status: response.status, cookie: response.headers.get('set-cookie'), body: await response.json() };
    }),
  );
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]).toMatchObject({ status: 401, cookie: null, body: { error: { code: 'wrong_credentials' } } });
});

test('login: an unknown address costs a hash as well', async () => {
  const { withAnna, send, hashed } = await manageApp();
  await withAnna();
  const before = hashed.count;
  await send('POST', '/api/v1/login', { body: { email: 'nobody@example.com', password: 'wrong password' } });
  expect(hashed.count).toBe(before + 1);
});

test('login: signing in makes a new token, and a planted one is never taken over', async () => {
  const { withAnna, send } = await manageApp();
  await withAnna();
  const planted = `telltale=${'p'.repeat(43)}`;
  const response = await send('POST', '/api/v1/login', {
    body: { ...wrong, password: annasPassword },
    headers: { cookie: planted },
  });
  expect(cookieOf(response)).not.toBe(planted);
  expect((await send('GET', '/api/v1/me', { headers: { cookie: planted } })).status).toBe(401);
});

test('login: only the hash of the token is in the store', async () => {
  const { withAnna, state } = await manageApp();
  const token = (await withAnna()).split('=')[1];
  const rows = await state.db.selectFrom('login_sessions').selectAll().execute();
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(token);
});

test('login: ends after a day without a request, and after thirty days in any case', async () => {
  const hours = (count: number) => count * 3_600_000;
  const { withAnna, signIn, fromPage, clock } = await manageApp();
  const idle = await withAnna();
  clock.ms += hours(24) - 1;
  expect((await fromPage('GET', '/api/v1/me', { cookie: idle })).status).toBe(200);
  clock.ms += hours(24);
  expect((await fromPage('GET', '/api/v1/me', { cookie: idle })).status).toBe(401);

  const busy = await signIn('anna@example.com', annasPassword);
  // 20 hours × 35 = 700 hours, under 720 (thirty days); the 36th step is at 720.
  for (let step = 1; step <= 35; step += 1) {
    clock.ms += hours(20);
    expect((await fromPage('GET', '/api/v1/me', { cookie: busy })).status).toBe(200);
  }
  clock.ms += hours(20);
  expect((await fromPage('GET', '/api/v1/me', { cookie: busy })).status).toBe(401);
});

test('logout: ends this session and no other', async () => {
  const { withAnna, signIn, fromPage } = await manageApp();
  const laptop = await withAnna();
  const phone = await signIn('anna@example.com', annasPassword);
  const response = await fromPage('POST', '/api/v1/logout', { cookie: laptop });
  expect(response.status).toBe(204);
  expect(response.headers.get('set-cookie')).toMatch(/^telltale=; Max-Age=0/);
  expect((await fromPage('GET', '/api/v1/me', { cookie: laptop })).status).toBe(401);
  expect((await fromPage('GET', '/api/v1/me', { cookie: phone })).status).toBe(200);
});

test('password: a change needs the old one and signs out everywhere else', async () => {
  const { withAnna, signIn, fromPage } = await manageApp();
  const laptop = await withAnna();
  const phone = await signIn('anna@example.com', annasPassword);
  const change = (current: string) =>
    fromPage('PATCH', '/api/v1/me/password', { cookie: laptop, body: { current, password: 'a new long password' } });
  expect((await change('not the old one')).status).toBe(400);
  const response = await change(annasPassword);
  expect(response.status).toBe(204);
  expect((await fromPage('GET', '/api/v1/me', { cookie: laptop })).status).toBe(401);
  expect((await fromPage('GET', '/api/v1/me', { cookie: phone })).status).toBe(401);
  expect((await fromPage('GET', '/api/v1/me', { cookie: cookieOf(response) })).status).toBe(200);
  expect(await signIn('anna@example.com', annasPassword)).toBe('');
  expect(await signIn('anna@example.com', 'a new long password')).not.toBe('');
});

test('lock-out: the sixth try for an account from one address waits, even with the right password', async () => {
  const { withAnna, send } = await manageApp();
  await withAnna();
  for (let index = 0; index < 5; index += 1) {
    expect((await send('POST', '/api/v1/login', { body: wrong })).status).toBe(401);
  }
  const response = await send('POST', '/api/v1/login', { body: { ...wrong, password: annasPassword } });
  expect(response.status).toBe(429);
  const seconds = Number(response.headers.get('retry-after'));
  expect(seconds).toBeGreaterThan(890);
  expect(seconds).toBeLessThanOrEqual(900);
  const elsewhere = { body: { ...wrong, password: annasPassword }, headers: { 'test-address': '198.51.100.7' } };
  expect((await send('POST', '/api/v1/login', elsewhere)).status).toBe(200);
});

test('lock-out: is over after fifteen minutes', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  const { withAnna, send } = await manageApp();
  await withAnna();
  for (let index = 0; index < 6; index += 1) await send('POST', '/api/v1/login', { body: wrong });
  vi.advanceTimersByTime(15 * 60_000 + 1);
  const response = await send('POST', '/api/v1/login', { body: { ...wrong, password: annasPassword } });
  expect(response.status).toBe(200);
});

test('lock-out: a right password clears the mistakes before it', async () => {
  const { withAnna, send } = await manageApp();
  await withAnna();
  for (let round = 0; round < 3; round += 1) {
    for (let index = 0; index < 4; index += 1) {
      expect((await send('POST', '/api/v1/login', { body: wrong })).status).toBe(401);
    }
    const right = { body: { ...wrong, password: annasPassword } };
    expect((await send('POST', '/api/v1/login', right)).status).toBe(200);
  }
});

test('lock-out: a thousand tries at once from many addresses compute at most twenty hashes for one account', async () => {
  const { withAnna, send, hashed } = await manageApp();
  await withAnna();
  const before = hashed.count;
  const statuses = await Promise.all(
    Array.from({ length: 1_000 }, async (_, index) => {
      // Documentation networks and 250 hosts: every address tries four times.
      const headers = { 'test-address': `203.0.113.${index % 250}` };
      return (await send('POST', '/api/v1/login', { body: wrong, headers })).status;
    }),
  );
  expect(hashed.count - before).toBe(20);
  expect(statuses.filter((status) => status === 401)).toHaveLength(20);
  expect(statuses.filter((status) => status === 429)).toHaveLength(980);
});

test('lock-out: an address that tries a hundred accounts is stopped, and so is its whole IPv6 network', async () => {
  const { send, hashed } = await manageApp();
  const attempt = (index: number) =>
    send('POST', '/api/v1/login', {
      body: { email: `person${index}@example.com`, password: 'wrong password' },
      headers: { 'test-address': `2001:db8:1:2::${index.toString(16)}` },
    });
  for (let index = 0; index < 100; index += 1) expect((await attempt(index)).status).toBe(401);
  expect((await attempt(100)).status).toBe(429);
  expect(hashed.count).toBe(100);
});

test('set-up: the link creates the owner and signs in, once', async () => {
  const { setup, send, fromPage } = await manageApp();
  const token = await setup.issue();
  const body = { token, email: 'anna@example.com', password: annasPassword };
  expect(await (await send('GET', '/api/v1/setup/state')).json()).toEqual({ needed: true });
  expect((await fromPage('POST', '/api/v1/setup', { body: { ...body, token: 'guessed' } })).status).toBe(403);

  const response = await fromPage('POST', '/api/v1/setup', { body });
  expect(response.status).toBe(201);
  const me = await fromPage('GET', '/api/v1/me', { cookie: cookieOf(response) });
  expect(await me.json()).toMatchObject({ user: { email: 'anna@example.com', role: 'owner' } });

  expect((await fromPage('POST', '/api/v1/setup', { body: { ...body, email: 'mallory@example.com' } })).status).toBe(
    404,
  );
  expect(await (await send('GET', '/api/v1/setup/state')).json()).toEqual({ needed: false });
  expect(await setup.issue()).toBeNull();
});

test('set-up: two at the same time make one owner', async () => {
  const { setup, fromPage, users } = await manageApp();
  const token = await setup.issue();
  const responses = await Promise.all(
    ['anna@example.com', 'mallory@example.com'].map((email) =>
      fromPage('POST', '/api/v1/setup', { body: { token, email, password: annasPassword } }),
    ),
  );
  expect(responses.map((response) => response.status).sort()).toEqual([201, 404]);
  expect(await users.count()).toBe(1);
});

test('set-up: a new link makes the one before worthless, and only hashes are stored', async () => {
  const { setup, state } = await manageApp();
  const first = (await setup.issue()) ?? '';
  const second = (await setup.issue()) ?? '';
  expect(await setup.isValid(first)).toBe(false);
  expect(await setup.isValid(second)).toBe(true);
  const rows = await state.db.selectFrom('setup_tokens').selectAll().execute();
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(second);
});

test('set-up: a short password is refused with a sentence that says why', async () => {
  const { setup, fromPage } = await manageApp();
  const body = { token: await setup.issue(), email: 'anna@example.com', password: 'short' };
  const response = await fromPage('POST', '/api/v1/setup', { body });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: { details: [{ path: 'password', message: 'A password has at least 10 characters.' }] },
  });
});
