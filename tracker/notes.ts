/** One line of `telltale('debug')`: what was sent or called, and what became of it. */
type Note = [what: string, answer: unknown];

const notes: Note[] = [];

/** Remembers the last 20. */
export function note(...added: Note): Note {
  if (notes.push(added) > 20) notes.shift();
  return added;
}

/** Prints only when asked. */
export function printNotes(...heading: unknown[]): void {
  console.log('Telltale', ...heading);
  console.table(notes);
}
