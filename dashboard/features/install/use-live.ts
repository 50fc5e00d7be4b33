import { useEffect, useState } from 'react';
import type { LiveEvent } from '../../../collector/contract/overview.ts';

const kept = 12;

/** The latest hits of a site as they arrive, newest first, kept and dropped ones. `connected` is false while the line is down. */
export function useLive(site: string): { events: LiveEvent[]; connected: boolean } {
  const [events, setEvents] = useState<LiveEvent[]>([]);
  const [connected, setConnected] = useState(false);
  useEffect(() => {
    const source = new EventSource(`/api/v1/sites/${site}/live`);
    source.onopen = () => {
      // The server repeats what it remembers at every connection.
      setEvents([]);
      setConnected(true);
    };
    source.onerror = () => setConnected(false);
    source.onmessage = (message) => {
      const event = JSON.parse(String(message.data)) as LiveEvent;
      setEvents((old) => [event, ...old].slice(0, kept));
    };
    return () => source.close();
  }, [site]);
  return { events, connected };
}
