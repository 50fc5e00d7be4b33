import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../collector/config.ts';

test('config: without any setting it listens on this machine only, with the embedded engine', () => {
  expect(parseConfig({})).toEqual({
    host: '127.0.0.1',
    port: 8400,
    dataFolder: './telltale-data',
    publicUrl: null,
    roles: ['collect', 'control'],
    clickhouse: null,
    trustProxy: 0,
    rates: { address: { perSecond: 20, burst: 200 }, site: { perSecond: 500, burst: 5_000 } },
    maxConnections: 10_000,
    insertTimeoutMs: 120_000,
    webhookAllow: [],
    mail: null,
    admin: null,
    scanIntervalMs: 15_000,
    logLevel: 'info',
  });
});

test('config: reads every variable', () => {
  const env = {
    TELLTALE_HOST: '0.0.0.0',
    TELLTALE_PORT: '80',
    TELLTALE_DATA: '/var/lib/telltale',
    TELLTALE_URL: 'https://stats.example.com/',
    CLICKHOUSE_URL: 'http://clickhouse:8123',
    CLICKHOUSE_USER: 'telltale',
    CLICKHOUSE_PASSWORD: 'secret',
    CLICKHOUSE_DATABASE: 'analytics',
    TELLTALE_TRUST_PROXY: '1',
    TELLTALE_RATE_ADDRESS: '5/50',
    TELLTALE_RATE_SITE: 'off',
    TELLTALE_MAX_CONNECTIONS: '500',
    TELLTALE_INSERT_TIMEOUT: '30s',
    TELLTALE_WEBHOOK_ALLOW: '10.0.0.0/8, fd00::/8',
    TELLTALE_SMTP_URL: 'smtps://mail.example.com',
    TELLTALE_MAIL_FROM: 'reports@example.com',
    TELLTALE_MAIL_TO: 'team@example.com',
    TELLTALE_ADMIN_EMAIL: 'Anna@Example.com',
    TELLTALE_ADMIN_PASSWORD: 'correct horse battery',
    TELLTALE_SCAN_INTERVAL: '1m',
    TELLTALE_LOG: 'debug',
  };
  expect(parseConfig(env)).toEqual({
    host: '0.0.0.0',
    port: 80,
    dataFolder: '/var/lib/telltale',
    publicUrl: 'https://stats.example.com',
    roles: ['collect', 'control'],
    clickhouse: { url: 'http://clickhouse:8123', user: 'telltale', password: 'secret', database: 'analytics' },
    trustProxy: 1,
    rates: {
      address: { perSecond: 5, burst: 50 },
      site: { perSecond: Number.POSITIVE_INFINITY, burst: Number.POSITIVE_INFINITY },
    },
    maxConnections: 500,
    insertTimeoutMs: 30_000,
    webhookAllow: ['10.0.0.0/8', 'fd00::/8'],
    mail: { smtpUrl: 'smtps://mail.example.com', from: 'reports@example.com', to: ['team@example.com'] },
    admin: { email: 'anna@example.com', password: 'correct horse battery' },
    scanIntervalMs: 60_000,
    logLevel: 'debug',
  });
});

test('config: a flag wins over its variable, also over a bad one', () => {
  const config = parseConfig(
    { TELLTALE_PORT: 'eighty', TELLTALE_DATA: '/a' },
    { port: '8500', data: '/b', roles: 'collect' },
  );
  expect(config).toMatchObject({ port: 8500, dataFolder: '/b', roles: ['collect'] });
});

test('config: an empty variable is one that is not set', () => {
  expect(parseConfig({ TELLTALE_PORT: '', TELLTALE_URL: ' ', CLICKHOUSE_URL: '' })).toEqual(parseConfig({}));
});

