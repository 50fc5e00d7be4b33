import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { SettingsPart } from '../../router.tsx';
import { Page } from '../../shell/page.tsx';
import { AccountPart } from './account-part.tsx';
import { KeysPart } from './keys-part.tsx';
import { PeoplePart } from './people-part.tsx';
import { SitePart } from './site-part.tsx';
import { TrackerPart } from './tracker-part.tsx';

const route = getRouteApi('/signed-in/sites/$site/settings');

const parts: Record<SettingsPart, { name: string; content: ReactNode }> = {
  site: { name: 'Site', content: <SitePart /> },
  tracker: { name: 'Tracker', content: <TrackerPart /> },
  people: { name: 'People', content: <PeoplePart /> },
  keys: { name: 'API keys', content: <KeysPart /> },
  account: { name: 'Your account', content: <AccountPart /> },
};

export function SettingsScreen() {
  const { part = 'site' } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page title="Settings">
      <Tabs
        value={part}
        keepMounted={false}
        onChange={(next) => {
          const name = (Object.keys(parts) as SettingsPart[]).find((one) => one === next);
          void navigate({ search: (old) => ({ ...old, part: name === 'site' ? undefined : name }) });
        }}
      >
        <Tabs.List>
          {Object.entries(parts).map(([name, { name: label }]) => (
            <Tabs.Tab key={name} value={name}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {Object.entries(parts).map(([name, { content }]) => (
          <Tabs.Panel key={name} value={name} pt="lg">
            {content}
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
