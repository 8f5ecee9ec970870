// The pages on which an operator changes what is kept, and the map.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { signedIn, startBrowser } from './console.mjs';
import { startDaemon, suiteContext } from './daemon.mjs';

let daemon, browser;

describe('the console', () => {
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite);
    browser = await startBrowser(suite);
  });

  test('tokens: created with the secret shown once, then revoked', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await console.visit('/tokens');
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('Name').fill('backend');
    await page.getByLabel('usage:read').check();
    await console.look('tokens_new');
    await page.getByRole('button', { name: 'Create' }).click();
    const secret = await page.locator('.secret code').textContent();
    assert.match(secret, /^tnx_/);
    assert.equal(
      (await daemon.post('/api/v1/credentials/ice', {}, { authorization: `Bearer ${secret}` })).status,
      200,
    );
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByRole('row', { name: /backend/ }).waitFor();
    assert.ok(!(await page.content()).includes(secret));
    await console.look('tokens');

    await page.getByRole('button', { name: 'Revoke backend' }).click();
    await page.keyboard.press('Escape');
    await page
      .getByRole('row', { name: /backend/ })
      .getByText('Valid')
      .waitFor();
    await page.getByRole('button', { name: 'Revoke backend' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page
      .getByRole('row', { name: /backend/ })
      .getByText('Revoked')
      .waitFor();
    const refused = await daemon.post(
      '/api/v1/credentials/ice',
      {},
      { authorization: `Bearer ${secret}` },
    );
    assert.equal(refused.status, 401);
  });

  test('regions: on the map and in words', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    await console.visit('/regions');
    const row = console.page.locator('[data-region=local]');
    await row.getByText('Operational').waitFor();
    await row.click();
    await console.page.locator('.world .region.chosen').waitFor();
    await console.look('regions');
  });

  test('an address that leads nowhere says so', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    await console.visit('/nowhere');
    await console.heading('Nothing here').waitFor();
  });

  test('navigation opens and closes on a narrow screen', async (context) => {
    const console = await signedIn(context, daemon, { browser, viewport: { width: 380, height: 700 } });
    await console.page.getByRole('button', { name: 'Menu' }).click();
    await console.page.getByRole('link', { name: 'Regions' }).click();
    await console.heading('Regions').waitFor();
    await console.page.getByRole('link', { name: 'Tokens' }).waitFor({ state: 'hidden' });
  });
});
