import * as z from 'zod';
import { issueWords } from '../contract/issue-words.ts';
import type { LeadImport } from '../contract/lead-answers.ts';
import { AppError } from '../errors.ts';
import { hash64 } from '../hash.ts';
import { type LeadRow, personOf } from '../state/lead-ledger.ts';
import { createLead } from './create-lead.ts';
import type { Ledger } from './ledger.ts';
import { changeableCells, leadIdOfRow, rowToLead, rowToTouch } from './read-lead-table.ts';
import { receiveTouch } from './receive-touch.ts';
import type { LedgerSite } from './record.ts';

/** One row of a table: its line, and its cells by column, or what is wrong with it. */
export type TableRow = { number: number; cells: Record<string, string> } | { number: number; problem: string };

const mostProblems = 200;

/**
 * Takes a table of leads or touches, row by row. What cannot be taken is told with its line, and the rest is kept. The same table
 * twice changes nothing.
 */
export async function importTable(
  ledger: Ledger,
  {
    site,
    rows,
    what,
    actor,
  }: { site: LedgerSite; rows: AsyncIterable<TableRow[]>; what: 'leads' | 'touches'; actor: string },
): Promise<LeadImport> {
  const answer: LeadImport = { rows: 0, created: 0, known: 0, touches: 0, problems: [], moreProblems: 0 };
  const linesOf = new Map<string, number>();
  const tell = (line: number, message: string) => {
    if (answer.problems.length < mostProblems) answer.problems.push({ line, message });
    else answer.moreProblems += 1;
  };
  for await (const some of rows) {
    for (const row of some) {
      answer.rows += 1;
      if ('problem' in row) {
        tell(row.number, row.problem);
        continue;
      }
      const sourceId = `table:${hash64(what, JSON.stringify(row.cells))}`;
      try {
        if (what === 'touches') {
          const said = rowToTouch(row.cells);
          await receiveTouch(ledger, { site, said: { ...said, touch: { id: sourceId, ...said.touch } }, actor });
          answer.touches += 1;
          continue;
        }
        const own = await ownLead(ledger, site, row.cells);
        const said = rowToLead(own ? changeableCells(row.cells) : row.cells);
        const from = { actor, how: 'import', sourceId };
        const { lead, created, problems } = await createLead(ledger, { site, said, about: own, ...from });
        answer[created ? 'created' : 'known'] += 1;
        for (const problem of problems) tell(row.number, problem);
        const before = linesOf.get(lead.id);
        if (before !== undefined) tell(row.number, `It is the same person as in line ${before}, so both are one lead.`);
        linesOf.set(lead.id, before ?? row.number);
      } catch (error) {
        tell(row.number, problemOf(error));
      }
    }
  }
  return answer;
}

/** The lead that a row is about because it comes from our own list; undefined where it does not, or the lead is of another house. */
async function ownLead(
  { state }: Ledger,
  site: LedgerSite,
  cells: Readonly<Record<string, string>>,
): Promise<LeadRow | undefined> {
  const leadId = leadIdOfRow(cells);
  return leadId === undefined ? undefined : personOf(state.db, { siteId: site.id, leadId }).catch(() => undefined);
}

function problemOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    return issue ? `${issue.path.join('.')}: ${issueWords(issue)}` : '';
  }
  if (error instanceof AppError && error.status < 500) return error.message;
  throw error;
}
