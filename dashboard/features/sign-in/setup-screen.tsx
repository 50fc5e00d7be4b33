import { Anchor, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { request } from '../../api/client.ts';
import { setupQuery } from '../../api/queries.ts';
import { type Account, AccountForm } from './account-form.tsx';
import { Door } from './door.tsx';

const route = getRouteApi('/setup');

/** The first owner. The link with the token was printed where the server runs, so only its owner has it. */
export function SetupScreen() {
  const { token } = route.useSearch();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const state = useQuery(setupQuery());
  const setup = useMutation({
    mutationFn: (body: Account) => request('POST', '/setup', { body: { ...body, token: token ?? '' } }),
    onSuccess: async () => {
      queryClient.clear();
      await navigate({ to: '/' });
    },
  });

  if (state.data && !state.data.needed) {
    return (
      <Door title="Already set up" lead="This Telltale has an owner.">
        <Anchor component={Link} to="/sign-in">
          Sign in
        </Anchor>
      </Door>
    );
  }
  if (!token) {
    return (
      <Door title="Almost there" lead="Open the set-up link that Telltale printed when it started.">
        <Text size="sm">
          Look at the terminal, or at the log of the container, for a line with <code>/setup?token=…</code>. The link
          shows that you are the one who runs this server. Restart Telltale to have it printed again.
        </Text>
      </Door>
    );
  }
  return (
    <Door title="Welcome to Telltale" lead="Create the owner's account. More people can be added later.">
      <AccountForm isNew action="Create account" attempt={setup} />
    </Door>
  );
}