test('config: everything that is wrong is listed at once, by the name it was given under', () => {
  const env = {
    TELLTALE_PORT: '70000',
    TELLTALE_HOST: 'http://0.0.0.0',
    TELLTALE_URL: 'stats.example.com',
    CLICKHOUSE_URL: 'http://user:secret@clickhouse:8123',
    CLICKHOUSE_DATABASE: 'my-data; DROP',
    CLICKHOUSE_CLUSTER: 'main',
    TELLTALE_TRUST_PROXY: 'yes',
    TELLTALE_WEBHOOK_ALLOW: '10.0.0.0/8, home',
    TELLTALE_ADMIN_EMAIL: 'anna',
    TELLTALE_ADMIN_PASSWORD: 'short',
    TELLTALE_SCAN_INTERVAL: '15 seconds',
    TELLTALE_LOG: 'loud',
  };
  const error = problemsOf(() => parseConfig(env, { roles: 'collect,cook' }));
  expect(error.problems.map(({ path }) => path).sort()).toEqual([
    '--roles',
    'CLICKHOUSE_CLUSTER',
    'CLICKHOUSE_URL',
    'TELLTALE_ADMIN_EMAIL',
    'TELLTALE_ADMIN_PASSWORD',
    'TELLTALE_HOST',
    'TELLTALE_LOG',
    'TELLTALE_PORT',
    'TELLTALE_SCAN_INTERVAL',
    'TELLTALE_TRUST_PROXY',
    'TELLTALE_URL',
    'TELLTALE_WEBHOOK_ALLOW',
  ]);
  expect(error.message).toContain('  TELLTALE_PORT: "70000" is not a port. Write a number from 0 to 65535.');
  expect(error.message).toContain(
    '  TELLTALE_WEBHOOK_ALLOW: home is not a network. Write it as 10.0.0.0/8 or fd00::/8.',
  );
  expect(error.message).not.toContain('secret');
  expect(error.message).not.toContain('"short"');
});

test.each(['20', '0/5', '20/0', '-1/5', '1.5/3', 'none'])('config: "%s" is no rate', (text) => {
  expect(problemsOf(() => parseConfig({ TELLTALE_RATE_ADDRESS: text })).problems).toEqual([
    { path: 'TELLTALE_RATE_ADDRESS', message: expect.stringContaining('Write it as 20/200') },
  ]);
});

test('config: the first owner needs an address and a password', () => {
  const error = problemsOf(() => parseConfig({ TELLTALE_ADMIN_EMAIL: 'anna@example.com' }));
  expect(error.problems).toEqual([
    { path: 'TELLTALE_ADMIN_PASSWORD', message: 'It is needed beside TELLTALE_ADMIN_EMAIL.' },
  ]);
});

test.each(['127.0.0.1', '::', '::1', 'localhost', '0.0.0.0', 'fd00::1'])(
  'config: %s is a host to listen on',
  (host) => {
    expect(parseConfig({}, { host }).host).toBe(host);
  },
);

test.each(['127.0.0.1:8400', 'localhost:80', 'a b', ''])('config: "%s" is no host to listen on', (host) => {
  expect(problemsOf(() => parseConfig({}, { host })).problems[0]?.path).toBe('--host');
});

function problemsOf(act: () => unknown): ConfigError {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('These settings were accepted.');
}

test('config: mail needs a server and a sender; recipients are the owners unless they are named', () => {
  const mail = (env: Record<string, string>) => parseConfig(env).mail;
  expect(mail({})).toBeNull();
  const smtp = { TELLTALE_SMTP_URL: 'smtp://user:pass@mail.example.com:587' };
  expect(mail({ ...smtp, TELLTALE_MAIL_FROM: 'Telltale <reports@example.com>' })).toEqual({
    smtpUrl: smtp.TELLTALE_SMTP_URL,
    from: 'Telltale <reports@example.com>',
    to: [],
  });
  expect(
    mail({ ...smtp, TELLTALE_MAIL_FROM: 'r@example.com', TELLTALE_MAIL_TO: 'a@example.com, b@example.com' })?.to,
  ).toEqual(['a@example.com', 'b@example.com']);
  expect(() => mail(smtp)).toThrow('TELLTALE_MAIL_FROM: It is needed beside TELLTALE_SMTP_URL.');
  expect(() => mail({ TELLTALE_MAIL_FROM: 'r@example.com' })).toThrow(
    'TELLTALE_SMTP_URL: It is needed beside TELLTALE_MAIL_FROM.',
  );
  const wrong = {
    TELLTALE_SMTP_URL: 'mail.example.com:secret',
    TELLTALE_MAIL_FROM: 'nobody',
    TELLTALE_MAIL_TO: 'a@example.com, everybody',
  };
  expect(() => mail(wrong)).toThrow(/TELLTALE_SMTP_URL: This is not the address of a mail server/);
  expect(() => mail(wrong)).toThrow(/TELLTALE_MAIL_FROM: "nobody" is not a sender/);
  expect(() => mail(wrong)).toThrow(/TELLTALE_MAIL_TO: everybody is not an e-mail address/);
  expect(() => mail(wrong)).not.toThrow(/secret/);
});
