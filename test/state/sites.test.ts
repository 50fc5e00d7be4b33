import { expect, test, vi } from 'vitest';
import { openState } from '../../collector/state/database.ts';
import { loadSites } from '../../collector/state/sites.ts';

const now = () => Date.parse('2026-09-01T10:00:00Z');

test('sites: the first event is marked once, in memory at once and in the store soon', async () => {
  const state = openState(':memory:');
  const sites = await loadSites(state, now);
  const { id } = await sites.create({ domain: 'shop.example', timezone: 'UTC' });
  sites.markFirstEvent(id, '2026-09-01T11:00:00.000Z');
  sites.markFirstEvent(id, '2026-09-01T12:00:00.000Z');
  expect(sites.byId(id)?.firstEventAt).toBe('2026-09-01T11:00:00.000Z');
  await vi.waitFor(async () => {
    expect((await loadSites(state, now)).byId(id)?.firstEventAt).toBe('2026-09-01T11:00:00.000Z');
  });
  await state.close();
});

test('sites: a change keeps a first event that came meanwhile', async () => {
  const state = openState(':memory:');
  const sites = await loadSites(state, now);
  const { id } = await sites.create({ domain: 'shop.example', timezone: 'UTC' });
  const change = sites.patch(id, { name: 'Shop' });
  sites.markFirstEvent(id, '2026-09-01T11:00:00.000Z');
  expect(await change).toMatchObject({ name: 'Shop', firstEventAt: '2026-09-01T11:00:00.000Z' });
  await state.close();
});

test('sites: what belongs to every new site is offered when it is made', async () => {
  const state = openState(':memory:');
  const offered: string[] = [];
  const sites = await loadSites(state, now, { onCreate: async (site) => void offered.push(site.publicId) });
  const site = await sites.create({ domain: 'shop.example', name: 'Shop', timezone: 'UTC' });
  expect(offered).toEqual([site.publicId]);
  await state.close();
});

test('sites: a removed one is not loaded again, and its number is not given to another', async () => {
  const state = openState(':memory:');
  const sites = await loadSites(state, now);
  const shop = await sites.create({ domain: 'shop.example', timezone: 'UTC' });
  await sites.remove(shop.id);
  await expect(sites.patch(shop.id, { name: 'Shop' })).rejects.toMatchObject({ code: 'unknown_site' });
  const blog = await sites.create({ domain: 'blog.example', timezone: 'UTC' });
  expect(blog.id).toBe(shop.id + 1);
  expect((await loadSites(state, now)).list()).toEqual([blog]);
  await state.close();
});

test('sites: a deleted one can be restored as it was for thirty days, the latest deletion first, and then no more', async () => {
  const clock = { ms: Date.parse('2026-09-01T10:00:00Z') };
  const state = openState(':memory:');
  const sites = await loadSites(state, () => clock.ms);
  const shop = await sites.create({ domain: 'shop.example', timezone: 'Europe/Berlin' });
  const blog = await sites.create({ domain: 'blog.example', timezone: 'UTC' });
  await sites.remove(shop.id);
  clock.ms = Date.parse('2026-09-02T10:00:00Z');
  await sites.remove(blog.id);
  expect(await sites.deleted()).toEqual([
    {
      id: blog.publicId,
      name: 'blog.example',
      domains: ['blog.example'],
      deletedAt: '2026-09-02T10:00:00.000Z',
      erasedFrom: '2026-10-02T10:00:00.000Z',
    },
    expect.objectContaining({ id: shop.publicId }),
  ]);

  clock.ms = Date.parse('2026-10-01T09:59:59Z');
  expect(await sites.restore(shop.publicId)).toEqual(shop);
  expect(sites.byPublicId(shop.publicId)).toEqual(shop);
  expect((await loadSites(state, () => clock.ms)).list()).toEqual([shop]);
  await expect(sites.restore(shop.publicId)).rejects.toMatchObject({ code: 'unknown_site' });

  clock.ms = Date.parse('2026-10-02T10:00:00Z');
  expect(await sites.deleted()).toEqual([]);
  await expect(sites.restore(blog.publicId)).rejects.toMatchObject({ code: 'unknown_site' });
  await state.close();
});
