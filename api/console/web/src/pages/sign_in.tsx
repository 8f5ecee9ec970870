import { useState } from 'preact/hooks';
import { signedOutBecause, signIn } from '../api/account';
import { ApiError, readToken } from '../api/client';
import { Logo } from '../ui/logo';
import { ErrorNote } from '../ui/parts';
import { ThemeSwitch } from '../ui/theme';

const reasonOf = (fault: unknown) =>
  fault instanceof ApiError && fault.status === 401
    ? new Error('This token is not valid here: unknown, expired or revoked. Is it copied whole?')
    : (fault as Error);

export const SignInPage = () => {
  const [token, setToken] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<Error>();
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFault(undefined);
    try {
      signIn({ token: token.trim(), about: await readToken(token.trim()) });
    } catch (thrown) {
      setFault(reasonOf(thrown));
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <div class="sign-in-theme">
        <ThemeSwitch />
      </div>
      <form onSubmit={submit}>
        <Logo size={48} />
        <h1>turnixd</h1>
        <p class="lead">Sign in with an API token.</p>
        {signedOutBecause.value && !fault && (
          <p class="note warn" role="status">
            {signedOutBecause.value}
          </p>
        )}
        {fault && <ErrorNote error={fault} />}
        <label>
          <span>Token</span>
          <input
            type="password"
            name="token"
            required
            autofocus
            autocomplete="current-password"
            placeholder="tnx_…"
            spellcheck={false}
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary wide" disabled={isBusy || token.trim() === ''}>
          {isBusy ? 'Signing in…' : 'Sign in'}
        </button>
        <p class="hint">
          It stays in the memory of the console’s open tabs, and is gone when the last of them is closed
          or reloaded. A new one: <code>turnixd token create</code>.
        </p>
      </form>
    </main>
  );
};
