import { appendFile, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { toTimestamp } from '../../collector/contract/row.ts';
import { createMetrics } from '../../collector/metrics.ts';
import { defaultReserveBytes } from '../../collector/spool/reserve.ts';
import { retryDelayMs } from '../../collector/spool/retry-delay.ts';
import { openSpool, type Spool, type SpoolOptions } from '../../collector/spool/spool.ts';
import { fakeClock } from '../support/clock.ts';
import { event, timeOf } from '../support/factories.ts';
import { away, fakeClickHouse, refusal } from './fake-clickhouse.ts';
import { ModelDisk } from './model-disk.ts';

let folder: string;
let open: Spool[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telltale-spool-'));
});
afterEach(async () => {
  await Promise.all(open.map((spool) => spool.close()));
  open = [];
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<SpoolOptions> = {}): Promise<Spool> {
  const spool = await openSpool({
    folder,
    ship: fakeClickHouse().ship,
    seal: { ms: 60_000 },
    retry: { firstMs: 1, maxMs: 5 },
    reserveBytes: 0,
    closeGraceMs: 50,
    ...options,
  });
  open.push(spool);
  return spool;
}

const order = (id: string, at = '10:00') => event('order', { id, at });
const orders = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => order(`order-${from + index}`));
const ids = (from: number, to: number) => orders(from, to).map((row) => row.id);

async function segmentFiles(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.ndjson')).sort();
}

async function retainedIds(spool: Spool): Promise<string[]> {
  const found: string[] = [];
  for await (const row of spool.retained()) found.push(row.id);
  return found;
}

describe('append', () => {
  test('resolves when the rows are in a file that tail can read', async () => {
    const spool = await start({ ship: () => new Promise(() => {}) });
    await spool.append([order('order-1')]);
    const [name] = await segmentFiles();
    const line = await readFile(join(folder, name ?? ''), 'utf8');
    expect(line).toMatch(/^\{"id":"order-1",.*"intent":0,"_crc":"[0-9a-f]{8}"\}\n$/);
  });

  test('writes what arrives at once together, and what arrives meanwhile together after it', async () => {
    const disk = new ModelDisk();
    let commits = 0;
    const metrics = createMetrics();
    metrics.spoolSyncSeconds.observe = () => {
      commits += 1;
    };
    const spool = await start({ disk, folder: '/spool', metrics, ship: () => new Promise(() => {}) });
    const first = orders(1, 50).map((row) => spool.append([row]));
    // The write begins after this turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([...first, ...orders(51, 100).map((row) => spool.append([row]))]);
    expect(commits).toBe(2);
  });

  test('refuses rows on a full disk, leaves no trace of them, and goes on when there is space', async () => {
    const disk = new ModelDisk();
    const clickhouse = fakeClickHouse({ disk });
    const spool = await start({ disk, folder: '/spool', ship: clickhouse.ship });
    await spool.append(orders(1, 3));

    disk.failing = { append: 'ENOSPC' };
    await expect(spool.append(orders(4, 6))).rejects.toMatchObject({
      code: 'spool_full',
      status: 503,
      retryAfterSeconds: 30,
    });
    expect(spool.status().full).toBe(true);

    disk.failing = {};
    await spool.append(orders(7, 9));
    await spool.flush();
    expect(spool.status().full).toBe(false);
    expect(clickhouse.ids()).toEqual([...ids(1, 3), ...ids(7, 9)]);
  });

  test('accepts nothing behind a torn write that cannot be cut off, and never ships it', async () => {
    const disk = new ModelDisk({ random: () => 0.5 });
    const clickhouse = fakeClickHouse({ disk });
    const spool = await start({ disk, folder: '/spool', ship: clickhouse.ship });
    await spool.append([order('order-1')]);

    disk.failing = { append: 'EIO', truncate: 'EIO' };
    await expect(spool.append([order('order-2')])).rejects.toMatchObject({ code: 'spool_full' });
    disk.failing = { truncate: 'EIO' };
    await expect(spool.append([order('order-3')])).rejects.toMatchObject({ code: 'spool_full' });

    disk.failing = {};
    await spool.append([order('order-4')]);
    await spool.flush();
    expect(clickhouse.ids()).toEqual(['order-1', 'order-4']);
  });

  test('refuses rows before the reserve of the disk is used', async () => {
    const disk = new ModelDisk();
    const clock = fakeClock();
    const spool = await start({ disk, folder: '/spool', reserveBytes: 10_000, now: clock.now });
    disk.freeBytes = 9_000;
    clock.advance(1_000);
    await expect(spool.append([order('order-1')])).rejects.toMatchObject({ code: 'spool_full' });
    disk.freeBytes = 20_000;
    clock.advance(1_000);
    await spool.append([order('order-1')]);
  });

  test('gives up what ClickHouse has before it refuses anything', async () => {
    const disk = new ModelDisk();
    const clock = fakeClock();
    const clickhouse = fakeClickHouse({ disk });
    const spool = await start({ disk, folder: '/spool', ship: clickhouse.ship, reserveBytes: 10_000, now: clock.now });
    await spool.append(orders(1, 3));
    await spool.flush();
    expect(await retainedIds(spool)).toEqual(ids(1, 3));

    disk.freeBytes = 10_500;
    const space = disk.space.bind(disk);
    const remove = disk.remove.bind(disk);
    disk.remove = async (path) => {
      if (path.endsWith('.ndjson')) disk.freeBytes += 5_000;
      await remove(path);
    };
    expect(await space()).toMatchObject({ freeBytes: 10_500 });
    clock.advance(1_000);
    await spool.append([order('order-4')]);
    expect(await retainedIds(spool)).toEqual(['order-4']);
  });

  test('refuses rows after close', async () => {
    const spool = await start();
    await spool.close();
    await expect(spool.append([order('order-1')])).rejects.toMatchObject({ code: 'spool_full' });
  });
});

