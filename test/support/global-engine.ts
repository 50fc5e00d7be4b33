import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedEngine } from '../../collector/clickhouse/embedded-engine.ts';
import { createLog } from '../../collector/log.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The engine that all tests of a run share. */
    engine: { url: string; user: string; password: string; reader: { user: string; password: string } };
  }
}

/** vitest globalSetup: one embedded engine in a temporary folder for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'telltale-engine-'));
  const engine = await startEmbeddedEngine({ folder, memoryBytes: 3 * 1024 ** 3, log: createLog('warn') });
  const { url, user, password, reader } = engine;
  project.provide('engine', { url, user, password, reader });
  return async () => {
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
