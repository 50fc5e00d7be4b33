import { defineCommand } from 'citty';
import { parseConfig } from '../config.ts';
import { dataArgument } from './arguments.ts';
import type { CliContext } from './context.ts';
import type { Command } from './dispatch.ts';
import { type FirstUser, prepareFirstUser } from './first-user.ts';

const environment = `ENVIRONMENT (flags win)

  TELLTALE_PORT TELLTALE_HOST TELLTALE_DATA   as the flags
  TELLTALE_URL                public address, as https://telltale.example.com
  CLICKHOUSE_URL              a ClickHouse of your own, as http://localhost:8123; else one is started
  CLICKHOUSE_USER CLICKHOUSE_PASSWORD CLICKHOUSE_DATABASE
  TELLTALE_TRUST_PROXY        number of proxies in front of Telltale (0)
  TELLTALE_RATE_ADDRESS       requests taken from one address: a second/at once (20/200), or off
  TELLTALE_RATE_SITE          events taken for one site: a second/at once (500/5000), or off
  TELLTALE_MAX_CONNECTIONS    connections held at once (10000)
  TELLTALE_INSERT_TIMEOUT     how long ClickHouse may take for an insert before it is sent again (2m)
  TELLTALE_WEBHOOK_ALLOW      private networks that webhooks may reach, as 10.0.0.0/8
  TELLTALE_SMTP_URL           mail server for reports and news of leads, as smtp://user:password@mail.example.com:587
  TELLTALE_MAIL_FROM          sender, as Telltale <reports@example.com>
  TELLTALE_MAIL_TO            recipients, with commas between; else the owners
  TELLTALE_ADMIN_EMAIL TELLTALE_ADMIN_PASSWORD   create the owner without the set-up link
  TELLTALE_SCAN_INTERVAL      how often to look for abandonments (15s)
  TELLTALE_LOG                trace, debug, info, warn, error or silent (info)`;

export function startCommand({ env, io, serve }: CliContext): Command {
  const command = defineCommand({
    meta: { name: 'telltale start', description: 'Start the server.' },
    args: {
      port: { type: 'string', description: 'Port to listen on (8400)' },
      host: { type: 'string', description: 'Address to listen on (127.0.0.1: this machine only)' },
      ...dataArgument,
      roles: {
        type: 'string',
        valueHint: 'collect,control',
        description: 'What this process does; both where left out',
      },
    },
    async run({ args: { port, host, data, roles } }) {
      const config = parseConfig(env, { port, host, data, roles });
      await serve(config, {
        async onReady({ collector: { state, now }, url }) {
          const firstUser = await prepareFirstUser({ state, admin: config.admin, now });
          io.stdout.write(`Telltale runs at ${url}\n${welcome(firstUser, url)}`);
        },
      });
    },
  });
  return { ...command, notes: environment };
}

function welcome(firstUser: FirstUser, url: string): string {
  switch (firstUser.kind) {
    case 'exists':
      return '';
    case 'created':
      return `${firstUser.email} can sign in as owner with TELLTALE_ADMIN_PASSWORD.\n`;
    case 'link':
      return `\nCreate the owner account with this link. It works once:\n\n  ${url}${firstUser.path}\n\n`;
  }
}
