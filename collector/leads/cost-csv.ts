import { parse } from 'csv-parse/sync';
import { issueWords } from '../contract/issue-words.ts';
import { type SourceCost, sourceCost } from '../contract/roi.ts';
import { AppError, type ErrorDetail } from '../errors.ts';
import { delimiterOf } from './delimiter-of.ts';

const mostLines = 5_000;

/**
 * Costs as a table with a header: source, from, to and amount, and where wanted campaign, currency and note. `1.234,50` and `1,234.50` are
 * both read. Throws `invalid_request` that names every wrong line.
 */
export function parseCosts(csv: string): SourceCost[] {
  const lines = readLines(csv);
  const details: ErrorDetail[] = [];
  const costs = lines.flatMap(({ amount = '', campaign, currency, note, ...line }, index) => {
    const optional = Object.entries({ campaign, currency, note }).filter(
      ([, value]) => value !== undefined && value !== '',
    );
    const { source, from, to } = line;
    const parsed = sourceCost.safeParse({
      source,
      from,
      to,
      amount: toNumber(amount),
      ...Object.fromEntries(optional),
    });
    if (parsed.success) return [parsed.data];
    for (const issue of parsed.error.issues) {
      details.push({ path: `line ${index + 2}: ${issue.path.join('.')}`, message: issueWords(issue) });
    }
    return [];
  });
  if (details.length > 0) throw new AppError('invalid_request', { details: details.slice(0, 20) });
  return costs;
}

function readLines(csv: string): Record<string, string>[] {
  try {
    return parse(csv, {
      bom: true,
      columns: (header: string[]) => header.map((name) => name.trim().toLowerCase()),
      delimiter: delimiterOf(csv),
      skip_empty_lines: true,
      trim: true,
      to: mostLines,
    });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('invalid_request', { details: [{ path: 'csv', message }], cause });
  }
}

/** The last point or comma with at most two digits behind it parts the cents; all others only group. */
function toNumber(text: string): number {
  const [, whole = '', cents = ''] = /^(.*?)(?:[.,](\d{1,2}))?$/.exec(text.replace(/[\s'’]/g, '')) ?? [];
  const digits = whole.replace(/[.,]/g, '');
  return /^\d+$/.test(digits) ? Number(`${digits}.${cents || '0'}`) : Number.NaN;
}
