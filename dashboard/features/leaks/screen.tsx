import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { Page } from '../../shell/page.tsx';
import { RangeControls } from '../../shell/range-controls.tsx';
import { CaseDrawer } from './case-drawer.tsx';
import { Cases } from './cases.tsx';
import { Rules } from './rules.tsx';

const route = getRouteApi('/signed-in/sites/$site/leaks');

/** Everybody who meant to and did not, and the rules that notice. */
export function LeaksScreen() {
  const { part, case: open } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page
      title="Leaks"
      lead="People who were about to act and stopped."
      aside={part === 'rules' ? null : <RangeControls plain />}
    >
      <Tabs
        value={part ?? 'cases'}
        keepMounted={false}
        onChange={(next) =>
          void navigate({ search: (old) => ({ ...old, part: next === 'rules' ? 'rules' : undefined }) })
        }
      >
        <Tabs.List>
          <Tabs.Tab value="cases">Cases</Tabs.Tab>
          <Tabs.Tab value="rules">Rules</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="cases" pt="lg">
          <Cases />
        </Tabs.Panel>
        <Tabs.Panel value="rules" pt="lg">
          <Rules />
        </Tabs.Panel>
      </Tabs>
      <CaseDrawer
        id={open}
        onClose={() => void navigate({ search: (old) => ({ ...old, case: undefined }), resetScroll: false })}
      />
    </Page>
  );
}
