import type { FunnelRequest } from '../contract/funnel.ts';
import type { LeadStage } from '../contract/leads.ts';
import { salonPaths } from './salon/paths.ts';

type Step = FunnelRequest['steps'][number];

const quote = { form: 'Quote' };
const stage = (name: string, to: LeadStage): Step => ({ name, match: { event: 'lead_stage', props: { stage: to } } });

/** The funnels that the demo keeps under a name: one that ends on the page, and one that goes on until the customer. */
export const demoFunnels: { name: string; definition: Pick<FunnelRequest, 'window' | 'order' | 'by' | 'steps'> }[] = [
  {
    name: 'From treatment to booking',
    definition: {
      window: '24h',
      order: 'ordered',
      by: 'visitor',
      steps: [
        { name: 'Looks at a treatment', match: { path: salonPaths.treatment('*') } },
        { name: 'Chooses it', match: { event: 'booking_start' } },
        { name: 'Picks a time', match: { event: 'booking_time' } },
        { name: 'Books', match: { event: 'booking_done' } },
      ],
    },
  },
  {
    name: 'From the quote form to the customer',
    definition: {
      window: '90d',
      order: 'ordered',
      by: 'visitor',
      steps: [
        { name: 'Form begun', match: { event: 'form_start', props: quote } },
        { name: 'Form sent', match: { event: 'form_submit', props: quote } },
        { name: 'Owner', match: { event: 'lead_owner' } },
        { name: 'First reply', match: { event: 'lead_first_reply' } },
        stage('Appointment', 'appointment'),
        stage('Proposal', 'proposal'),
        stage('Won', 'won'),
      ],
    },
  },
];
