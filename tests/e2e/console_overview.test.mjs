// The figures of this moment in the console, and the charts that move by themselves.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startCall } from './calls.mjs';
import { signedIn, startBrowser } from './console.mjs';
import { startDaemon, suiteContext } from './daemon.mjs';

const CALLS = [
  ['udp', 'standup'],
  ['tcp', 'interview'],
  ['tls', 'support-7'],
];
const CALL_EVERY_MS = 5_000;

describe('the overview', () => {
  let daemon, browser;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite);
    browser = await startBrowser(suite);
  });

  test('tells of calls and refusals as they come, without being loaded anew', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await console.heading('Overview').waitFor();
    const figure = (name) => page.locator('.figure', { hasText: name }).locator('.figure-value');
    await figure('Live sessions').getByText('0', { exact: true }).waitFor();
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    for (const [transport, room] of CALLS) {
      await startCall(context, daemon, transport, { room });
      const { status } = await daemon.post('/api/v1/credentials/ice', { fixed_region: 'us-east' });
      assert.equal(status, 503);
      await pause(CALL_EVERY_MS);
    }
    await figure('Live sessions').getByText('6', { exact: true }).waitFor();
    await page.getByText('API: region takes no sessions').waitFor();
    await page.getByRole('link', { name: 'support-7' }).first().waitFor();
    const rate = page.getByRole('img', { name: /^From clients [1-9].* [kM]bit\/s/ });
    await rate.waitFor();
    assert.deepEqual([...new Set(asked)], ['/api/v1/sessions'], 'figures come by themselves');
    await console.look('overview');

    await page.getByRole('link', { name: 'This whole node' }).click();
    await page.getByText(/^of .* at most/).waitFor();
    await page.getByText('Relay: first request').waitFor();
  });

  test('listens again when the server has ended the stream', async (context) => {
    const own = await startDaemon(context);
    const { body } = await own.post('/api/v1/tokens', { name: 'looks', scopes: ['stats:read'] });
    const console = await signedIn(context, own, { browser, token: body.token });
    const { page } = console;
    await page.getByRole('img', { name: /live sessions/ }).waitFor();
    const again = page.waitForRequest(/\/events$/);
    const scopes = ['stats:read', 'usage:read'];
    assert.equal((await own.ask('PATCH', `/api/v1/tokens/${body.id}`, { scopes })).status, 200);
    await again;
    await startCall(context, own, 'udp');
    await page.getByRole('img', { name: /^2 live sessions/ }).waitFor();
    assert.equal(await page.getByRole('heading', { name: 'Began last' }).count(), 0);
  });
});
