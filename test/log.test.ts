import { expect, test } from 'vitest';
import { createLog } from '../collector/log.ts';

test('log: writes lines of JSON with time and level, and leaves out what is below its level', () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  log.debug('not this');
  log.info({ site: 'abc' }, 'first event');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: 'info', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/), site: 'abc', msg: 'first event' },
  ]);
});

test('log: secrets stay out, also when a whole request is logged', () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const headers = { authorization: 'Bearer tt_admin_x', cookie: 'telltale=x', accept: '*/*' };
  log.info({ token: 'tt_admin_x', req: { headers }, body: { password: 'tt_admin_x' } }, 'request');
  expect(lines.join()).not.toMatch(/tt_admin_x|telltale=x/);
  expect(lines.join()).toContain('*/*');
});
