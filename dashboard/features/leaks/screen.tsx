import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { Page } from '../../shell/page.tsx';
import { RangeControls } from '../../shell/range-controls.tsx';
import { CaseDrawer } from './case-drawer.tsx';
import { CaseWhy } from './case-why.tsx';
import { Cases } from './cases.tsx';
import { LeaksReport } from './leaks-report.tsx';
import { openPart } from './report-data.ts';
import { Rules } from './rules.tsx';

const route = getRouteApi('/signed-in/sites/$site/leaks');

/** Where people are lost, everybody who meant to and did not, and the rules that notice. */
export function LeaksScreen() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const part = openPart(search);
  return (
    <Page
      title="Leaks"
      lead="Where people who were about to act stop, and who they are."
      aside={part === 'rules' ? null : <RangeControls plain />}
    >
      <Tabs
        value={part}
        keepMounted={false}
        onChange={(next) =>
          void navigate({
            search: (old) => ({
              ...old,
              ...(next === 'where'
                ? { state: undefined, rule: undefined, case: undefined, reason: undefined, reached: undefined }
                : {}),
              part: next === 'rules' || next === 'cases' ? next : undefined,
            }),
          })
        }
      >
        <Tabs.List>
          <Tabs.Tab value="where">Where it leaks</Tabs.Tab>
          <Tabs.Tab value="cases">Cases</Tabs.Tab>
          <Tabs.Tab value="rules">Rules</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="where" pt="lg">
          <LeaksReport />
        </Tabs.Panel>
        <Tabs.Panel value="cases" pt="lg">
          <Cases />
        </Tabs.Panel>
        <Tabs.Panel value="rules" pt="lg">
          <Rules />
        </Tabs.Panel>
      </Tabs>
      <CaseDrawer
        id={search.case}
        onClose={() => void navigate({ search: (old) => ({ ...old, case: undefined }), resetScroll: false })}
      />
      <CaseWhy />
    </Page>
  );
}
