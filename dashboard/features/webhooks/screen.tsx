import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { Page } from '../../shell/page.tsx';
import { Deliveries } from './deliveries.tsx';
import { Endpoints } from './endpoints.tsx';
import { Inbound } from './inbound.tsx';

const route = getRouteApi('/signed-in/sites/$site/webhooks');

/** Where messages go and what became of each, and what other tools tell. */
export function WebhooksScreen() {
  const { part } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page title="Webhooks" lead="Signed messages to the tools that follow up, and what your tools tell.">
      <Tabs
        value={part ?? 'endpoints'}
        keepMounted={false}
        onChange={(next) =>
          void navigate({ search: next === 'deliveries' || next === 'inbound' ? { part: next } : {} })
        }
      >
        <Tabs.List>
          <Tabs.Tab value="endpoints">Endpoints</Tabs.Tab>
          <Tabs.Tab value="deliveries">Deliveries</Tabs.Tab>
          <Tabs.Tab value="inbound">From your tools</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="endpoints" pt="lg">
          <Endpoints />
        </Tabs.Panel>
        <Tabs.Panel value="deliveries" pt="lg">
          <Deliveries />
        </Tabs.Panel>
        <Tabs.Panel value="inbound" pt="lg">
          <Inbound />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
