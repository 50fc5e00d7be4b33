import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { request } from '../../api/client.ts';
import { type Account, AccountForm } from './account-form.tsx';
import { Door } from './door.tsx';

const route = getRouteApi('/sign-in');

export function SignInScreen() {
  const { next } = route.useSearch();
  const router = useRouter();
  const queryClient = useQueryClient();
  const signIn = useMutation({
    mutationFn: (body: Account) => request('POST', '/login', { body }),
    onSuccess: async () => {
      queryClient.clear();
      router.history.push(next ?? '/');
    },
  });
  return (
    <Door title="Sign in" lead="See where your leads leak.">
      <AccountForm action="Sign in" attempt={signIn} />
    </Door>
  );
}
