import { expect, it } from 'vitest';
import { forServer, splitStatements } from '../../collector/clickhouse/migrate.ts';

const text = `CREATE TABLE visits (n UInt8) ORDER BY n
SETTINGS
    default_compression_codec = 'ZSTD(1)', -- since ClickHouse 25.8
    fsync_after_insert = 1;`;

it.each<[[number, number], boolean]>([
  [[24, 12], false],
  [[25, 7], false],
  [[25, 8], true],
  [[26, 1], true],
])('a server of version %j gets the lines that it knows: %s', (server, known) => {
  const [statement] = splitStatements(forServer(text, server));
  expect(statement?.includes('default_compression_codec')).toBe(known);
  expect(statement).toContain('fsync_after_insert = 1');
  expect(statement).not.toContain('--');
});
