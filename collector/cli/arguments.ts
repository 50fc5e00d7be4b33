import type { ArgsDef } from 'citty';

/** Flags that many commands share. */
export const dataArgument = {
  data: { type: 'string', valueHint: 'folder', description: 'Data folder (TELLTALE_DATA, else ./telltale-data)' },
} as const satisfies ArgsDef;

export const jsonArgument = {
  json: { type: 'boolean', description: 'Print one JSON value' },
} as const satisfies ArgsDef;
