import '@fontsource-variable/instrument-sans';
import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import './global.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/client.ts';
import { createDashboardRouter } from './router.tsx';
import { cssVariables, theme } from './theme.ts';

/** The nonce that the server wrote into the page: styles made at run time carry it. */
function styleNonce(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  return meta?.nonce ?? '';
}

function start(element: HTMLElement): void {
  // TRICKY: the scroll lock behind drawers and modals makes a style tag of its own and looks for its nonce under this name.
  Object.assign(globalThis, { __webpack_nonce__: styleNonce() });
  const queryClient = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) =>
          failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
        retryDelay: (attempt) => 400 * 2 ** attempt,
      },
    },
    queryCache: new QueryCache({ onError: toSignIn }),
    mutationCache: new MutationCache({ onError: toSignIn }),
  });
  const router = createDashboardRouter(queryClient);

  /** A session that ended while the page was open leads to the sign-in, and from there back. */
  function toSignIn(error: unknown): void {
    if (!(error instanceof ApiError) || error.code !== 'unauthorized') return;
    const { pathname, href } = router.state.location;
    if (!pathname.startsWith('/sites') && pathname !== '/new-site') return;
    queryClient.removeQueries({ queryKey: ['me'] });
    void router.navigate({ to: '/sign-in', search: { next: href } });
  }

  createRoot(element).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariables}
        defaultColorScheme="auto"
        getStyleNonce={styleNonce}
      >
        <QueryClientProvider client={queryClient}>
          <Notifications position="bottom-right" autoClose={6_000} />
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

const reloadedKey = 'telltale.reloaded';

/** After an upgrade an open page asks for files that are gone: load the new page, but never in a circle. */
function reloadWhenOutdated(): void {
  window.addEventListener('vite:preloadError', (event) => {
    if (Date.now() - Number(sessionStorage.getItem(reloadedKey)) < 30_000) return;
    event.preventDefault();
    sessionStorage.setItem(reloadedKey, String(Date.now()));
    window.location.reload();
  });
}

const element = document.getElementById('root');
if (element) {
  reloadWhenOutdated();
  start(element);
}
