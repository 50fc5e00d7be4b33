import { param, type Sql, sql } from '../clickhouse/sql.ts';
import type { Dimension } from '../contract/names.ts';

export interface DimensionEntry {
  /**
   * `event`: differs between the events of a session. `visit`: says how and with what somebody came, so it stays the same
   * during a session. `session`: known only from the whole session.
   */
  scope: 'event' | 'visit' | 'session';
  /** Value of one row; of one session, over its page views, where the scope is `session`. */
  value: Sql;
  /** Value of a row of `sessions`; absent: the column of the same name, or none where the scope is `event`. */
  ofSession?: Sql;
  /** Rows that have such a value at all; absent: all. */
  carried?: Sql;
}

/** Everything one can filter and break down by. */
export const dimensionCatalogue: Record<Dimension, DimensionEntry> = {
  path: { scope: 'event', value: sql`path`, carried: sql`path != ''` },
  event: { scope: 'event', value: sql`name` },
  entry_path: {
    scope: 'session',
    value: sql`argMinIf(path, (ts, seq), name = 'pageview')`,
    ofSession: sql`tupleElement(entry, 3)`,
  },
  exit_path: {
    scope: 'session',
    value: sql`argMaxIf(path, (ts, seq), name = 'pageview')`,
    ofSession: sql`tupleElement(exit, 3)`,
  },
  host: { scope: 'visit', value: sql`host` },
  channel: { scope: 'visit', value: sql`channel` },
  source: { scope: 'visit', value: sql`source` },
  medium: { scope: 'visit', value: sql`medium` },
  campaign: { scope: 'visit', value: sql`campaign` },
  term: { scope: 'visit', value: sql`term` },
  content: { scope: 'visit', value: sql`content` },
  referrer: { scope: 'visit', value: sql`referrer` },
  country: { scope: 'visit', value: sql`country` },
  region: { scope: 'visit', value: sql`region` },
  city: { scope: 'visit', value: sql`city` },
  device: { scope: 'visit', value: sql`device` },
  browser: { scope: 'visit', value: sql`browser` },
  os: { scope: 'visit', value: sql`os` },
  language: { scope: 'visit', value: sql`language` },
};

/** The entry of a dimension's name, `prop:KEY` included. */
export function dimensionEntry(name: Dimension | `prop:${string}`): DimensionEntry {
  if (!isProp(name)) return dimensionCatalogue[name];
  const key = param.string(name.slice('prop:'.length));
  return { scope: 'event', value: sql`props[${key}]`, carried: sql`mapContains(props, ${key})` };
}

function isProp(name: string): name is `prop:${string}` {
  return name.startsWith('prop:');
}