describe('seal', () => {
  test('a segment ships when it has enough rows', async () => {
    const clickhouse = fakeClickHouse();
    const spool = await start({ ship: clickhouse.ship, seal: { ms: 60_000, rows: 5 } });
    await spool.append(orders(1, 5));
    await vi.waitFor(() => expect(clickhouse.ids()).toEqual(ids(1, 5)));
  });

  test('a segment ships when it has enough bytes', async () => {
    const clickhouse = fakeClickHouse();
    const spool = await start({ ship: clickhouse.ship, seal: { ms: 60_000, bytes: 1_000 } });
    await spool.append(orders(1, 2));
    await vi.waitFor(() => expect(clickhouse.ids()).toEqual(ids(1, 2)));
  });

  test('a segment ships when it is old enough', async () => {
    const clickhouse = fakeClickHouse();
    const spool = await start({ ship: clickhouse.ship, seal: { ms: 10 } });
    await spool.append([order('order-1')]);
    await vi.waitFor(() => expect(clickhouse.ids()).toEqual(['order-1']));
  });
});

describe('ship', () => {
  test('sends segments in order, one at a time, each with its own token', async () => {
    const clickhouse = fakeClickHouse();
    let underWay = 0;
    let most = 0;
    clickhouse.before = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
    };
    const spool = await start({ ship: clickhouse.ship, seal: { rows: 2, ms: 60_000 } });
    for (let first = 1; first <= 9; first += 2) await spool.append(orders(first, first + 1));
    await spool.flush();
    expect(clickhouse.ids()).toEqual(ids(1, 10));
    expect(most).toBe(1);
    const tokens = clickhouse.attempts.map((attempt) => attempt.id.slice(-12));
    expect(tokens).toEqual(['000000000001', '000000000002', '000000000003', '000000000004', '000000000005']);
  });

  test('repeats the same bytes with the same token until ClickHouse takes them', async () => {
    const clickhouse = fakeClickHouse();
    let failures = 4;
    clickhouse.before = async () => {
      if (failures-- > 0) throw away();
    };
    const spool = await start({ ship: clickhouse.ship });
    await spool.append(orders(1, 3));
    await spool.flush();
    expect(clickhouse.attempts).toHaveLength(5);
    expect(new Set(clickhouse.attempts.map((attempt) => JSON.stringify(attempt))).size).toBe(1);
    expect(clickhouse.ids()).toEqual(ids(1, 3));
  });

  test('stores rows once when ClickHouse took them and the answer was lost', async () => {
    const clickhouse = fakeClickHouse();
    let failures = 2;
    clickhouse.after = async () => {
      if (failures-- > 0) throw away();
    };
    const spool = await start({ ship: clickhouse.ship });
    await spool.append(orders(1, 3));
    await spool.flush();
    expect(clickhouse.ids()).toEqual(ids(1, 3));
  });

  test('sends the same token and bytes after a restart between insert and checkpoint', async () => {
    const clickhouse = fakeClickHouse();
    // The process dies here: ClickHouse has the rows, the checkpoint does not say so.
    clickhouse.after = () => new Promise(() => {});
    const disk = new ModelDisk({ random: () => 0.99 });
    const first = fakeClickHouse({ disk });
    const spool = await openSpool({
      folder: '/spool',
      disk,
      seal: { ms: 60_000 },
      ship: async (shipment) => {
        await first.ship(shipment);
        await new Promise(() => {});
      },
    });
    await spool.append(orders(1, 3));
    spool.flush().catch(() => undefined);
    await vi.waitFor(() => expect(first.ids()).toEqual(ids(1, 3)));

    const after = disk.recovered();
    const again = fakeClickHouse({ disk: after });
    const restarted = await start({ disk: after, folder: '/spool', ship: again.ship });
    await restarted.flush();
    expect(again.attempts).toEqual(first.attempts);
  });

  test('keeps taking events while ClickHouse is away, and says since when', async () => {
    const clickhouse = fakeClickHouse();
    let isAway = true;
    clickhouse.before = async () => {
      if (isAway) throw away();
    };
    const spool = await start({ ship: clickhouse.ship, seal: { rows: 2, ms: 60_000 } });
    await spool.append(orders(1, 2));
    await spool.append(orders(3, 4));
    await vi.waitFor(() => expect(spool.status().trouble).toMatchObject({ error: 'connect ECONNREFUSED' }));
    expect(spool.status()).toMatchObject({ pendingRows: 4, pendingSegments: 2, oldestPendingAt: timeOf('10:00') });
    isAway = false;
    await spool.flush();
    expect(spool.status()).toMatchObject({ pendingRows: 0, pendingSegments: 0, oldestPendingAt: null, trouble: null });
    expect(clickhouse.ids()).toEqual(ids(1, 4));
  });

  test('waits 1 s after the first failure and at most 30 s after many', () => {
    const delay = (failures: number, random: number) =>
      retryDelayMs({ failures, firstMs: 1_000, maxMs: 30_000, random: () => random });
    expect([delay(0, 0.999), delay(1, 0), delay(1, 0.5), delay(10, 0), delay(10, 0.5), delay(10, 1)]).toEqual([
      1_000, 1_000, 1_500, 1_000, 15_500, 30_000,
    ]);
  });
});

