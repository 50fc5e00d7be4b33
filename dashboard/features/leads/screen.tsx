import { Button, SegmentedControl } from '@mantine/core';
import { IconUpload, IconUserPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { leadsCsvAddress, leadsQuery } from '../../api/lead-queries.ts';
import { Page } from '../../shell/page.tsx';
import { useSite } from '../../shell/use-site.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Board } from './board.tsx';
import { FilterBar } from './filter-bar.tsx';
import { ImportModal } from './import-modal.tsx';
import { LeadList } from './lead-list.tsx';
import { filterKeys, toLeadQuestion } from './search.ts';

const route = getRouteApi('/signed-in/sites/$site/leads');

/** Everybody who may become a customer: as a list, or as a board by stage. */
export function LeadsScreen() {
  const site = useSite();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [importing, setImporting] = useState(false);
  return (
    <Page
      title="Leads"
      lead="Everybody who may become a customer, and what happens next with each."
      aside={
        <>
          <SegmentedControl
            size="xs"
            aria-label="Show as"
            value={search.view ?? 'list'}
            data={[
              { value: 'list', label: 'List' },
              { value: 'board', label: 'Board' },
            ]}
            onChange={(next) =>
              void navigate({ search: (old) => ({ ...old, view: next === 'board' ? 'board' : undefined }) })
            }
          />
          <Button
            variant="default"
            leftSection={<IconUpload size={16} stroke={1.6} />}
            onClick={() => setImporting(true)}
          >
            Import
          </Button>
          <Button
            renderRoot={(props) => <Link to="/sites/$site/new-lead" params={{ site: site.id }} {...props} />}
            leftSection={<IconUserPlus size={16} stroke={1.6} />}
          >
            Add a lead
          </Button>
        </>
      }
    >
      <FilterBar />
      {search.view === 'board' ? <Board /> : <ListOfLeads onImport={() => setImporting(true)} />}
      <ImportModal opened={importing} onClose={() => setImporting(false)} />
    </Page>
  );
}

function ListOfLeads({ onImport }: { onImport: () => void }) {
  const site = useSite();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const question = toLeadQuestion(search);
  const leads = useInfiniteQuery(leadsQuery(site.id, question));
  const narrowed = filterKeys.some((key) => search[key] !== undefined);
  return (
    <LeadList
      bulk
      key={JSON.stringify(question)}
      leads={leads}
      csv={leadsCsvAddress(site.id, question)}
      label="Leads"
      empty={
        narrowed ? (
          <EmptyState
            title="Nobody fits these filters"
            action={
              <Button
                variant="default"
                onClick={() =>
                  void navigate({
                    search: (old) => ({ ...old, ...Object.fromEntries(filterKeys.map((key) => [key, undefined])) }),
                  })
                }
              >
                Show everybody
              </Button>
            }
          />
        ) : (
          <EmptyState
            title="No leads yet"
            action={
              <Button variant="default" onClick={onImport}>
                Import a list
              </Button>
            }
          >
            A lead appears when somebody sends a form, calls telltale('identify'), or when you add one by hand. One
            known field is enough.
          </EmptyState>
        )
      }
    />
  );
}
