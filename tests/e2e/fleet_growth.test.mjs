// Nodes that are added to regions.yaml, and taken away, while the others run.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { onEnd, suiteContext, turnixd } from './daemon.mjs';
import { initialiseFleet, startNode, writeRegions } from './fleet.mjs';
import { TurnClient } from './turn_client.mjs';

const WITHIN_MS = 10_000;

describe('a fleet that grows and shrinks by reloads', () => {
  const suite = suiteContext();

  const get = async (node, target) => (await node.daemon.ask('GET', `/api/v1/${target}`)).body;
  const until = async (node, target, isWanted) => {
    const deadline = Date.now() + WITHIN_MS;
    for (;;) {
      const body = await get(node, target);
      if (isWanted(body)) return body;
      assert.ok(Date.now() < deadline, `${node.region}, ${target}: ${JSON.stringify(body)}`);
      await sleep(50);
    }
  };
  const reload = async (node, nodes) => {
    await writeRegions(node, nodes);
    const { code, stderr } = await turnixd('reload', '--config', node.home.config);
    assert.equal(code, 0, stderr);
  };
  const serve = (count) => (regions) =>
    regions.length === count && regions.every(({ is_operational }) => is_operational);

  test('hears and asks a new node at once, and asks one no more that is gone', async (context) => {
    const nodes = await initialiseFleet(suite, ['north', 'south', 'west'], { join: true });
    const [north, south, west] = nodes;
    const first = [north, south];
    for (const node of first) {
      await writeRegions(node, first);
      await startNode(suite, node);
    }
    for (const node of first) await until(node, 'regions', (body) => Array.isArray(body) && serve(2)(body));

    for (const node of first) await reload(node, nodes);
    assert.deepEqual((await get(north, 'sessions')).partial, ['west'], 'it is meant, and not yet there');
    await startNode(suite, west);
    for (const node of nodes) await until(node, 'regions', (body) => Array.isArray(body) && serve(3)(body));
    for (const node of nodes) await until(node, 'sessions', ({ partial }) => partial?.length === 0);

    const credential = await north.daemon.credential({ fixed_region: 'west', room: 'new', ttl: 600 });
    const client = await TurnClient.connect(west.daemon.server('udp'), credential);
    onEnd(context, () => client.close());
    assert.equal((await client.allocate()).errorCode, undefined);
    for (const node of nodes)
      await until(node, 'sessions?state=live&room=new', ({ items, partial }) =>
        items.length === 1 && items[0].region === 'west' && partial.length === 0,
      );

    for (const node of first) await reload(node, first);
    for (const node of first) {
      const { items, partial } = await get(node, 'sessions?state=live&room=new');
      assert.deepEqual([items, partial], [[], []]);
    }
    await until(west, 'sessions', ({ partial }) => partial.join() === 'north,south');
  });
});
