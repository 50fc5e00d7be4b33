import { accessLog } from './access-log.ts';
import { csv } from './csv.ts';
import { eventLines } from './event-lines.ts';
import type { ImportFormat } from './format.ts';
import { ga4 } from './ga4.ts';
import { plausible } from './plausible.ts';
import { umami } from './umami.ts';

export const formatNames = ['events', 'csv', 'access-log', 'plausible', 'umami', 'ga4'] as const;
export type FormatName = (typeof formatNames)[number];

/** What `import --format` can read. */
export const formats: Record<FormatName, ImportFormat> = {
  events: eventLines,
  csv,
  'access-log': accessLog,
  plausible,
  umami,
  ga4,
};
