import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouse } from '../../collector/clickhouse/client.ts';
import { startEmbeddedEngine } from '../../collector/clickhouse/embedded-engine.ts';
import { param, sql } from '../../collector/clickhouse/sql.ts';
import { createLog } from '../../collector/log.ts';
import { startProduct } from './product.ts';

/** A row as it lies in ClickHouse. */
export interface StoredRow {
  name: string;
  page_id: string;
  seq: number;
  /** UTC, `2026-09-01 12:00:00.000`. */
  ts: string;
  path: string;
  props: Record<string, string>;
  engaged_ms: number;
  scroll: number;
}

/** The built product on a ClickHouse that the test can look into. */
export interface RealCollector {
  newSite: () => Promise<{ url: string; site: string; number: number }>;
  /** Every row of a site, repeats too, in the order of pages and numbers. */
  rows: (site: { number: number }) => Promise<StoredRow[]>;
  close: () => Promise<void>;
}

export async function startRealCollector(): Promise<RealCollector> {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-engine-'));
  const log = createLog('silent');
  const engine = await startEmbeddedEngine({ folder, memoryBytes: 2 * 1024 ** 3, log });
  const product = await startProduct({
    env: {
      CLICKHOUSE_URL: engine.url,
      CLICKHOUSE_USER: engine.user,
      CLICKHOUSE_PASSWORD: engine.password,
      CLICKHOUSE_DATABASE: 'telltale',
    },
  });
  const clickhouse = createClickHouse({ ...engine, database: 'telltale', log });
  let sites = 0;
  return {
    async newSite() {
      const { id } = await product.api<{ id: string }>('POST', '/sites', { domain: 'localhost' });
      sites++;
      return { url: product.url, site: id, number: sites };
    },
    async rows({ number }) {
      const { rows } = await clickhouse.query<StoredRow>(
        sql`SELECT name, toString(page_id) AS page_id, seq, ts, path, props, engaged_ms, scroll FROM events
          WHERE site_id = ${param.uint32(number)} ORDER BY page_id, seq`,
        { name: 'rows of a test' },
      );
      return rows;
    },
    async close() {
      await product.remove();
      await clickhouse.close();
      await engine.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
