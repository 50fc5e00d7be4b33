'use client';

import { useEffect } from 'react';
import { init, type Settings } from 'telltale/tracker';

/**
 * Starts Telltale once. Put `<Telltale site="SITE" host="https://YOUR-HOST" />` into the body of `app/layout.tsx`. Changes of the route
 * are seen without further ado, and on the server it does nothing.
 */
export function Telltale(settings: Settings): null {
  // Settings are read once, when the page starts: a new object at each rendering is no reason to start again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => init(settings), []);
  return null;
}
