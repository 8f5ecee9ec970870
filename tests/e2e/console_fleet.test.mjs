// Regions that gossip, as the console's map shows them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { signedIn } from './console.mjs';
import { suiteContext } from './daemon.mjs';
import { initialiseFleet, startNode } from './fleet.mjs';

const REGIONS = ['north', 'south', 'west'];

describe('the map of a fleet', () => {
  const suite = suiteContext();

  test('shows load and round trips as they are measured, and who is gone', async (context) => {
    const nodes = await initialiseFleet(suite, REGIONS);
    await Promise.all(nodes.map((node) => startNode(suite, node)));
    const console = await signedIn(context, nodes[0].daemon);
    const { page } = console;
    await console.visit('/regions');
    for (const region of REGIONS) {
      await page.locator(`[data-region=${region}]`).getByText('0 % full').waitFor();
    }
    const roundTrips = page.getByRole('region', { name: 'Round trips' }).getByRole('listitem');
    await roundTrips.nth(2).waitFor();
    for (const line of await roundTrips.allTextContents()) assert.match(line, /– \w+\d+(\.\d)? ms$/);
    assert.equal(await page.locator('.world .way').count(), 3);
    await page.locator('[data-region=south]').click();
    assert.equal(await page.locator('.world .way.chosen').count(), 2);
    assert.equal(await page.getByRole('button', { name: /^Drain/ }).count(), 1, 'a node drains its own');
    await console.look('regions_fleet');

    await nodes[1].daemon.kill();
    await page.locator('[data-region=south]').getByText('Offline').waitFor();
    await nodes[2].daemon.kill();
    await page.getByText('only a minority of the fleet').waitFor();
  });
});
