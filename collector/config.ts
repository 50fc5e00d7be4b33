import ipaddr from 'ipaddr.js';
import { email, password } from './contract/manage.ts';
import { duration, durationMs } from './contract/time.ts';
import type { ErrorDetail } from './errors.ts';
import type { Rates } from './ingest/ingest.ts';
import type { Rate } from './ingest/rate-limit.ts';
import { type LogLevel, logLevels } from './log.ts';

export const roles = ['collect', 'control'] as const;
/** `collect` takes events in; `control` serves the dashboard and API, detects and delivers. */
export type Role = (typeof roles)[number];

export interface Config {
  host: string;
  /** 0: any free port. */
  port: number;
  dataFolder: string;
  /** Where browsers reach this server, without a slash at the end; null: the address it listens on. */
  publicUrl: string | null;
  roles: readonly Role[];
  /** null: the embedded engine. */
  clickhouse: { url: string; user: string; password: string; database: string } | null;
  /** Proxies in front whose X-Forwarded-For entries are believed. */
  trustProxy: number;
  /** How much is taken from one address and for one site. */
  rates: Rates;
  /** Connections held at once; more are closed as they come. */
  maxConnections: number;
  /** How long ClickHouse may take for an insert before it is sent again, under the same token. */
  insertTimeoutMs: number;
  /** Private networks that webhooks may reach, as CIDRs. */
  webhookAllow: string[];
  /** How mail is sent; null: it is not. `to` empty: to the owners. */
  mail: { smtpUrl: string; from: string; to: string[] } | null;
  /** The owner to create when there is no user; null: print a set-up link. */
  admin: { email: string; password: string } | null;
  scanIntervalMs: number;
  logLevel: LogLevel;
}

/**
 * A busy office behind one address stays far below the first, a site with 40 million events a day below the second; a loop in a
 * script does not.
 */
export const usualRates: Rates = {
  address: { perSecond: 20, burst: 200 },
  site: { perSecond: 500, burst: 5_000 },
};
/** Each holds a file handle and about 20 kB. */
const usualConnections = 10_000;
/** An insert takes 50 ms; one that has to wait for a merge some seconds. */
const usualInsertTimeoutMs = 120_000;

/** What `telltale start` takes on the command line; wins over the environment. */
export interface ConfigFlags {
  host?: string | undefined;
  port?: string | undefined;
  data?: string | undefined;
  roles?: string | undefined;
}

/** Everything that is wrong with the settings, at once: `path` is the variable or flag. */
export class ConfigError extends Error {
  readonly problems: ErrorDetail[];

