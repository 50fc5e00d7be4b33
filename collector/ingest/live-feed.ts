import type { LiveEvent } from '../contract/overview.ts';

/** The latest events of each site, kept and dropped, for the live list and the install screen. In memory only. */
export interface LiveFeed {
  publish(siteId: number, event: LiveEvent): void;
  /** Returns the function that ends the subscription. */
  subscribe(siteId: number, listener: (event: LiveEvent) => void): () => void;
  /** The last 100, oldest first. */
  recent(siteId: number): LiveEvent[];
}

const kept = 100;

export function createLiveFeed(): LiveFeed {
  const recent = new Map<number, LiveEvent[]>();
  const listeners = new Map<number, Set<(event: LiveEvent) => void>>();
  return {
    publish(siteId, event) {
      const events = recent.get(siteId) ?? [];
      recent.set(siteId, events);
      events.push(event);
      if (events.length > kept) events.shift();
      for (const listener of listeners.get(siteId) ?? []) listener(event);
    },

    subscribe(siteId, listener) {
      const ofSite = listeners.get(siteId) ?? new Set();
      listeners.set(siteId, ofSite.add(listener));
      return () => {
        ofSite.delete(listener);
        if (ofSite.size === 0 && listeners.get(siteId) === ofSite) listeners.delete(siteId);
      };
    },

    recent: (siteId) => [...(recent.get(siteId) ?? [])],
  };
}
