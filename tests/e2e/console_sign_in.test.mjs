// Who may look at the console, and where the token is kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openConsole, signedIn, startBrowser } from './console.mjs';
import { startDaemon, turnixd } from './daemon.mjs';

test('a wrong token is refused in words', async (context) => {
  const console = await openConsole(context, await startDaemon(context));
  await console.page.getByLabel('Token').fill('tnx_wrong');
  await console.page.getByRole('button', { name: 'Sign in' }).click();
  await console.page.getByRole('alert').getByText('This token is not valid here').waitFor();
  console.expectFaults(/401/);
});

test('the token is in the memory of open tabs and nowhere else', async (context) => {
  const daemon = await startDaemon(context);
  const browser = await startBrowser(context);
  const browserContext = await browser.newContext();
  const first = await signedIn(context, daemon, { browserContext });

  const kept = await first.page.evaluate(async () => [
    { ...localStorage },
    { ...sessionStorage },
    document.cookie,
    await indexedDB.databases(),
    await caches.keys(),
  ]);
  assert.deepEqual(kept, [{}, {}, '', [], []]);
  assert.ok(!(await first.page.content()).includes(daemon.token));

  const second = await openConsole(context, daemon, { browserContext });
  await second.page.locator('main#main').waitFor();
  await second.page.getByRole('button', { name: 'Sign out' }).click();
  await first.page.getByLabel('Token').waitFor();
  await second.page.close();

  await first.signIn(daemon.token);
  await first.page.reload();
  await first.page.getByLabel('Token').waitFor();
});

test('a token that is revoked meanwhile is signed out with a reason', async (context) => {
  const daemon = await startDaemon(context);
  const made = await daemon.post('/api/v1/tokens', {
    name: 'short',
    scopes: ['tokens:admin', 'ice:issue'],
  });
  const console = await signedIn(context, daemon, { token: made.body.token });
  await console.visit('/tokens');
  await console.heading('Tokens').waitFor();
  const { code } = await turnixd('token', 'revoke', '--config', daemon.config, made.body.id);
  assert.equal(code, 0);
  await console.visit('/regions');
  await console.page.getByText('Your token is no longer valid').waitFor();
  console.expectFaults(/401/);
});

test('the sign-in page, looked at', async (context) => {
  const console = await openConsole(context, await startDaemon(context));
  await console.look('sign_in');
});
