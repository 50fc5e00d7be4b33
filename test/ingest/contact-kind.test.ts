import { expect, test } from 'vitest';
import { openDoor, view } from './door.ts';

test('a contact is called what people call it, whatever its link was written with', async () => {
  const door = await openDoor();
  const kinds = [
    'tel:',
    'callto:',
    'mailto:',
    'wa.me',
    'api.whatsapp.com',
    'tg:',
    't.me',
    'm.me',
    'viber:',
    'line.me',
    'fax',
  ];
  const clicks = kinds.map((kind, index) => ({ seq: index + 1, age: 0, name: 'contact_click', props: { kind } }));
  await door.send({ events: [view('/contact'), ...clicks] });
  expect(door.rows.slice(1).map(({ props }) => props.kind)).toEqual([
    'phone',
    'phone',
    'email',
    'whatsapp',
    'whatsapp',
    'telegram',
    'telegram',
    'messenger',
    'viber',
    'line',
    'fax',
  ]);
});
