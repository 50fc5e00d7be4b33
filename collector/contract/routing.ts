import * as z from 'zod';
import { limits } from './limits.ts';

const ownerId = z.string().min(1).max(limits.idLength);
const routeName = z.string().min(1).max(limits.nameLength);
const oneOf = z.array(z.string().trim().min(1).max(200)).min(1).max(200).optional();

export const owner = z.strictObject({
  /** Stays the same; what `owner` of a lead holds. */
  id: ownerId,
  name: z.string().min(1).max(limits.nameLength),
  email: z.email('This is not an e-mail address.').max(254).optional(),
  /** Leads that routing gives in one day of the site's zone; absent: any number. */
  perDay: z.int().min(1).max(10_000).optional(),
  /** Has left: gets nothing, and what is still open is given to others. */
  left: z.boolean().default(false),
});
export type Owner = z.infer<typeof owner>;

const toRoute = z.strictObject({ route: routeName });

export const route = z.strictObject({
  name: routeName,
  /** Everything that is named must fit; texts are compared without case. Without any, every lead fits. */
  when: z
    .strictObject({
      /** As `DE`. */
      countries: oneOf,
      regions: oneOf,
      /** Beginnings: `80` means all of 80000 to 80999. */
      postcodes: oneOf,
      channels: oneOf,
      sources: oneOf,
      campaigns: oneOf,
      /** Kinds of lead, as `quote`. */
      kinds: oneOf,
    })
    .default({}),
  /** The owners take turns; another route goes on from there without asking who fits; `nurture` gives it to marketing. */
  to: z.union([z.strictObject({ owners: z.array(ownerId).min(1).max(200) }), toRoute, z.literal('nurture')]),
  /** Everybody has had their leads of the day: try the `next` route that fits, `wait` for tomorrow, `nurture`, or another route. */
  whenFull: z.union([z.enum(['next', 'wait', 'nurture']), toRoute]).default('next'),
});
export type Route = z.infer<typeof route>;

/** Who gets which lead: the first route that fits. */
export const routing = z.strictObject({
  owners: z.array(owner).max(500).default([]),
  routes: z.array(route).max(100).default([]),
  /** Whoever gets a lead is told by mail, where mail is set up and their address is known. */
  tellOwners: z.boolean().default(false),
});
export type Routing = z.infer<typeof routing>;
