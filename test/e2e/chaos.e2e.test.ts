import { beforeAll, expect, test } from 'vitest';
import { build } from '../../scripts/build.js';

beforeAll(async () => {
  await build();
});

test('whatever is killed, away, cut off or damaged, every acknowledged event is stored, and stored once', async () => {
  const { chaos } = await import('../../bench/chaos.js');
  const rows = await chaos({ quick: true });
  console.log(rows.map(({ fault, runs, acknowledged }) => `${fault}: ${runs} runs, ${acknowledged} events`).join('\n'));
  expect(rows.filter(({ lost, dup, changed }) => lost !== 0 || dup !== 0 || changed !== 0)).toEqual([]);
  expect(rows.map(({ fault }) => fault)).toEqual([
    'kill collector',
    'kill between insert and checkpoint',
    'kill event database',
    'kill everything',
    'restart under load',
    'event database away',
    'answers lost',
    'flipped bit',
    'poison row',
  ]);
  expect(rows.every(({ acknowledged }) => acknowledged > 0)).toBe(true);
});