describe('quarantine', () => {
  test('one row that ClickHouse refuses costs no other row, and is kept with the reason', async () => {
    const clickhouse = fakeClickHouse();
    clickhouse.before = async (_, rows) => {
      if (rows.some((row) => row.id === 'order-6')) throw refusal();
    };
    const spool = await start({ ship: clickhouse.ship });
    await spool.append(orders(1, 8));
    await spool.flush();
    expect(clickhouse.ids()).toEqual([...ids(1, 5), ...ids(7, 8)]);
    // 8 rows refused; 0-4 taken; 4-8 refused; 4-6 refused; 4-5 taken; 5-6 refused: that is the row; 6-8 taken.
    expect(clickhouse.attempts.map(({ id }) => id.split('/')[1])).toEqual([
      undefined,
      '0-4',
      '4-8',
      '4-6',
      '4-5',
      '5-6',
      '6-8',
    ]);
    expect(spool.status().quarantinedRows).toBe(1);
    const [name] = await readdir(join(folder, 'quarantine'));
    const entry: { reason: string; line: string } = JSON.parse(
      await readFile(join(folder, 'quarantine', name ?? ''), 'utf8'),
    );
    expect(entry.reason).toBe('Cannot parse input');
    expect(JSON.parse(entry.line)).toMatchObject({ id: 'order-6' });
  });

  test('a row that was set aside is erased with its visitor, and no other', async () => {
    const clickhouse = fakeClickHouse();
    clickhouse.before = async (_, rows) => {
      if (rows.some((row) => row.id === 'order-2' || row.id === 'order-3')) throw refusal();
    };
    const spool = await start({ ship: clickhouse.ship });
    await spool.append(orders(1, 4));
    await spool.flush();
    await spool.erase((row) => row.id === 'order-2');
    expect(spool.status().quarantinedRows).toBe(1);
    const [name, ...more] = await readdir(join(folder, 'quarantine'));
    expect(more).toEqual([]);
    expect(await readFile(join(folder, 'quarantine', name ?? ''), 'utf8')).toContain('order-3');
  });

  test('finds one bad row among 10,000 in at most 30 inserts', async () => {
    const clickhouse = fakeClickHouse();
    clickhouse.before = async (_, rows) => {
      if (rows.some((row) => row.id === 'order-7777')) throw refusal();
    };
    const spool = await start({ ship: clickhouse.ship });
    await spool.append(orders(1, 10_000));
    await spool.flush();
    expect(clickhouse.stored).toHaveLength(9_999);
    expect(new Set(clickhouse.ids()).size).toBe(9_999);
    // The refused path is 1 + log2(10,000) ≈ 14 long, and each step but the first has a good half beside it.
    expect(clickhouse.attempts.length).toBeLessThanOrEqual(2 * 15);
  });

  test('goes on in parts after a restart, even if the whole would now be taken', async () => {
    const clickhouse = fakeClickHouse();
    let poisonous = true;
    let stuck = false;
    clickhouse.before = async (shipment, rows) => {
      if (poisonous && rows.some((row) => row.id === 'order-1')) throw refusal();
      if (poisonous && shipment.id.endsWith('/2-4')) {
        stuck = true;
        throw away();
      }
    };
    const spool = await start({ ship: clickhouse.ship });
    await spool.append(orders(1, 4));
    spool.flush().catch(() => undefined);
    await vi.waitFor(() => expect(stuck).toBe(true));
    expect(clickhouse.ids()).toEqual(['order-2']);
    await spool.close();

    poisonous = false;
    const restarted = await start({ ship: clickhouse.ship });
    await restarted.flush();
    expect(clickhouse.ids().sort()).toEqual(['order-1', 'order-2', 'order-3', 'order-4']);
  });
});

