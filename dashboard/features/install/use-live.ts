import { useEffect, useState } from 'react';
import type { LiveEvent } from '../../../collector/contract/overview.ts';

const kept = 12;

/** A hit with the number of its arrival, which tells two alike apart. */
export type Arrival = LiveEvent & { arrival: number };

/** The latest hits of a site as they arrive, newest first, kept and dropped ones. `connected` is false while the line is down. */
export function useLive(site: string): { events: Arrival[]; connected: boolean } {
  const [events, setEvents] = useState<Arrival[]>([]);
  const [connected, setConnected] = useState(false);
  useEffect(() => {
    const source = new EventSource(`/api/v1/sites/${site}/live`);
    source.onopen = () => {
      // The server repeats what it remembers at every connection.
      setEvents([]);
      setConnected(true);
    };
    source.onerror = () => setConnected(false);
    source.addEventListener('event', (message) => {
      const event = JSON.parse(String(message.data)) as LiveEvent;
      setEvents((old) => [{ ...event, arrival: (old[0]?.arrival ?? 0) + 1 }, ...old].slice(0, kept));
    });
    return () => source.close();
  }, [site]);
  return { events, connected };
}
