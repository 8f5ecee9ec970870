// Regions that gossip, as the console shows them: on the map, in sums, and where one is missing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { signedIn } from './console.mjs';
import { onEnd, suiteContext } from './daemon.mjs';
import { initialiseFleet, startNode } from './fleet.mjs';
import { TurnClient } from './turn_client.mjs';

const REGIONS = ['north', 'south', 'west'];

describe('the console of a fleet', () => {
  const suite = suiteContext();

  test('shows load, round trips and the figures of all, and who is gone', async (context) => {
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

    const credential = await nodes[0].daemon.credential({ fixed_region: 'south', room: 'far', ttl: 600 });
    const client = await TurnClient.connect(nodes[1].daemon.server('udp'), credential);
    onEnd(context, () => client.close());
    assert.equal((await client.allocate()).errorCode, undefined);
    await console.visit('/overview');
    const live = page.locator('.figure', { hasText: 'Live sessions' }).locator('.figure-value');
    await live.getByText('1', { exact: true }).waitFor();
    const note = page.getByRole('status').getByText('No answer from south');
    assert.equal(await note.count(), 0);

    await nodes[1].daemon.kill();
    await note.waitFor();
    await live.getByText('0', { exact: true }).waitFor();
    for (const place of ['/sessions', '/rooms', '/clients?past', '/usage']) {
      await console.visit(place);
      await note.waitFor();
    }
    await console.look('usage_partial');
    await console.visit('/regions');
    await page.locator('[data-region=south]').getByText('Offline').waitFor();
    await nodes[2].daemon.kill();
    await page.getByText('only a minority of the fleet').waitFor();
  });
});