describe('start', () => {
  test('cuts off a torn tail and ships every whole row before it', async () => {
    const stuck = await start({ ship: () => new Promise(() => {}) });
    await stuck.append(orders(1, 3));
    const [name = ''] = await segmentFiles();
    const bytes = await readFile(join(folder, name));
    await appendFile(join(folder, name), bytes.subarray(0, 200));

    const clickhouse = fakeClickHouse();
    const spool = await start({ ship: clickhouse.ship });
    await spool.flush();
    expect(clickhouse.ids()).toEqual(ids(1, 3));
    expect(spool.status()).toMatchObject({ tornTails: 1, damagedRows: 0 });
    expect(await readFile(join(folder, name))).toEqual(bytes);
  });

  test('delivers all but the row in which a bit has flipped, and keeps that one aside', async () => {
    const stuck = await start({ ship: () => new Promise(() => {}) });
    await stuck.append(orders(1, 5));
    const [name = ''] = await segmentFiles();
    const bytes = await readFile(join(folder, name));
    const inThird = bytes.indexOf('order-3') + 3;
    bytes[inThird] = (bytes[inThird] ?? 0) ^ 1;
    await writeFile(join(folder, name), bytes);

    const clickhouse = fakeClickHouse();
    const spool = await start({ ship: clickhouse.ship });
    await spool.flush();
    expect(clickhouse.ids()).toEqual(['order-1', 'order-2', 'order-4', 'order-5']);
    expect(spool.status()).toMatchObject({ tornTails: 0, damagedRows: 1, quarantinedRows: 1 });
  });

  test('ships what the process before could not, before anything new', async () => {
    const stuck = await start({ ship: () => Promise.reject(away()) });
    await stuck.append(orders(1, 2));
    await stuck.close();

    const clickhouse = fakeClickHouse();
    const spool = await start({ ship: clickhouse.ship });
    await spool.append(orders(3, 4));
    await spool.flush();
    expect(clickhouse.ids()).toEqual(ids(1, 4));
  });

  test('does not ship again what the checkpoint says is in ClickHouse', async () => {
    const before = fakeClickHouse();
    const first = await start({ ship: before.ship });
    await first.append(orders(1, 2));
    await first.flush();
    await first.close();

    const after = fakeClickHouse();
    const second = await start({ ship: after.ship });
    await second.append(orders(3, 3));
    await second.flush();
    expect(after.ids()).toEqual(['order-3']);
  });

  test.each([
    [
      'a checkpoint',
      async () => writeFile(join(folder, 'spool.json'), '{"format":9,"spool":"x","shipped":0,"refused":[]}'),
    ],
    [
      'a segment',
      async () => {
        const [name = ''] = await segmentFiles();
        await writeFile(join(folder, name.replace('.v1.', '.v9.').replace('0001', '0002')), 'something new\n');
      },
    ],
  ])('refuses %s of a newer release and touches nothing', async (_, makeNewer) => {
    const stuck = await start({ ship: () => new Promise(() => {}) });
    await stuck.append(orders(1, 2));
    await makeNewer();
    const before = await contents();
    await expect(start()).rejects.toThrow(/has format 9, and this release of Telltale knows format 1/);
    expect(await contents()).toEqual(before);
  });

  test('refuses segments whose checkpoint is missing, because it would count them twice', async () => {
    const stuck = await start({ ship: () => new Promise(() => {}) });
    await stuck.append(orders(1, 2));
    await rm(join(folder, 'spool.json'));
    await expect(start()).rejects.toThrow(/holds segments but no spool\.json/);
  });

  test('refuses a damaged checkpoint', async () => {
    await writeFile(join(folder, 'spool.json'), '{"form');
    await expect(start()).rejects.toThrow(/spool\.json is damaged/);
  });

  async function contents(): Promise<Record<string, string>> {
    const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
    return Object.fromEntries(
      await Promise.all(names.map(async ({ name }) => [name, await readFile(join(folder, name), 'utf8')] as const)),
    );
  }
});

