import { defineCommand } from 'citty';
import { parseConfig } from '../config.ts';
import { type Demo, type DemoAddresses, openDemo } from '../demo/open-demo.ts';
import type { CliContext } from './context.ts';
import { progressLine } from './progress-line.ts';

/** Webhooks must not reach this machine, except in the demo: its inbox is here. */
const thisMachine = ['127.0.0.0/8', '::1/128'];

/** The rules of the demo wait 20 seconds: looking only every 15 would nearly double that. */
const scanIntervalMs = 2_000;

export function demoCommand({ env, io, serve }: CliContext) {
  return defineCommand({
    meta: {
      name: 'telltale demo',
      description: 'Start with a filled demo site, live simulated visitors and a webhook inbox.',
    },
    args: {
      port: { type: 'string', description: 'Port to listen on (8400)' },
      host: { type: 'string', description: 'Address to listen on (127.0.0.1: this machine only)' },
      data: { type: 'string', valueHint: 'folder', description: 'Data folder of the demo (./telltale-demo)' },
    },
    async run({ args: { port, host, data = './telltale-demo' } }) {
      // TELLTALE_DATA is not asked: it may name the folder of a real installation.
      const config = parseConfig(env, { port, host, data });
      let demo: Demo | undefined;
      try {
        await serve(
          {
            ...config,
            webhookAllow: [...config.webhookAllow, ...thisMachine],
            scanIntervalMs: Math.min(config.scanIntervalMs, scanIntervalMs),
          },
          {
            demo: true,
            async extraRoutes(collector) {
              demo = await openDemo(collector);
              return demo.routes;
            },
            async onReady({ url }) {
              const progress = progressLine(io.stderr, 'Filling the demo');
              const addresses = await demo?.start({ url, onProgress: progress.show });
              progress.end();
              if (addresses) io.stdout.write(welcome(addresses));
            },
          },
        );
      } finally {
        demo?.stop();
      }
    },
  });
}

function welcome({ enter, dashboard, salon, inbox, owner, filled }: DemoAddresses): string {
  const lines = [
    'The Telltale demo is running. Stop it with Ctrl+C; it is kept for the next time.',
    '',
    `  Sign in    ${enter}`,
    `  Dashboard  ${dashboard}`,
    `  Salon      ${salon}`,
    `  Inbox      ${inbox}`,
    '',
    ...(owner ? [`  Account    ${owner.email}, password ${owner.password}`, ''] : []),
    ...(filled > 0 ? [`60 days of made-up history: ${filled} events.`] : []),
    'Try it: start a booking in the salon, type an e-mail address, leave, and watch the inbox for 20 seconds.',
  ];
  return `${lines.join('\n')}\n`;
}
