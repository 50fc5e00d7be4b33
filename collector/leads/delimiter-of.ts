/** What parts the cells of a CSV text: where cents have a comma, spreadsheets part them by something else. */
export function delimiterOf(csv: string): string {
  const header = csv.slice(0, csv.search(/[\r\n]|$/));
  return [';', '\t'].find((delimiter) => header.includes(delimiter)) ?? ',';
}
