import { expect, test } from 'vitest';
import { props as contractProps } from '../../collector/contract/wire.ts';
import { cleanProps } from '../../tracker/clean-props.ts';

test('flat values stay, and everything else is left out', () => {
  const given = {
    plan: 'pro',
    seats: 5,
    trial: false,
    empty: '',
    list: [1],
    deep: { a: 1 },
    nothing: null,
    broken: Number.NaN,
    big: 5n,
  };
  expect(cleanProps(given)).toEqual({ plan: 'pro', seats: 5, trial: false, empty: '' });
});

test('a long text is cut to what the server takes, so that the event is not lost for it', () => {
  const props = cleanProps({ note: 'x'.repeat(5_000) });
  expect(String(props.note).length).toBe(512);
  expect(contractProps.safeParse(props).success).toBe(true);
});

test.each([[undefined], [null], ['text'], [5], [true]])('%j in place of properties is a wrong call', (given) => {
  expect(() => cleanProps(given)).toThrow('not an object');
});
