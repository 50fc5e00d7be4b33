import { expect, test } from 'vitest';
import { createPasswords } from '../../collector/state/passwords.ts';

test('passwords: are stored as argon2id with 19 MiB, two passes, one thread, and a salt of their own', async () => {
  const passwords = createPasswords();
  const [one, other] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(one).not.toBe(other);
  expect(await passwords.verify(one, 'correct horse')).toBe(true);
  expect(await passwords.verify(one, 'correct house')).toBe(false);
});

test('passwords: an unknown user takes as long as a wrong password', async () => {
  const passwords = createPasswords();
  const stored = await passwords.hash('correct horse');
  // Of the processor: what the clock says depends on what else the machine does.
  const timeOf = async (hash: string | null) => {
    const before = process.cpuUsage();
    expect(await passwords.verify(hash, 'wrong')).toBe(false);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const [known, unknown]: [number[], number[]] = [[], []];
  for (let index = 0; index < 12; index += 1) {
    known.push(await timeOf(stored));
    unknown.push(await timeOf(null));
  }
  const ratio = Math.min(...unknown) / Math.min(...known);
  expect(ratio).toBeGreaterThan(0.6);
  expect(ratio).toBeLessThan(1.7);
});

test('passwords: a crowd is asked to come back instead of filling the memory', async () => {
  const passwords = createPasswords();
  const stored = await passwords.hash('correct horse');
  const results = await Promise.allSettled(Array.from({ length: 60 }, () => passwords.verify(stored, 'wrong')));
  // Two at work and fifty waiting.
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(52);
  expect(results.at(-1)).toMatchObject({ reason: { code: 'too_many_requests', retryAfterSeconds: 5 } });
});
