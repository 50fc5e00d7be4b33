import * as z from 'zod';
import { limits } from './limits.ts';
import { filters, match } from './match.ts';
import { type AutoEvent, autoEvents, keyScopes, userRoles } from './names.ts';
import { isDate, isTimeZone } from './time.ts';

/** A host name, or `localhost`; sub-domains of it are allowed too. */
export const domain = z
  .string()
  .max(253)
  .transform((text) =>
    text
      .trim()
      .toLowerCase()
      .replace(/^https?:\/\//, '')
      .replace(/\/.*$/, '')
      .replace(/:\d+$/, ''),
  )
  .refine((text) => /^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(text), 'Write a domain as example.com.');

/** Paths that are never counted: `*` is any run without `/`, `**` any run. The tag writes them apart by commas. */
const excluded = z
  .array(
    z
      .string()
      .min(1)
      .max(limits.patternLength)
      .regex(/^[^,\s]+$/, 'Write a path as /admin/**, without commas or spaces.'),
  )
  .max(50);

/** Which events the tracker sends by itself (see `autoEvents`), each on or off. */
const autoEventSettings = z.strictObject({
  outbound: z.boolean().default(true),
  downloads: z.boolean().default(true),
  contacts: z.boolean().default(true),
  forms: z.boolean().default(true),
  notFound: z.boolean().default(true),
  clicks: z.boolean().default(true),
  dataLayer: z.boolean().default(false),
} satisfies Record<AutoEvent, z.ZodType>);

export const siteSettings = z.strictObject({
  /** `required`: nothing is kept without a persistent id given after consent. */
  consent: z.enum(['none', 'required']).default('none'),
  /** Drop everything from browsers that send GPC or DNT. */
  honourPrivacySignals: z.boolean().default(true),
  /** Accept events from any host name. For tests and previews. */
  anyHost: z.boolean().default(false),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'Write a currency as EUR.')
    .default('EUR'),
  autoEvents: autoEventSettings.prefault({}),
  /** Never keep an id in the browser, even after consent. */
  cookieless: z.boolean().default(false),
  /** What follows `#` is part of the path, for apps that keep their pages there. */
  hashRouting: z.boolean().default(false),
  exclude: excluded.default([]),
  /** As DE: whose telephone numbers are written without a code. Absent: the country of the time zone. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'Write a country as DE.')
    .optional(),
  /** A lead in work of which nothing was heard for so many days leaks. */
  staleDays: z.int().min(1).max(365).default(14),
  /** Events, visits and messages about visitors are deleted when they are this old, at most a week later. null: never. */
  retentionDays: z.int().min(30).max(3_650).nullable().default(null),
});
export type SiteSettings = z.infer<typeof siteSettings>;

export const newSite = z.strictObject({
  domain,
  name: z.string().min(1).max(limits.nameLength).optional(),
  timezone: z.string().refine(isTimeZone, 'This time zone is not known. Write it as Europe/Berlin.').default('UTC'),
});

type OneOfEach = Record<AutoEvent, z.ZodOptional<z.ZodBoolean>>;

export const sitePatch = z.strictObject({
  name: z.string().min(1).max(limits.nameLength).optional(),
  domains: z.array(domain).min(1).max(50).optional(),
  timezone: newSite.shape.timezone.unwrap().optional(),
  // TRICKY: `siteSettings.partial()` would fill in the defaults, and a patch of one setting would reset the others.
  settings: z
    .strictObject({
      consent: siteSettings.shape.consent.unwrap().optional(),
      honourPrivacySignals: z.boolean().optional(),
      anyHost: z.boolean().optional(),
      currency: siteSettings.shape.currency.unwrap().optional(),
      /** Those that are not named stay as they are. */
      autoEvents: z
        .strictObject(Object.fromEntries(autoEvents.map((kind) => [kind, z.boolean().optional()])) as OneOfEach)
        .optional(),
      cookieless: z.boolean().optional(),
      hashRouting: z.boolean().optional(),
      exclude: excluded.optional(),
      country: siteSettings.shape.country,
      staleDays: siteSettings.shape.staleDays.unwrap().optional(),
      retentionDays: siteSettings.shape.retentionDays.unwrap().optional(),
    })
    .optional(),
});
export type SitePatch = z.infer<typeof sitePatch>;

