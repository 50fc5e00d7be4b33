import { Readable, Writable } from 'node:stream';
import type { Starters } from '../../collector/cli/context.ts';
import { runCli } from '../../collector/cli/telltale.ts';

const noStarters: Starters = {
  serve: () => Promise.reject(new Error('This test starts no server.')),
  openCollector: () => Promise.reject(new Error('This test opens no collector.')),
};

/** Runs one command line in this process and collects what it prints. */
export async function runCommand(
  line: string | readonly string[],
  options: { data?: string; input?: string; env?: Record<string, string>; starters?: Partial<Starters> } = {},
) {
  const printed = { stdout: '', stderr: '' };
  const into = (name: keyof typeof printed) =>
    new Writable({
      write(chunk, _encoding, done) {
        printed[name] += String(chunk);
        done();
      },
    });
  const io = { stdin: Readable.from([options.input ?? '']), stdout: into('stdout'), stderr: into('stderr') };
  const env = { ...(options.data ? { TELLTALE_DATA: options.data } : {}), ...options.env };
  const words = typeof line === 'string' ? line.split(' ') : line;
  const status = await runCli(words, env, io, { ...noStarters, ...options.starters });
  return { status, ...printed };
}
