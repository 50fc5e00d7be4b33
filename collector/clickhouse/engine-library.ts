import { createRequire } from 'node:module';

/** What decides whether this machine can run the embedded engine. */
export interface Machine {
  platform: NodeJS.Platform;
  arch: string;
  /** Version of glibc; undefined under musl (Alpine). Asked for on Linux only. */
  glibc: string | undefined;
}

const whatToDo =
  'Start a ClickHouse server (for example with Docker: clickhouse/clickhouse-server) and set CLICKHOUSE_URL to its address.';

/** Why the embedded engine cannot run here, as one sentence with the way out; undefined where it can. */
export function engineObstacle({ platform, arch, glibc }: Machine): string | undefined {
  if (platform === 'win32') return `The built-in event database does not run on Windows. Use WSL 2, or: ${whatToDo}`;
  if (platform !== 'linux' && platform !== 'darwin') {
    return `The built-in event database does not run on ${platform}. ${whatToDo}`;
  }
  if (arch !== 'x64' && arch !== 'arm64')
    return `The built-in event database does not run on ${arch} processors. ${whatToDo}`;
  if (platform === 'linux' && glibc === undefined) {
    return `The built-in event database needs glibc, and this system uses musl (Alpine Linux). Use a Debian-based image, or: ${whatToDo}`;
  }
  return undefined;
}

/** Path of the engine's library. Throws one sentence with what to do where it cannot run on this machine. */
export function findEngineLibrary(): string {
  const obstacle = engineObstacle(thisMachine());
  if (obstacle) throw new Error(obstacle);
  try {
    const require = createRequire(import.meta.url);
    require.resolve('ffi-rs');
    const { libchdbPath } = require('chdb/libchdb') as { libchdbPath(): string };
    return libchdbPath();
  } catch (cause) {
    throw new Error(
      `The built-in event database is not installed (npm leaves it out with --omit=optional). Install again without that option, or: ${whatToDo}`,
      { cause },
    );
  }
}

/** The sentence for a processor that lacks an instruction the engine was built with. */
export const processorTooOld = `The built-in event database cannot run on this processor: it lacks instructions that ClickHouse needs. ${whatToDo}`;

function thisMachine(): Machine {
  const { platform, arch } = process;
  if (platform !== 'linux') return { platform, arch, glibc: undefined };
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return { platform, arch, glibc: report.header?.glibcVersionRuntime };
}