  constructor(problems: ErrorDetail[]) {
    const lines = problems.map(({ path, message }) => `  ${path}: ${message}`);
    super(`Telltale cannot start with these settings:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings of a start. An empty variable counts as not set. Throws ConfigError. */
export function parseConfig(env: Environment, flags: ConfigFlags = {}): Config {
  const problems: ErrorDetail[] = [];

  /** Reads one setting; `parse` throws a sentence, which is collected with the name under which the value was given. */
  const setting = <T>(variable: string, fallback: T, parse: (text: string) => T, flag?: keyof ConfigFlags): T => {
    const given = flag === undefined ? undefined : flags[flag];
    const text = (given ?? env[variable] ?? '').trim();
    if (text === '' && given === undefined) return fallback;
    try {
      return parse(text);
    } catch (error) {
      problems.push({
        path: given === undefined ? variable : `--${flag}`,
        message: error instanceof Error ? error.message : String(error),
      });
      return fallback;
    }
  };

  const clickhouseUrl = setting('CLICKHOUSE_URL', null, toUrl);
  const config: Config = {
    host: setting('TELLTALE_HOST', '127.0.0.1', toHost, 'host'),
    port: setting('TELLTALE_PORT', 8400, toPort, 'port'),
    dataFolder: setting('TELLTALE_DATA', './telltale-data', toFolder, 'data'),
    publicUrl: setting('TELLTALE_URL', null, toUrl),
    roles: setting<readonly Role[]>('TELLTALE_ROLES', roles, toRoles, 'roles'),
    clickhouse:
      clickhouseUrl === null
        ? null
        : {
            url: clickhouseUrl,
            user: env.CLICKHOUSE_USER || 'default',
            password: env.CLICKHOUSE_PASSWORD ?? '',
            database: setting('CLICKHOUSE_DATABASE', 'telltale', toDatabase),
          },
    trustProxy: setting('TELLTALE_TRUST_PROXY', 0, toHops),
    rates: {
      address: setting('TELLTALE_RATE_ADDRESS', usualRates.address, toRate),
      site: setting('TELLTALE_RATE_SITE', usualRates.site, toRate),
    },
    maxConnections: setting('TELLTALE_MAX_CONNECTIONS', usualConnections, toCount),
    insertTimeoutMs: setting('TELLTALE_INSERT_TIMEOUT', usualInsertTimeoutMs, toInterval),
    webhookAllow: setting('TELLTALE_WEBHOOK_ALLOW', [], toNetworks),
    mail: toMail(env, problems),
    admin: toAdmin(env, problems),
    scanIntervalMs: setting('TELLTALE_SCAN_INTERVAL', 15_000, toInterval),
    logLevel: setting('TELLTALE_LOG', 'info', toLogLevel),
  };
  // Better refused than silently a single server where somebody expects copies.
  if (env.CLICKHOUSE_CLUSTER) {
    problems.push({ path: 'CLICKHOUSE_CLUSTER', message: 'Clusters are not supported yet. Remove this variable.' });
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function toPort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw new Error(`"${text}" is not a port. Write a number from 0 to 65535.`);
  }
  return Number(text);
}

function toHost(text: string): string {
  if (!/^[\w.:%-]+$/.test(text) || /:\d+$/.test(text.replace(/.*::.*/, ''))) {
    throw new Error(`"${text}" is not a host to listen on. Write a name or address only, as 127.0.0.1 or 0.0.0.0.`);
  }
  return text;
}

function toFolder(text: string): string {
  if (text === '') throw new Error('Name a folder.');
  return text;
}

function toUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new Error(`"${text}" is not an address. Write it as https://telltale.example.com.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new Error('An address here holds no user and password. Set them in variables of their own.');
  }
  return url.href.replace(/\/+$/, '');
}

function toRoles(text: string): Role[] {
  const names = text.split(',').map((name) => name.trim());
  const chosen = roles.filter((role) => names.includes(role));
  if (names.some((name) => !(roles as readonly string[]).includes(name))) {
    throw new Error(`"${text}" is not a list of roles. Known roles: ${roles.join(', ')}.`);
  }
  return chosen;
}

function toDatabase(text: string): string {
  if (!/^[A-Za-z_]\w{0,62}$/.test(text)) {
    throw new Error(`"${text}" is not a database name. Use letters, digits and underscores.`);
  }
  return text;
}

function toHops(text: string): number {
  if (!/^\d$/.test(text)) throw new Error(`"${text}" is not a number of proxies. Write 0 to 9.`);
  return Number(text);
}

function toRate(text: string): Rate {
  if (text === 'off') return { perSecond: Number.POSITIVE_INFINITY, burst: Number.POSITIVE_INFINITY };
  const [, perSecond, burst] = /^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? [];
  if (!Number(perSecond) || !Number(burst)) {
    throw new Error(`"${text}" is not a rate. Write it as 20/200: so many a second, so many at once; or write off.`);
  }
  return { perSecond: Number(perSecond), burst: Number(burst) };
}

function toCount(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new Error(`"${text}" is not a number from 1 to 9999999.`);
  return Number(text);
}

function toNetworks(text: string): string[] {
  const networks = text.split(/[\s,]+/).filter((part) => part !== '');
  const wrong = networks.filter((network) => !ipaddr.isValidCIDR(network));
  if (wrong.length > 0) throw new Error(`${wrong.join(', ')} is not a network. Write it as 10.0.0.0/8 or fd00::/8.`);
  return networks;
}

function toInterval(text: string): number {
  if (!duration.safeParse(text).success || durationMs(text) < 100) {
    throw new Error(`"${text}" is not a duration of at least 100ms. Write it as 15s or 1m.`);
  }
  return durationMs(text);
}

function toLogLevel(text: string): LogLevel {
  const level = logLevels.find((name) => name === text);
  if (!level) throw new Error(`"${text}" is not a log level. Known levels: ${logLevels.join(', ')}.`);
  return level;
}

function toMail(env: Environment, problems: ErrorDetail[]): Config['mail'] {
  const smtpUrl = env.TELLTALE_SMTP_URL?.trim() ?? '';
  const from = env.TELLTALE_MAIL_FROM?.trim() ?? '';
  const to = (env.TELLTALE_MAIL_TO ?? '').split(/[\s,]+/).filter((part) => part !== '');
  if (smtpUrl === '' && from === '' && to.length === 0) return null;
  const refuse = (path: string, message: string) => problems.push({ path, message });
  if (smtpUrl === '') {
    refuse('TELLTALE_SMTP_URL', `It is needed beside ${from === '' ? 'TELLTALE_MAIL_TO' : 'TELLTALE_MAIL_FROM'}.`);
  } else if (!isSmtpUrl(smtpUrl)) {
    // Without the value: it may hold a password.
    refuse(
      'TELLTALE_SMTP_URL',
      'This is not the address of a mail server. Write it as smtp://user:password@mail.example.com:587.',
    );
  }
  if (from === '') refuse('TELLTALE_MAIL_FROM', 'It is needed beside TELLTALE_SMTP_URL.');
  // As `reports@example.com` or `Telltale <reports@example.com>`.
  else if (!email.safeParse(/^[^<>\r\n]*<([^<>]+)>$/.exec(from)?.[1] ?? from).success) {
    refuse('TELLTALE_MAIL_FROM', `"${from}" is not a sender. Write it as Telltale <reports@example.com>.`);
  }
  const wrong = to.filter((address) => !email.safeParse(address).success);
  if (wrong.length > 0) refuse('TELLTALE_MAIL_TO', `${wrong.join(', ')} is not an e-mail address.`);
  return { smtpUrl, from, to };
}

function isSmtpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (protocol === 'smtp:' || protocol === 'smtps:') && hostname !== '';
}

function toAdmin(env: Environment, problems: ErrorDetail[]): Config['admin'] {
  const given = { email: env.TELLTALE_ADMIN_EMAIL ?? '', password: env.TELLTALE_ADMIN_PASSWORD ?? '' };
  if (given.email === '' && given.password === '') return null;
  const before = problems.length;
  const parsedEmail = email.safeParse(given.email);
  const parsedPassword = password.safeParse(given.password);
  if (!parsedEmail.success) {
    const message =
      given.email === '' ? 'It is needed beside TELLTALE_ADMIN_PASSWORD.' : 'This is not an e-mail address.';
    problems.push({ path: 'TELLTALE_ADMIN_EMAIL', message });
  }
  if (!parsedPassword.success) {
    const tooShort = parsedPassword.error.issues[0]?.message ?? 'This password cannot be used.';
    const message = given.password === '' ? 'It is needed beside TELLTALE_ADMIN_EMAIL.' : tooShort;
    problems.push({ path: 'TELLTALE_ADMIN_PASSWORD', message });
  }
  return problems.length === before && parsedEmail.success
    ? { email: parsedEmail.data, password: given.password }
    : null;
}
