/** A cell that begins like this is run as a formula by spreadsheets: https://owasp.org/www-community/attacks/CSV_Injection */
const formulaStart = /^[=+\-@\t\r]/;

/**
 * CSV after RFC 4180. The columns are the keys of all rows, in the order in which they first appear; what a row does not have is
 * empty. Text that a spreadsheet would run as a formula gets an apostrophe in front. Empty text where there are no rows.
 */
export function toCsv(rows: Record<string, string | number | null>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (columns.length === 0) return '';
  return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? null))]
    .map((line) => `${line.map(toCell).join(',')}\r\n`)
    .join('');
}

function toCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = formulaStart.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Hands the rows to the browser as a file. `name` is without `.csv`. */
export function downloadCsv(name: string, rows: Record<string, string | number | null>[]): void {
  const file = `${name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-')}.csv`;
  // TRICKY: without the byte order mark Excel reads UTF-8 as Latin-1.
  saveFile(file, `\uFEFF${toCsv(rows)}`, 'text/csv;charset=utf-8');
}

/** Hands a text to the browser as a file. */
export function saveFile(name: string, text: string, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