describe('retained', () => {
  test('gives shipped and waiting rows, oldest first', async () => {
    const clickhouse = fakeClickHouse();
    const spool = await start({ ship: clickhouse.ship });
    await spool.append(orders(1, 2));
    await spool.flush();
    await spool.append(orders(3, 4));
    expect(await retainedIds(spool)).toEqual(ids(1, 4));
    await spool.close();
    const restarted = await start({ ship: () => new Promise(() => {}) });
    expect(await retainedIds(restarted)).toEqual(ids(1, 4));
  });

  test('forgets shipped rows after 24 hours and never those that wait', async () => {
    const clock = fakeClock('2026-09-01T10:00:00Z');
    const clickhouse = fakeClickHouse();
    const spool = await start({ ship: clickhouse.ship, now: clock.now });
    await spool.append([order('order-1')]);
    await spool.flush();
    clock.set('2026-09-02T09:59:00Z');
    await spool.append([order('order-2')]);
    await spool.flush();
    expect(await retainedIds(spool)).toEqual(['order-1', 'order-2']);
    clock.set('2026-09-02T10:00:00Z');
    clickhouse.before = () => Promise.reject(away());
    await spool.append([order('order-3')]);
    clickhouse.before = async () => {};
    await spool.flush();
    await vi.waitFor(async () => expect(await retainedIds(spool)).toEqual(['order-2', 'order-3']));
  });

  test('forgets what became too old while nothing was running', async () => {
    const clickhouse = fakeClickHouse();
    const spool = await start({ ship: clickhouse.ship });
    await spool.append([order('order-1')]);
    await spool.flush();
    await spool.close();
    const [name = ''] = await segmentFiles();
    const dayAgo = (Date.now() - 25 * 60 * 60 * 1000) / 1000;
    await utimes(join(folder, name), dayAgo, dayAgo);
    expect(await retainedIds(await start())).toEqual([]);
    expect(await segmentFiles()).toEqual([]);
  });

  test('keeps no more bytes than it may', async () => {
    const spool = await start({ keep: { bytes: 1_000 } });
    for (const row of orders(1, 5)) {
      await spool.append([row]);
      await spool.flush();
    }
    // A row takes about 700 bytes: one fits.
    await vi.waitFor(async () => expect(await retainedIds(spool)).toEqual(['order-5']));
  });
});

