import { defineCommand } from 'citty';
import { packageVersion } from '../version.ts';
import type { CliContext, Io, Starters } from './context.ts';
import { type Command, dispatch } from './dispatch.ts';

/** Runs one command line (without `node` and the script) and answers its exit status: 0 done, 1 failed, 2 wrong usage. */
export function runCli(argv: readonly string[], env: CliContext['env'], io: Io, starters: Starters): Promise<number> {
  return dispatch(telltale({ env, io, ...starters }), argv, io, packageVersion());
}

/** Every command in a file of its own, which is read only when it is asked for. */
function telltale(context: CliContext): Command {
  return defineCommand({
    meta: { name: 'telltale', description: 'Finds where leads leak out of a website, and acts on it.' },
    subCommands: {
      start: async () => (await import('./start.ts')).startCommand(context),
      demo: async () => (await import('./demo.ts')).demoCommand(context),
      site: async () => (await import('./site.ts')).siteCommand(context),
      user: async () => (await import('./user.ts')).userCommand(context),
      key: async () => (await import('./key.ts')).keyCommand(context),
      import: async () => (await import('./import.ts')).importCommand(context),
      export: async () => (await import('./export.ts')).exportCommand(context),
      backup: async () => (await import('./backup.ts')).backupCommand(context),
      restore: async () => (await import('./backup.ts')).restoreCommand(context),
      spool: async () => (await import('./spool.ts')).spoolCommand(context),
      doctor: async () => (await import('./doctor.ts')).doctorCommand(context),
    },
  });
}