export interface Site {
  /** Public id, part of the tag. */
  id: string;
  name: string;
  /** Hosts that may send events; sub-domains included. */
  domains: string[];
  timezone: string;
  settings: SiteSettings;
  createdAt: string;
  /** When the first event was kept; null while waiting for it. */
  firstEventAt: string | null;
}

export interface DeletedSite extends Pick<Site, 'id' | 'name' | 'domains'> {
  deletedAt: string;
  /** From then on it cannot be restored. */
  erasedFrom: string;
}

/** Answer of `GET /api/v1/tracker`: one version of the script, all in one file, that never changes under its address. */
export interface PinnedScript {
  /** Where it is on this server. */
  path: string;
  /** For the tag's `integrity`. */
  integrity: string;
}

export const email = z
  .email('This is not an e-mail address.')
  .max(254)
  .transform((text) => text.toLowerCase());
export const password = z
  .string()
  .min(10, 'A password has at least 10 characters.')
  .max(200, 'A password has at most 200 characters.');

export const credentials = z.strictObject({ email, password: z.string().max(200) });
export const setupRequest = z.strictObject({ token: z.string().max(100), email, password });
export const newUser = z.strictObject({ email, password, role: z.enum(userRoles).default('editor') });
export const newKey = z.strictObject({
  name: z.string().min(1).max(limits.nameLength).default('API key'),
  scope: z.enum(keyScopes),
  site: z.string().max(limits.idLength).optional(),
});

export interface User {
  id: string;
  email: string;
  role: (typeof userRoles)[number];
  createdAt: string;
}

export interface ApiKey {
  id: string;
  name: string;
  scope: (typeof keyScopes)[number];
  site: string | null;
  /** First characters, to tell keys apart. */
  prefix: string;
  createdAt: string;
  lastUsedAt: string | null;
}

/** Answer of `GET /api/v1/me`. */
export interface Me {
  user: User;
  /** Whether the process runs the demo. */
  demo: boolean;
  version: string;
}

export const funnelDefinition = z.strictObject({
  name: z.string().min(1).max(limits.nameLength),
  /** The request without its range. */
  definition: z.record(z.string(), z.unknown()),
});
export interface SavedFunnel {
  id: string;
  name: string;
  /** The request without its range. */
  definition: Record<string, unknown>;
  createdAt: string;
}

/** Body of `PATCH /api/v1/me/password`. Signs out every other browser. */
export const passwordChange = z.strictObject({ current: z.string().max(200), password });

/** Answer of `POST /api/v1/keys`: the only time that the secret is shown. */
export interface NewApiKey extends ApiKey {
  secret: string;
}

/** Answer of `GET /api/v1/setup/state`. */
export interface SetupState {
  /** Whether the first user is still to be created, with the link that the console shows. */
  needed: boolean;
}

/** A goal: an event or page that counts as conversion. */
export const goal = z.strictObject({
  name: z.string().min(1).max(limits.nameLength),
  match,
  /** Worth of one conversion where the event carries none, in the site's currency. */
  value: z.number().min(0).max(1e9).optional(),
});
export type Goal = z.infer<typeof goal>;
export interface StoredGoal extends Goal {
  id: string;
  createdAt: string;
}

/** Filters under a name, usable in every report. */
export const segment = z.strictObject({ name: z.string().min(1).max(limits.nameLength), filters: filters.min(1) });
export type Segment = z.infer<typeof segment>;
export interface StoredSegment extends Segment {
  id: string;
  createdAt: string;
}

/** A note at a day, shown on the charts. */
export const annotation = z.strictObject({
  on: z.string().refine(isDate, 'Write a date as 2026-09-01.'),
  text: z.string().min(1).max(280),
});
export type Annotation = z.infer<typeof annotation>;
export interface StoredAnnotation extends Annotation {
  id: string;
  createdAt: string;
}