test('a segment whose file somebody removed costs its own rows only, and is told', async () => {
  const clickhouse = fakeClickHouse();
  clickhouse.before = async () => {
    throw away();
  };
  const spool = await start({ ship: clickhouse.ship, seal: { ms: 60_000, rows: 2 } });
  await spool.append(orders(1, 2));
  await spool.append(orders(3, 4));
  await spool.append(orders(5, 6));
  const [, second = ''] = await segmentFiles();
  await rm(join(folder, second));
  clickhouse.before = async () => {};
  await spool.flush();
  expect(clickhouse.ids()).toEqual(['order-1', 'order-2', 'order-5', 'order-6']);
  expect(spool.status()).toMatchObject({ missingSegments: 1, pendingRows: 0, trouble: null });
});

test('a segment that was removed while nothing ran is told at the start', async () => {
  const before = await start({
    seal: { ms: 60_000, rows: 1 },
    ship: async () => {
      throw away();
    },
  });
  for (const row of orders(1, 3)) await before.append([row]);
  await before.close();
  const [, second = ''] = await segmentFiles();
  await rm(join(folder, second));
  const clickhouse = fakeClickHouse();
  const spool = await start({ ship: clickhouse.ship });
  await spool.flush();
  expect(clickhouse.ids()).toEqual(['order-1', 'order-3']);
  expect(spool.status().missingSegments).toBe(1);
});

