// Who is signed in. The token lives in the memory of the console's tabs and nowhere else: a new tab asks the
// open ones for it, and with the last tab it is gone.
import { signal } from '@preact/signals';
import type { Token } from './types';

export interface Account {
  token: string;
  /** What the API says of the token. */
  about: Token;
}

type Note = { kind: 'who' } | { kind: 'signed-in'; account: Account } | { kind: 'signed-out' };

/** How long a new tab waits for another one to answer. */
const ANSWER_MS = 150;

export const account = signal<Account | null>(null);
/** Why the sign-in page is shown again, in words. */
export const signedOutBecause = signal('');
/** The project that requests are about; empty: the token's own, or the organisation's default. */
export const project = signal('');

const tabs = new BroadcastChannel('turnixd-console');
const tell = (note: Note) => tabs.postMessage(note);

tabs.onmessage = ({ data }: MessageEvent<Note>) => {
  if (data.kind === 'who' && account.value) tell({ kind: 'signed-in', account: account.value });
  if (data.kind === 'signed-in') account.value ??= data.account;
  if (data.kind === 'signed-out') account.value = null;
};

/** Takes over the account of another open tab, if there is one. */
export const askOtherTabs = async () => {
  tell({ kind: 'who' });
  const deadline = performance.now() + ANSWER_MS;
  while (!account.value && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

export const signIn = (made: Account) => {
  account.value = made;
  signedOutBecause.value = '';
  tell({ kind: 'signed-in', account: made });
};

export const signOut = (because = '') => {
  if (!account.value) return;
  account.value = null;
  project.value = '';
  signedOutBecause.value = because;
  tell({ kind: 'signed-out' });
};

/** Whether the token has a scope. */
export const may = (scope: string) => account.value?.about.scopes.includes(scope) ?? false;
