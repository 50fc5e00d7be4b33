import type { TouchKind } from '../../../collector/contract/leads.ts';
import { formatCount, formatRate } from '../../format.ts';
import { isSameMatch } from '../../ui/same-match.ts';
import { touchNames } from '../leads/words.ts';
import type { Step } from './data.ts';

/** A step that people take, not the page: what it is called, and the event that tells it. */
export interface FollowUpStep {
  name: string;
  match: Step['match'];
}

const stage = (name: string, to: string): FollowUpStep => ({
  name,
  match: { event: 'lead_stage', props: { stage: to } },
});
const owner: FollowUpStep = { name: 'Owner', match: { event: 'lead_owner' } };
const firstReply: FollowUpStep = { name: 'First reply', match: { event: 'lead_first_reply' } };
const [appointment, proposal, won] = [
  stage('Appointment', 'appointment'),
  stage('Proposal', 'proposal'),
  stage('Won', 'won'),
];
const ledgerSteps = [
  owner,
  firstReply,
  stage('Contacted', 'contacted'),
  appointment,
  proposal,
  won,
  stage('Lost', 'lost'),
  stage('Nurture', 'nurture'),
];

const touchSteps: FollowUpStep[] = (Object.keys(touchNames) as TouchKind[]).map((kind) => ({
  name: touchNames[kind],
  match: { event: kind },
}));
const allSteps = [...ledgerSteps, ...touchSteps];

/** From the form to the customer: the steps of people behind those of the page, so that it shows which of the two leaks. */
export const followUpFunnel: { steps: Step[]; window: string } = {
  steps: [
    { name: 'Form begun', match: { event: 'form_start' } },
    { name: 'Form sent', match: { event: 'form_submit' } },
    owner,
    firstReply,
    appointment,
    proposal,
    won,
  ],
  window: '90d',
};

/** What can be a step here, once leads are worked on: what the ledger tells, and the contacts that were seen. Else nothing. */
export function followUpSteps(seen: readonly { name: string }[]): FollowUpStep[] {
  const names = new Set(seen.map(({ name }) => name));
  const wasSeen = ({ match }: FollowUpStep) => match.event !== undefined && names.has(match.event);
  return ledgerSteps.some(wasSeen) ? [...ledgerSteps, ...touchSteps.filter(wasSeen)] : [];
}

/** The step of the follow-up that a match is, if it is one. */
export function followUpStepOf(match: Step['match']): FollowUpStep | undefined {
  return allSteps.find((step) => isSameMatch(step.match, match));
}

/**
 * Whether the page or the follow-up leaks: how many each of them lost. Null where the funnel does not go from one into the other.
 * An optional step loses nobody.
 */
export function followUpSentence(steps: readonly Step[], counts: readonly { count: number }[]): string | null {
  const taken = steps.flatMap((step, index) => {
    const count = counts[index]?.count;
    return step.optional || count === undefined ? [] : [{ step, count }];
  });
  const handedOver = taken.findIndex(({ step }) => followUpStepOf(step.match) !== undefined);
  const [first, page, last] = [taken[0], taken[handedOver - 1], taken.at(-1)];
  if (!first || !page || !last || first.count === 0) return null;
  const lost = (from: number, to: number) =>
    `${formatCount(from - to)} of ${formatCount(from)} (${formatRate(from === 0 ? 0 : (from - to) / from)})`;
  return `The page loses ${lost(first.count, page.count)}, the follow-up ${lost(page.count, last.count)}.`;
}
