import { parseArgs, stripVTControlCharacters } from 'node:util';
import { type ArgsDef, renderUsage, runCommand, type SubCommandsDef } from 'citty';
import { ConfigError } from '../config.ts';
import type { Io } from './context.ts';
import { errorSentence } from './error-sentence.ts';

/** A command line that cannot be understood: exit status 2 and the command's help. */
export class WrongUsage extends Error {}

/** A command of citty with any arguments. `notes` follow its help. */
export type Command = Exclude<SubCommandsDef[string], Promise<unknown> | ((...args: never[]) => unknown)> & {
  notes?: string;
};

/**
 * Finds the command, checks its flags and runs it. Answers the exit status: 0 done, 1 failed, 2 wrong usage. citty parses; its own
 * main would end the process, and would let unknown flags pass.
 */
export async function dispatch(root: Command, argv: readonly string[], io: Io, version: string): Promise<number> {
  let command = root;
  let rest = [...argv];
  try {
    if (rest[0] === '--version' || rest[0] === '-v') {
      io.stdout.write(`${version}\n`);
      return 0;
    }
    for (let below = await subCommandsOf(command); below; below = await subCommandsOf(command)) {
      const [name, ...others] = rest;
      if (name === undefined) throw new WrongUsage('Name a command.');
      if (isHelp(name)) break;
      const found = Object.hasOwn(below, name) ? below[name] : undefined;
      if (!found)
        throw new WrongUsage(name.startsWith('-') ? `Unknown option '${name}'.` : `Unknown command "${name}".`);
      command = (await (typeof found === 'function' ? found() : found)) as Command;
      rest = others;
    }
    if (asksForHelp(rest)) {
      io.stdout.write(await helpOf(command));
      return 0;
    }
    await checkArguments(command, rest);
    await runCommand(command, { rawArgs: rest });
    return 0;
  } catch (error) {
    if (error instanceof WrongUsage || (error instanceof Error && error.name === 'CLIError')) {
      io.stderr.write(`${stripVTControlCharacters(error.message)}\n\n${await helpOf(command)}`);
      return 2;
    }
    io.stderr.write(`${errorSentence(error)}\n`);
    return error instanceof ConfigError && error.problems.some(({ path }) => path.startsWith('--')) ? 2 : 1;
  }
}

async function subCommandsOf(command: Command) {
  const { subCommands } = command;
  return typeof subCommands === 'function' ? subCommands() : subCommands;
}

async function argsOf(command: Command): Promise<ArgsDef> {
  const { args } = command;
  return (await (typeof args === 'function' ? args() : args)) ?? {};
}

/** Refuses flags and arguments the command does not know. */
async function checkArguments(command: Command, rest: string[]): Promise<void> {
  const defined = Object.entries(await argsOf(command));
  const flags = defined.filter(([, arg]) => arg.type !== 'positional');
  const options = Object.fromEntries(
    flags.map(([name, arg]) => [name, { type: arg.type === 'boolean' ? 'boolean' : 'string' } as const]),
  );
  let given: { values: object; positionals: string[] };
  try {
    given = parseArgs({ args: rest, options, allowPositionals: true });
  } catch (error) {
    // Node explains in a second sentence how to pass an argument that starts with a dash: here that is hardly ever the point.
    throw new WrongUsage(
      error instanceof Error ? (error.message.split('. ')[0] ?? '').replace(/\.?$/, '.') : String(error),
    );
  }
  // TRICKY: citty itself forgets `required` on an enum.
  const missing = flags.find(([name, arg]) => arg.required === true && !Object.hasOwn(given.values, name));
  if (missing) throw new WrongUsage(`Missing required argument: --${missing[0]}`);
  const extra = given.positionals[defined.length - flags.length];
  if (extra !== undefined) throw new WrongUsage(`"${extra}" is one argument too many.`);
}

function asksForHelp(rest: readonly string[]): boolean {
  const end = rest.indexOf('--');
  return rest.slice(0, end < 0 ? undefined : end).some(isHelp);
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h';
}

async function helpOf(command: Command): Promise<string> {
  const usage = stripVTControlCharacters(await renderUsage(command)).trimEnd();
  return `${usage}\n${command.notes ? `\n${command.notes}\n` : ''}`;
}
