import { describe, expect, it } from 'vitest';
import { engineObstacle } from '../../collector/clickhouse/engine-library.ts';
import { splitStatements } from '../../collector/clickhouse/migrate.ts';
import { joinSql, param, render, sql } from '../../collector/clickhouse/sql.ts';

describe('sql', () => {
  it('puts every value into a typed parameter and none into the text', () => {
    const where = joinSql([sql`name = ${param.string("o'clock")}`, sql`site_id = ${param.uint32(7)}`], sql` AND `);
    expect(render(sql`SELECT 1 FROM events WHERE ${where}`)).toEqual({
      text: 'SELECT 1 FROM events WHERE name = {p1:String} AND site_id = {p2:UInt32}',
      params: { p1: "o'clock", p2: 7 },
    });
  });

  it('sends a parameter that is used twice once', () => {
    const from = param.dateTime(Date.UTC(2026, 8, 1));
    expect(render(sql`ts >= ${from} AND toDate(ts) >= toDate(${from})`)).toEqual({
      text: "ts >= {p1:DateTime64(3, 'UTC')} AND toDate(ts) >= toDate({p1:DateTime64(3, 'UTC')})",
      params: { p1: '2026-09-01 00:00:00.000' },
    });
  });

  it('does not compile with a bare value in a hole', () => {
    // @ts-expect-error a string must be wrapped: param.string(…)
    expect(() => render(sql`name = ${'x'}`)).toThrow();
  });
});

describe('splitStatements', () => {
  it('splits at semicolons that end a line and leaves comments out', () => {
    expect(
      splitStatements("-- first; of two\nCREATE TABLE a (s String DEFAULT 'x;y');\n\nCREATE TABLE b (n UInt8);\n"),
    ).toEqual(["CREATE TABLE a (s String DEFAULT 'x;y')", 'CREATE TABLE b (n UInt8)']);
  });
});

describe('the built-in event database', () => {
  it.each([
    [{ platform: 'win32', arch: 'x64', glibc: undefined } as const, 'Windows'],
    [{ platform: 'linux', arch: 'x64', glibc: undefined } as const, 'musl'],
    [{ platform: 'linux', arch: 'arm', glibc: '2.36' } as const, 'arm processors'],
    [{ platform: 'freebsd', arch: 'x64', glibc: undefined } as const, 'freebsd'],
  ])('says on %j what stands in the way and what to do', (machine, reason) => {
    expect(engineObstacle(machine)).toContain(reason);
    expect(engineObstacle(machine)).toContain('CLICKHOUSE_URL');
  });

  it.each([
    { platform: 'linux', arch: 'x64', glibc: '2.36' } as const,
    { platform: 'linux', arch: 'arm64', glibc: '2.31' } as const,
    { platform: 'darwin', arch: 'arm64', glibc: undefined } as const,
  ])('runs on %j', (machine) => {
    expect(engineObstacle(machine)).toBeUndefined();
  });
});
