// What the console says and does when something fails, and when there is more than it shows.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { signedIn, startBrowser } from './console.mjs';
import { startDaemon, suiteContext } from './daemon.mjs';

describe('the console, when something fails', () => {
  let daemon, browser;
  const suite = suiteContext();
  before(async () => {
    daemon = await startDaemon(suite);
    browser = await startBrowser(suite);
  });

  const tokensNamed = async (wanted) => {
    const { body } = await daemon.ask('GET', '/api/v1/tokens?limit=100');
    return body.items.filter(({ name }) => name === wanted);
  };

  test('a form waits, and what was done unheard is not done again', async (context) => {
    const console = await signedIn(context, daemon, { browser });
    const { page } = console;
    await console.visit('/tokens');
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('Name').fill('once');
    await page.getByLabel('Expires').selectOption('in a week');
    const create = page.getByRole('dialog').getByRole('button', { name: 'Create' });

    let loseAnswer;
    const isLost = new Promise((resolve) => {
      loseAnswer = resolve;
    });
    await page.route(
      '**/api/v1/tokens',
      async (route) => {
        await route.fetch();
        await isLost;
        await route.abort();
      },
      { times: 1 },
    );
    await create.click();
    await page.waitForFunction(() => document.querySelector('dialog [type=submit]').disabled);
    await page.getByLabel('Name').press('Enter');
    loseAnswer();
    await page.getByRole('alert').getByText('The node does not answer').waitFor();
    console.expectFaults(/ERR_FAILED/);

    await create.click();
    await page.locator('.secret code').waitFor();
    assert.equal((await tokensNamed('once')).length, 1);
  });
});
