import type { LeadStage } from '../contract/leads.ts';

const working: readonly LeadStage[] = ['new', 'contacted', 'appointment', 'proposal'];

/** Where a lead may go from each stage. Nobody becomes incomplete again: what is known stays known. */
const stageMoves: Record<LeadStage, readonly LeadStage[]> = {
  incomplete: [...working, 'won', 'lost', 'nurture'],
  new: [...working, 'won', 'lost', 'nurture'],
  contacted: [...working, 'won', 'lost', 'nurture'],
  appointment: [...working, 'won', 'lost', 'nurture'],
  proposal: [...working, 'won', 'lost', 'nurture'],
  // A customer who asks again, or a lead that was given up too early. A slip of the hand is taken back instead.
  won: [...working, 'nurture'],
  lost: [...working, 'nurture'],
  nurture: [...working, 'won', 'lost'],
};

/** What is wrong with a move, in a sentence; null where it is allowed. */
export function whyNotMove(from: LeadStage, to: LeadStage, reason: string | undefined): string | null {
  if (from !== to && !stageMoves[from].includes(to)) {
    if (to === 'incomplete') return 'A lead does not become incomplete again. Take the last change back instead.';
    return `A lead that is ${from} does not become ${to}. Take the last change back if it was a mistake.`;
  }
  if (to === 'lost' && reason === undefined) return 'Say why it was lost, as “price” or “chose another”.';
  if (to === 'nurture' && reason === undefined) return 'Say why it waits, as “next season” or “no budget yet”.';
  return null;
}
