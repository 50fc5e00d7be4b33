import { copyFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openState } from '../../collector/state/database.ts';
import {
  createEndpoint,
  getEndpoint,
  rotateSecret,
  sealPlainSecrets,
  signingSecrets,
} from '../../collector/state/endpoints.ts';
import { createSecretBox } from '../../collector/state/secret-box.ts';
import { loadSites } from '../../collector/state/sites.ts';
import { tempFolder } from '../support/temp-folder.ts';

const nowMs = Date.parse('2026-09-01T12:00:00Z');

test('secrets: what was sealed opens with the same key only, and a changed byte is noticed', () => {
  const folder = tempFolder();
  const box = createSecretBox(join(folder, 'secret.key'));
  // Nothing to keep, no key.
  expect(existsSync(join(folder, 'secret.key'))).toBe(false);
  const sealed = box.seal('whsec_für Ana');
  expect(sealed).not.toContain('whsec');
  expect(box.seal('whsec_für Ana')).not.toBe(sealed);
  expect(createSecretBox(join(folder, 'secret.key')).open(sealed)).toBe('whsec_für Ana');
  expect(statSync(join(folder, 'secret.key')).mode & 0o777).toBe(0o600);
  const changed = `${sealed.slice(0, -4)}${sealed.at(-4) === 'A' ? 'B' : 'A'}${sealed.slice(-3)}`;
  expect(() => box.open(changed)).toThrow('secret.key');
  expect(() => createSecretBox(null).open(sealed)).toThrow('secret.key');
});

test('secrets: the store and a copy of it hold no signing secret in plain text', async () => {
  const folder = tempFolder();
  const file = join(folder, 'state.db');
  const state = openState(file);
  await (await loadSites(state, () => nowMs)).create({ domain: 'example.com', timezone: 'UTC' });
  const endpoint = { name: 'Automation', url: 'https://example.com/', headers: { 'X-Key': 'very-secret' } };
  const { id, secret } = await createEndpoint(state, { siteId: 1, endpoint, nowMs });
  const { secret: second } = await rotateSecret(state, { siteId: 1, id, nowMs });
  expect(signingSecrets(state.box, await getEndpoint(state.db, 1, id), nowMs)).toEqual([second, secret]);
  await state.close();
  const bytes = readFileSync(file).toString('latin1');
  for (const text of [secret, second, 'very-secret']) expect(bytes).not.toContain(text);

  const elsewhere = join(tempFolder(), 'state.db');
  copyFileSync(file, elsewhere);
  const copy = openState(elsewhere);
  onTestFinished(() => copy.close());
  const row = await getEndpoint(copy.db, 1, id);
  expect(() => signingSecrets(copy.box, row, nowMs)).toThrow('Put it back from a backup');
});

test('secrets: those that an older version stored as plain text are sealed at the next start', async () => {
  const state = openState(':memory:');
  onTestFinished(() => state.close());
  await (await loadSites(state, () => nowMs)).create({ domain: 'example.com', timezone: 'UTC' });
  const endpoint = { name: 'Automation', url: 'https://example.com/' };
  const { id } = await createEndpoint(state, { siteId: 1, endpoint, nowMs });
  await state.db.updateTable('endpoints').set({ secret: '[{"secret":"whsec_b2xk","untilMs":null}]' }).execute();
  await sealPlainSecrets(state);
  const row = await getEndpoint(state.db, 1, id);
  expect(row.secret).not.toContain('whsec_b2xk');
  expect(signingSecrets(state.box, row, nowMs)).toEqual(['whsec_b2xk']);
});
