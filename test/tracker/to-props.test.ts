import { expect, test } from 'vitest';
import { props as contractProps } from '../../collector/contract/wire.ts';
import { toProps } from '../../tracker/to-props.ts';

function clean(given: unknown) {
  const notes: string[] = [];
  const props = toProps(given, (note) => notes.push(note));
  return { props, notes };
}

test('flat values stay, and everything else is left out by name', () => {
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
  expect(clean(given)).toEqual({
    props: { plan: 'pro', seats: 5, trial: false, empty: '' },
    notes: ['ignored list', 'ignored deep', 'ignored nothing', 'ignored broken', 'ignored big'],
  });
});

test('a long text is cut to what the server takes, so that the event is not lost for it', () => {
  const { props } = clean({ note: 'x'.repeat(5_000) });
  expect(String(props?.note).length).toBe(512);
  expect(contractProps.safeParse(props).success).toBe(true);
});

test.each([[undefined], [null], ['text'], [5], [true], [{}]])('%j has no properties', (given) => {
  expect(clean(given)).toEqual({ props: undefined, notes: [] });
});
