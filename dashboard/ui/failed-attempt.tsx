import { Alert } from '@mantine/core';
import { errorText } from './notify.tsx';

/** Above a form: why what was tried with it did not work. Nothing while all is well. */
export function FailedAttempt({ of: attempt }: { of: { isError: boolean; error: Error | null } }) {
  return attempt.isError ? (
    <Alert color="copper" role="alert">
      {errorText(attempt.error)}
    </Alert>
  ) : null;
}
