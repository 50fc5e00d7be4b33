import { expect, test } from 'vitest';
import { leadKind } from '../../tracker/forms/lead-kind.ts';

/** What a field says of itself: `type`, `autocomplete`, `name`, `id`. */
test.each([
  ['email,,', 'email'],
  ['text,,your-mail', 'email'],
  ['text,,correo', 'email'],
  ['tel,,field_3', 'phone'],
  ['text,,Telefonnummer', 'phone'],
  ['text,tel-national,', 'phone'],
  ['text,,mobile', 'phone'],
  ['text,,name', 'name'],
  ['text,given-name,', 'name'],
  ['text,,Vorname', 'name'],
  ['text,,Nachname', 'name'],
  ['text,,nombre', 'name'],
  ['text,organization,', 'company'],
  ['text,,company_name', 'company'],
  ['text,,Firma', 'company'],
])('a field that says "%s" holds the %s', (words, kind) => {
  expect(leadKind(words)).toBe(kind);
});

test.each([
  'text,,hotel',
  'text,,username',
  'text,cc-name,',
  'text,,card_name',
  'text,,message',
  'text,,city',
  'text,,q',
])('a field that says "%s" holds nothing for a lead', (words) => {
  expect(leadKind(words)).toBeUndefined();
});
