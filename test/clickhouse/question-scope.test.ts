import { executionAsyncId } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { currentScope, inScope } from '../../collector/clickhouse/question-scope.ts';

const scope = (prefix: string) => ({ prefix, signal: new AbortController().signal });

test('what is asked while several questions are under way belongs to its own', async () => {
  let finish = () => {};
  const long = inScope(scope('long-'), async () => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    return currentScope()?.prefix;
  });
  expect(await inScope(scope('short-'), async () => currentScope()?.prefix)).toBe('short-');
  expect(currentScope()).toBeUndefined();
  finish();
  expect(await long).toBe('long-');
});

test('when the last question has ended, Node no longer follows the promises of events on their way in', async () => {
  const isFollowed = async () => {
    await null;
    return executionAsyncId() !== 0;
  };
  expect(await isFollowed()).toBe(false);
  expect(await inScope(scope('one-'), isFollowed)).toBe(true);
  await expect(inScope(scope('two-'), () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  expect(await isFollowed()).toBe(false);
});
