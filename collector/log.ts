import { type Logger, pino } from 'pino';

export type { Logger };

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** One JSON line per entry, on standard error, so that what a command prints on standard output stays clean. */
export function createLog(level: LogLevel): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Secrets stay out of the log even where a whole request is logged by mistake.
      redact: ['authorization', 'cookie', 'password', 'token', 'secret', '*.authorization', '*.cookie', '*.password'],
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
