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
    big: 5n,
  };
  expect(cleanProps(given)).toEqual({ plan: 'pro', seats: 5, trial: false, empty: '' });
});

test('a long text is cut to what the server takes, so that the event is not lost for it', () => {
  const props = cleanProps({ note: 'x'.repeat(5_000) });
  expect(String(props.note).length).toBe(512);
  expect(contractProps.safeParse(props).success).toBe(true);
});

test('a text in place of properties is a wrong call, and of what has none nothing is taken', () => {
  expect(() => cleanProps('text')).toThrow(TypeError);
  for (const given of [undefined, null, 5, true]) expect(cleanProps(given)).toEqual({});
});