test('while ClickHouse is away for an hour it is asked at most once a second, at least every 31 seconds, and then gets everything', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const disk = new ModelDisk();
  const clickhouse = fakeClickHouse({ disk });
  const asked: number[] = [];
  let isAway = true;
  clickhouse.before = async () => {
    asked.push(Date.now());
    if (isAway) throw away();
  };
  const metrics = createMetrics();
  const spool = await openSpool({ folder: '/spool', disk, ship: clickhouse.ship, reserveBytes: 0, metrics });
  metrics.watchSpool(() => spool.status(), Date.now);
  const began = Date.now();
  for (let second = 0; second < 3_600; second++) {
    const at = new Date().toISOString();
    await spool.append([event('order', { id: `order-${second}`, at, receivedAt: at })]);
    await vi.advanceTimersByTimeAsync(1_000);
  }
  const waits = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(31_000);
  // Full jitter: after the first few, waits lie anywhere between 1 and 30 s, 15.5 s in the middle.
  expect(asked.length).toBeGreaterThan(150);
  expect(asked.length).toBeLessThan(400);
  const age = (await metrics.registry.getSingleMetric('telltale_spool_oldest_age_seconds')?.get())?.values[0]?.value;
  expect(Math.abs((age ?? 0) - (Date.now() - began) / 1000)).toBeLessThan(2);

  isAway = false;
  await vi.advanceTimersByTimeAsync(31_000);
  const flushed = spool.flush();
  await vi.advanceTimersByTimeAsync(1_000);
  await flushed;
  expect(new Set(clickhouse.ids()).size).toBe(3_600);
  expect(clickhouse.stored).toHaveLength(3_600);
  const closed = spool.close();
  await vi.advanceTimersByTimeAsync(10_000);
  await closed;
});

test('a disk that gets full is known within seconds without any event, and forgotten when there is room', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const disk = new ModelDisk();
  const clock = fakeClock();
  const spool = await start({ disk, folder: '/spool', reserveBytes: 10_000, now: clock.now });
  const passes = async (ms: number) => {
    clock.advance(ms);
    await vi.advanceTimersByTimeAsync(ms);
    return spool.status().full;
  };
  expect(await passes(0)).toBe(false);
  disk.freeBytes = 9_000;
  expect(await passes(5_000)).toBe(true);
  disk.freeBytes = 20_000;
  expect(await passes(5_000)).toBe(false);
});

describe('shippedThrough', () => {
  test('stays before the oldest event that ClickHouse does not have', async () => {
    const clock = fakeClock('2026-09-01T10:00:00Z');
    const clickhouse = fakeClickHouse();
    const spool = await start({ ship: clickhouse.ship, now: clock.now });
    expect(toTimestamp(spool.shippedThrough())).toBe('2026-09-01 09:59:59.999');

    clock.set('2026-09-01T10:05:00Z');
    await spool.append([order('order-1', '10:05')]);
    clock.set('2026-09-01T10:07:00Z');
    await spool.append([order('order-2', '10:07')]);
    expect(toTimestamp(spool.shippedThrough())).toBe('2026-09-01 10:04:59.999');

    await spool.flush();
    expect(toTimestamp(spool.shippedThrough())).toBe('2026-09-01 10:06:59.999');
  });

  test('counts events that are only being written', async () => {
    const clock = fakeClock('2026-09-01T10:05:00Z');
    const spool = await start({ now: clock.now });
    const written = spool.append([order('order-1', '10:05')]);
    clock.advance(60_000);
    expect(toTimestamp(spool.shippedThrough())).toBe('2026-09-01 10:04:59.999');
    await written;
  });

  test('remembers over a restart what is still waiting', async () => {
    const stuck = await start({ ship: () => Promise.reject(away()) });
    await stuck.append([order('order-1', '10:05')]);
    await stuck.close();
    const clock = fakeClock('2026-09-01T12:00:00Z');
    const spool = await start({ ship: () => Promise.reject(away()), now: clock.now });
    expect(toTimestamp(spool.shippedThrough())).toBe('2026-09-01 10:04:59.999');
  });
});

test('the reserve is 5 % of the disk, at least 1 GiB, at most 2 GiB and an eighth of the disk', () => {
  const gibibyte = 1024 ** 3;
  expect(defaultReserveBytes(64 * 1024 ** 2)).toBe(8 * 1024 ** 2);
  expect(defaultReserveBytes(10 * gibibyte)).toBe(gibibyte);
  expect(defaultReserveBytes(30 * gibibyte)).toBe(Math.floor(1.5 * gibibyte));
  expect(defaultReserveBytes(1000 * gibibyte)).toBe(2 * gibibyte);
});
