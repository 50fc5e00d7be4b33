import { Link } from '@tanstack/react-router';
import { useSite } from '../../shell/use-site.ts';
import classes from './leads.module.css';
import { leadName } from './words.ts';

/** The name of a lead, which leads to its page. */
export function LeadLink({ lead }: { lead: Parameters<typeof leadName>[0] }) {
  const site = useSite();
  return (
    <Link
      to="/sites/$site/leads/$lead"
      params={{ site: site.id, lead: lead.id }}
      className={classes.name}
      draggable={false}
    >
      {leadName(lead)}
    </Link>
  );
}
