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
    webhookAllow: [],
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
    TELLTALE_WEBHOOK_ALLOW: '10.0.0.0/8, fd00::/8',
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
    webhookAllow: ['10.0.0.0/8', 'fd00::/8'],
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
